"""Deposits and the invoice that deducts them stay together: from the draft to its issue, and when corrected."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from services.invoices.commands.payments import ReversePayment
from services.invoices.domain.document.content import DocumentType
from services.invoices.handlers import deductions, payments
from services.invoices.handlers.receivables import load_receivable
from services.invoices.history import payment_of
from services.invoices.replies import owed_again
from shared.contracts.errors import ErrorCode, PublicError
from tests.unit.invoices.contents import sold
from tests.unit.invoices.quoting import Sales
from tests.unit.invoices.test_quotes import accepted, refused


@pytest.fixture
def sales() -> Sales:
    return Sales()


def take_payments_back(sales: Sales) -> list[dict[str, Any]]:
    """Take back what was paid, as a bank does; return what is answered."""
    answers = []
    for event in [each for each in sales.shop.log() if each.type == "PaymentRecorded"]:
        asked = ReversePayment(payment_of(event.stream), sales.today, "returned")
        answers.append(owed_again(payments.reverse_payment(sales.ports, asked, **sales.call())))
    return answers


def owed(sales: Sales, invoice_id: str) -> str:
    return str(load_receivable(sales.ports, sales.shop.tenant, invoice_id)[0].owed)


def deducting_and_deducted(sales: Sales, deposit_id: str, final_id: str) -> tuple[str | None, list[tuple[str, str]]]:
    """Return the id of what deducts the deposit, and id and amount of what the invoice deducts and is owed."""
    ports, tenant = sales.ports, sales.shop.tenant
    final = deductions.deducting(ports, tenant, deposit_id)
    deposits = [(issued.invoice_id, str(left)) for issued, left in deductions.deducted(ports, tenant, final_id)]
    return None if final is None else final.invoice_id, deposits


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


def test_a_deposit_whose_payment_bounced_is_owed_again_and_says_who_deducts_it(sales: Sales) -> None:
    deposit_id, final_id = with_deposit(sales)
    assert deducting_and_deducted(sales, deposit_id, final_id) == (None, [])
    sales.shop.issue(final_id)
    assert deducting_and_deducted(sales, deposit_id, final_id) == (final_id, [(deposit_id, "0.00")])
    before = owed(sales, final_id)
    assert take_payments_back(sales) == [{"owed_again": [{"invoice_id": deposit_id, "amount": Decimal("357.00")}]}]
    assert (owed(sales, deposit_id), owed(sales, final_id)) == ("357.00", before)
    assert deducting_and_deducted(sales, deposit_id, final_id) == (final_id, [(deposit_id, "357.00")])
    sales.pay(deposit_id)
    assert deducting_and_deducted(sales, deposit_id, final_id) == (final_id, [(deposit_id, "0.00")])


def test_a_deposit_that_is_not_paid_any_more_can_be_invoiced_with_the_whole(sales: Sales) -> None:
    deposit_id, final_id = with_deposit(sales)
    sales.shop.issue(final_id)
    take_payments_back(sales)
    replaced = sales.shop.replace(final_id)
    sales.shop.issue(replaced.credit_note.invoice_id)
    assert deducting_and_deducted(sales, deposit_id, final_id) == (None, [])
    sales.shop.issue(sales.shop.credit(deposit_id).invoice_id)
    whole = replaced.invoice.invoice_id
    kept = [line for line in sales.shop.found(whole).content.lines if line.quantity > 0]
    change(sales, whole, {"lines": tuple(kept), "preceding": ()})
    sales.shop.issue(whole)
    assert (str(sales.shop.found(whole).totals.net), owed(sales, deposit_id)) == ("1000.00", "0.00")


def test_a_payment_that_is_taken_back_meanwhile_is_noticed(sales: Sales, monkeypatch: pytest.MonkeyPatch) -> None:
    _, final_id = with_deposit(sales)
    append, log = type(sales.ports.log).append, sales.ports.log

    def late(*arguments: object, **named: object) -> object:
        monkeypatch.setattr(type(log), "append", append)
        take_payments_back(sales)
        return append(*arguments, **named)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(type(log), "append", late)
    with pytest.raises(PublicError) as caught:
        sales.shop.issue(final_id)
    assert caught.value.code is ErrorCode.DEPOSIT_UNSETTLED
