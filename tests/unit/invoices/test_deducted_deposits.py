"""Deposits and the invoice that deducts them stay together: from the draft to its issue, and when corrected."""

from dataclasses import replace

import pytest

from services.invoices.commands.payments import ReversePayment
from services.invoices.domain.document.content import DocumentType
from services.invoices.handlers import payments
from services.invoices.history import payment_of
from shared.contracts.errors import ErrorCode, PublicError
from tests.unit.invoices.contents import sold
from tests.unit.invoices.quoting import Sales
from tests.unit.invoices.test_quotes import accepted, refused


@pytest.fixture
def sales() -> Sales:
    return Sales()


def take_payments_back(sales: Sales) -> None:
    """Take back what was paid, as a bank does."""
    for event in [each for each in sales.shop.log() if each.type == "PaymentRecorded"]:
        asked = ReversePayment(payment_of(event.stream), sales.today, "returned")
        payments.reverse_payment(sales.ports, asked, **sales.call())


def change(sales: Sales, invoice_id: str, changes: dict[str, object]) -> None:
    """Have a draft say something else."""
    said = replace(sales.shop.found(invoice_id).content, **changes)  # type: ignore[arg-type]  # of any field
    sales.shop.change(invoice_id, sales.shop.version(invoice_id), said)


def with_deposit(sales: Sales) -> tuple[str, str]:
    """Return a deposit that was paid, and the draft that deducts it."""
    quote_id = accepted(sales)
    return sales.paid_deposit(quote_id, "30"), sales.final(quote_id).invoice_id


def test_a_final_invoice_is_not_issued_when_its_deposit_is_no_longer_paid(sales: Sales) -> None:
    deposit_id, final_id = with_deposit(sales)
    take_payments_back(sales)
    with refused(ErrorCode.DEPOSIT_UNSETTLED):
        sales.shop.issue(final_id)
    sales.pay(deposit_id)
    sales.shop.issue(final_id)


def test_a_final_invoice_is_not_issued_when_its_deposit_was_credited(sales: Sales) -> None:
    quote_id = accepted(sales)
    deposit_id = sales.paid_deposit(quote_id, "30")
    final_id = sales.final(quote_id).invoice_id
    sales.shop.issue(sales.shop.credit(deposit_id).invoice_id)
    with refused(ErrorCode.DEPOSIT_UNSETTLED):
        sales.shop.issue(final_id)
    sales.shop.discard(final_id)
    again = sales.final(quote_id).invoice_id
    sales.shop.issue(again)
    assert str(sales.shop.found(again).totals.net) == "1000.00"


def test_a_deposit_is_credited_after_the_invoice_that_deducts_it(sales: Sales) -> None:
    deposit_id, final_id = with_deposit(sales)
    sales.shop.issue(final_id)
    note_id = sales.shop.credit(deposit_id).invoice_id
    with refused(ErrorCode.NOT_CREDITABLE):
        sales.shop.issue(note_id)
    replaced = sales.shop.replace(final_id)
    sales.shop.issue(replaced.credit_note.invoice_id)
    sales.shop.issue(replaced.invoice.invoice_id)
    with refused(ErrorCode.NOT_CREDITABLE):
        sales.shop.issue(note_id)
    sales.shop.issue(sales.shop.credit(replaced.invoice.invoice_id).invoice_id)
    sales.shop.issue(note_id)


def test_a_copy_of_a_final_invoice_does_not_deduct_the_deposit_again(sales: Sales) -> None:
    _, final_id = with_deposit(sales)
    sales.shop.issue(final_id)
    for invoice_id in (final_id, sales.shop.replace(final_id).invoice.invoice_id):
        copy = sales.shop.found(sales.shop.duplicate(invoice_id).invoice_id)
        assert str(copy.totals.net) == "1000.00"
        assert copy.content.preceding == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"document_type": DocumentType.INVOICE}, ErrorCode.DOCUMENT_INVALID),
        ({"currency": "CHF"}, ErrorCode.DOCUMENT_INVALID),
        ({"lines": (sold("1", "1001", "19"),)}, ErrorCode.DEPOSIT_EXCEEDS_QUOTE),
        ({"lines": (sold("1", "100", "7"),)}, ErrorCode.DEPOSIT_EXCEEDS_QUOTE),
    ],
)
def test_a_deposit_that_goes_beyond_its_quote_is_not_issued(
    sales: Sales, changes: dict[str, object], code: ErrorCode
) -> None:
    deposit_id = sales.deposit(accepted(sales), "30").invoice_id
    change(sales, deposit_id, changes)
    with refused(code):
        sales.shop.issue(deposit_id)


@pytest.mark.parametrize("changes", [{"lines": (sold("1", "1000", "19"),)}, {"preceding": ()}, {"currency": "CHF"}])
def test_a_final_invoice_that_deducts_no_more_is_not_issued(sales: Sales, changes: dict[str, object]) -> None:
    _, final_id = with_deposit(sales)
    change(sales, final_id, changes)
    with refused(ErrorCode.DOCUMENT_INVALID):
        sales.shop.issue(final_id)


def test_a_final_invoice_can_be_worded_differently(sales: Sales) -> None:
    _, final_id = with_deposit(sales)
    change(sales, final_id, {"note": "Thank you."})
    sales.shop.issue(final_id)


def test_a_payment_that_is_taken_back_meanwhile_is_noticed(sales: Sales, monkeypatch: pytest.MonkeyPatch) -> None:
    _, final_id = with_deposit(sales)
    append, log = type(sales.ports.log).append, sales.ports.log

    def late(*arguments: object) -> object:
        monkeypatch.setattr(type(log), "append", append)
        take_payments_back(sales)
        return append(*arguments)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(type(log), "append", late)
    with pytest.raises(PublicError) as caught:
        sales.shop.issue(final_id)
    assert caught.value.code is ErrorCode.DEPOSIT_UNSETTLED
