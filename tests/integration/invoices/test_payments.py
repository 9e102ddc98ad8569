"""Payments over a real log: each counted once, none given out beyond what there is, whoever is at it meanwhile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest

from services.invoices.domain.claim import refund_claim_id
from services.invoices.domain.document.content import DocumentType
from services.invoices.domain.matching import Ground
from services.invoices.domain.receivable import PaymentState
from services.invoices.history import payment_of
from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.ids import new_id
from tests.integration.invoices.paying import DAY, Till, share
from tests.integration.invoices.trade import Trade, command_id, refused_with

pytestmark = pytest.mark.integration
AT_ONCE = 6


@pytest.fixture
def till(trade: Trade) -> Till:
    return Till(trade)


@pytest.fixture
def customer(trade: Trade) -> str:
    return trade.customer()


@pytest.fixture
def issued(trade: Trade, customer: str) -> Callable[[], str]:
    """Issues another invoice over 23.21 to the customer."""
    return lambda: trade.issued(customer).invoice_id


def test_one_payment_settles_two_invoices_and_what_is_over_is_credit(
    till: Till, customer: str, issued: Callable[[], str]
) -> None:
    first, second = issued(), issued()
    payment = till.recorded(customer, "50.00", share(first, "23.21"), share(second, "23.21"))
    assert [till.owed(each)[1].state for each in (first, second)] == [PaymentState.PAID] * 2
    assert till.payment(payment).free == Decimal("3.58")


def test_a_prepayment_waits_until_there_is_an_invoice(till: Till, customer: str, issued: Callable[[], str]) -> None:
    payment = till.recorded(customer, "20.00")
    invoice = issued()
    till.allocate(payment, share(invoice, "20.00"))
    receivable, standing = till.owed(invoice)
    assert (str(receivable.paid), str(standing.owed)) == ("20.00", "3.21")
    assert till.payment(payment).free == 0
    assert standing.state is PaymentState.OVERDUE  # issued on 2 June, due at once


def test_what_was_paid_as_a_deposit_is_not_owed_on_the_final_invoice(till: Till, trade: Trade, customer: str) -> None:
    deposit = trade.issued(customer, document_type=DocumentType.PREPAYMENT_INVOICE).invoice_id
    payment = till.recorded(customer, "23.21", share(deposit, "23.21"))
    final = trade.issued(customer, prepaid=Decimal("20.00")).invoice_id
    assert till.owed(final)[1].owed == Decimal("3.21")
    with refused_with(ErrorCode.PAYMENT_SPENT):
        till.allocate(payment, share(final, "3.21"))


def test_a_deposit_that_the_final_invoice_does_not_name_is_set_against_it(
    till: Till, customer: str, issued: Callable[[], str]
) -> None:
    deposit, final = issued(), issued()
    payment = till.recorded(customer, "23.21", share(deposit, "23.21"))
    till.undo(payment, deposit)
    till.allocate(payment, share(final, "23.21"))
    assert [till.owed(each)[0].paid for each in (deposit, final)] == [Decimal(0), Decimal("23.21")]


def test_a_direct_debit_that_bounced_opens_what_it_had_paid(
    till: Till, customer: str, issued: Callable[[], str]
) -> None:
    first, second = issued(), issued()
    payment = till.recorded(customer, "46.42", share(first, "23.21"), share(second, "23.21"))
    till.reverse(payment)
    assert [till.owed(each)[1].owed for each in (first, second)] == [Decimal("23.21")] * 2
    with refused_with(ErrorCode.PAYMENT_REVERSED):
        till.allocate(payment, share(first, "1.00"))


def test_what_was_refunded_of_a_payment_that_bounced_is_claimed_and_paid_like_an_invoice(
    till: Till, customer: str, issued: Callable[[], str]
) -> None:
    invoice = issued()
    payment = till.recorded(customer, "30.00", share(invoice, "23.21"))
    till.refund(payment, "6.79")
    till.reverse(payment)
    claim = refund_claim_id(payment)
    assert [till.owed(each)[1].owed for each in (invoice, claim)] == [Decimal("23.21"), Decimal("6.79")]
    till.recorded(customer, "30.00", share(invoice, "23.21"), share(claim, "6.79"))
    assert [till.owed(each)[1].state for each in (invoice, claim)] == [PaymentState.PAID] * 2


def test_a_value_date_that_can_only_be_a_slip_is_refused(till: Till, customer: str) -> None:
    for day in (date(1, 1, 1), date(9998, 12, 31)):
        with refused_with(ErrorCode.VALUE_DATE_INVALID):
            till.record(customer, "1.00", value_date=day)


def test_free_money_is_refunded_and_no_more(till: Till, customer: str) -> None:
    payment = till.recorded(customer, "10.00")
    till.refund(payment, "4.00")
    with refused_with(ErrorCode.PAYMENT_SPENT):
        till.refund(payment, "6.01")
    assert till.payment(payment).free == 6


def test_what_is_written_off_can_be_owed_again(till: Till, issued: Callable[[], str]) -> None:
    invoice = issued()
    till.write_off(invoice)
    assert till.owed(invoice)[1].state is PaymentState.WRITTEN_OFF
    till.reverse_write_off(invoice)
    assert till.owed(invoice)[1].owed == Decimal("23.21")


def test_nobody_pays_for_a_draft_or_a_credit_note(till: Till, trade: Trade, customer: str) -> None:
    draft, note = trade.draft(customer), trade.issued(customer, document_type=DocumentType.CREDIT_NOTE)
    with refused_with(ErrorCode.INVOICE_NOT_ISSUED):
        till.record(customer, "1.00", share(draft.invoice_id, "1.00"))
    with refused_with(ErrorCode.NOTHING_OWED):
        till.record(customer, "1.00", share(note.invoice_id, "1.00"))
    with refused_with(ErrorCode.INVOICE_UNKNOWN):
        till.record(customer, "1.00", share(new_id(), "1.00"))


def test_allocations_that_are_asked_for_together_happen_together_or_not_at_all(
    till: Till, customer: str, issued: Callable[[], str]
) -> None:
    first, second = issued(), issued()
    size = till.trade.ports.log.head(till.trade.tenant).size
    with refused_with(ErrorCode.MORE_THAN_OWED):
        till.record(customer, "60.00", share(first, "23.21"), share(second, "23.22"))
    assert till.trade.ports.log.head(till.trade.tenant).size == size


def test_a_bank_line_that_is_imported_twice_is_one_payment(till: Till, customer: str) -> None:
    first = till.record(customer, "10.00", external_id="2026-06-20/17")
    size = till.trade.ports.log.head(till.trade.tenant).size
    assert till.process().record(customer, "10.00", external_id="2026-06-20/17") == first
    assert till.record(customer, "10.00", external_id=" 2026-06-20/17 ") == first
    with refused_with(ErrorCode.BANK_LINE_DIFFERS):
        till.record(customer, "10.01", external_id="2026-06-20/17")
    assert till.trade.ports.log.head(till.trade.tenant).size == size


def test_a_bank_line_with_other_allocations_is_refused_whatever_became_of_the_first_ones(
    till: Till, customer: str, issued: Callable[[], str]
) -> None:
    first, second = issued(), issued()
    line = till.record(customer, "30.00", share(first, "10.00"), external_id="line")
    payment = payment_of(line.stream)
    till.allocate(payment, share(second, "5.00"))
    for shares in ((), (share(second, "10.00"),), (share(first, "10.00"), share(second, "5.00"))):
        with refused_with(ErrorCode.BANK_LINE_DIFFERS):
            till.record(customer, "30.00", *shares, external_id="line")
    till.undo(payment, first)
    assert till.record(customer, "30.00", share(first, "10.00"), external_id="line") == line
    assert till.payment(payment).free == 25


def test_a_bank_line_that_many_import_at_once_is_one_payment(till: Till, customer: str) -> None:
    tills = [till.process() for _ in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        told = list(threads.map(lambda each: each.recorded(customer, "10.00", external_id="line"), tills))
    assert told == [told[0]] * AT_ONCE


def test_many_payments_at_once_never_pay_an_invoice_twice(till: Till, customer: str, issued: Callable[[], str]) -> None:
    invoice = issued()
    waiting = [(till.process(), till.recorded(customer, "10.00")) for _ in range(AT_ONCE)]

    def pay(one: tuple[Till, str]) -> None:
        with suppress(PublicError):
            one[0].allocate(one[1], share(invoice, "10.00"))

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(pay, waiting))
    receivable, standing = till.owed(invoice)
    assert (str(receivable.paid), str(standing.owed)) == ("20.00", "3.21")
    assert sum(till.payment(payment).free for _, payment in waiting) == 10 * AT_ONCE - 20


def test_one_payment_that_many_allocate_at_once_is_never_overdrawn(
    till: Till, customer: str, issued: Callable[[], str]
) -> None:
    payment = till.recorded(customer, "25.00")
    waiting = [(till.process(), issued()) for _ in range(AT_ONCE)]

    def pay(one: tuple[Till, str]) -> None:
        with suppress(PublicError):
            one[0].allocate(payment, share(one[1], "10.00"))

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(pay, waiting))
    assert till.payment(payment).free == 5
    assert sum(till.owed(invoice)[0].paid for _, invoice in waiting) == 20


def test_a_command_that_races_itself_gives_money_out_once_and_both_get_the_answer(
    till: Till, customer: str, issued: Callable[[], str]
) -> None:
    payment, invoice, command = till.recorded(customer, "23.21"), issued(), command_id()
    tills = [till.process() for _ in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        told = list(threads.map(lambda each: each.allocate(payment, share(invoice, "23.21"), command=command), tills))
    assert told == [told[0]] * AT_ONCE
    assert till.owed(invoice)[0].paid == Decimal("23.21")


def test_what_a_payer_wrote_is_suggested_and_nothing_is_booked(till: Till, trade: Trade, customer: str) -> None:
    invoices = [trade.issued(customer) for _ in range(3)]
    payment = till.recorded(customer, "23.21", remittance=f"Rg. {invoices[1].number} vom 2.6.")
    found = till.suggested(payment)
    assert [(each.invoice_id, each.amount) for each in found] == [(invoices[1].invoice_id, Decimal("23.21"))]
    assert found[0].grounds == (Ground.NUMBER, Ground.AMOUNT)
    assert till.owed(invoices[1].invoice_id, DAY)[0].paid == 0
