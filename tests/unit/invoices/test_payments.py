"""Payments and what is owed: nothing is given out twice, whatever is done in whatever order."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.invoices.domain.bank_line import line_name, require_same_line
from services.invoices.domain.claim import claim_after_reversal, claimed_in
from services.invoices.domain.events import Event
from services.invoices.domain.events.payments import InvoiceWrittenOff, Method, PaymentAllocated
from services.invoices.domain.payment import (
    Payment,
    decide_allocation,
    decide_refund,
    decide_reversal,
    decide_undoing,
    fold_payment,
    payment_after,
    require_payable,
    require_value_date,
)
from services.invoices.domain.receivable import (
    PaymentState,
    Receivable,
    receivable_after,
    standing,
)
from shared.contracts.errors import ErrorCode, PublicError
from tests.unit.invoices.owing import DUE, amount, owed, payment, refused

PAYMENT = "019aa0e5-0000-7000-8000-00000000000f"
CENTS = st.integers(1, 50_000).map(lambda cents: Decimal(cents) / 100)


def allocated(from_: Payment, to: Receivable, share: Decimal) -> tuple[Payment, Receivable]:
    given_out, received = decide_allocation(from_, to, share)
    return payment_after(from_, given_out), receivable_after(to, received)


def test_a_payment_in_full_settles_an_invoice() -> None:
    paying, paid = allocated(payment(), owed(), amount("100"))
    assert paying.free == 0
    assert standing(paid, DUE + timedelta(days=365)).state is PaymentState.PAID


def test_what_is_over_stays_free_and_can_be_allocated_later() -> None:
    paying, _ = allocated(payment("150.00"), owed(), amount("100"))
    assert paying.free == amount("50.00")
    paying, later = allocated(paying, owed("80.00", "i2"), paying.free)
    assert (paying.free, later.owed) == (amount("0"), amount("30.00"))


def test_more_than_is_free_is_refused_and_the_refusal_says_how_much_is() -> None:
    with refused(ErrorCode.PAYMENT_SPENT) as refusal:
        decide_allocation(payment("40.00"), owed(), amount("40.01"))
    assert refusal.value.details == {"free": "40.00"}


def test_more_than_is_owed_is_refused_and_the_refusal_says_how_much_is() -> None:
    with refused(ErrorCode.MORE_THAN_OWED) as refusal:
        decide_allocation(payment("400.00"), owed(), amount("100.01"))
    assert refusal.value.details == {"owed": "100.00"}


def test_what_is_settled_takes_no_money() -> None:
    with refused(ErrorCode.NOTHING_OWED):
        decide_allocation(payment(), owed("0.00"), amount("1"))


def test_money_stays_with_its_customer_and_in_its_currency() -> None:
    with refused(ErrorCode.PAYER_DIFFERS):
        decide_allocation(payment(), replace(owed(), customer_id="c2"), amount("1"))
    with refused(ErrorCode.CURRENCY_DIFFERS):
        decide_allocation(payment(), replace(owed(), currency="PLN"), amount("1"))


def test_what_is_undone_is_free_and_owed_again() -> None:
    paying, paid = allocated(payment(), owed(), amount("60"))
    undone, returned = decide_undoing(paying, "i1", "wrong invoice")
    assert payment_after(paying, undone).free == amount("100.00")
    assert receivable_after(paid, returned).owed == amount("100.00")
    with refused(ErrorCode.ALLOCATION_UNKNOWN):
        decide_undoing(payment_after(paying, undone), "i1", "wrong invoice")


def test_only_what_is_free_can_be_refunded() -> None:
    paying, _ = allocated(payment(), owed(), amount("60"))
    with refused(ErrorCode.PAYMENT_SPENT):
        decide_refund(paying, amount("40.01"), DUE, "paid twice")
    refunded = payment_after(paying, decide_refund(paying, amount("40"), DUE, "paid twice"))
    assert refunded.free == 0


def test_a_refused_refund_says_what_an_allocation_holds_beyond_what_is_owed() -> None:
    paying, _ = allocated(payment(), owed(), amount("100"))
    with refused(ErrorCode.PAYMENT_SPENT) as refusal:
        decide_refund(paying, amount("30"), DUE, "credited", excess=amount("30.00"))
    assert refusal.value.details == {"free": "0.00", "excess": "30.00"}
    assert "undo_allocation" in str(refusal.value)


def test_money_goes_back_no_earlier_than_it_came() -> None:
    came = payment().recorded.value_date
    with refused(ErrorCode.VALUE_DATE_INVALID):
        decide_refund(payment(), amount("1"), came - timedelta(days=1), "paid twice")
    with refused(ErrorCode.VALUE_DATE_INVALID):
        decide_reversal(payment(), came - timedelta(days=1), "no funds")
    decide_refund(payment(), amount("1"), came, "paid twice")
    decide_reversal(payment(), came, "no funds")


def test_an_amount_has_no_fractions_that_its_currency_has_not() -> None:
    with refused(ErrorCode.MALFORMED_REQUEST):
        require_payable(amount("1.50"), "JPY")
    require_payable(amount("2.00"), "JPY")
    require_payable(amount("1.55"), "EUR")
    require_payable(amount("1.55"), "KWD")


def test_a_payment_that_bounced_owes_every_invoice_its_part_again() -> None:
    paying, first = allocated(payment(), owed(), amount("60"))
    paying, second = allocated(paying, owed("100.00", "i2"), amount("40"))
    event, returned = decide_reversal(paying, DUE, "no funds")
    bounced = payment_after(paying, event)
    assert [each.invoice_id for each in returned] == ["i1", "i2"]
    assert [receivable_after(*pair).owed for pair in zip([first, second], returned, strict=True)] == [100, 100]
    assert bounced.free == 0
    assert not bounced.allocated
    with refused(ErrorCode.PAYMENT_REVERSED):
        decide_allocation(bounced, owed(), amount("1"))
    with refused(ErrorCode.PAYMENT_REVERSED):
        decide_reversal(bounced, DUE, "no funds")


def test_what_was_refunded_of_a_payment_that_bounced_is_owed_back() -> None:
    paying, _ = allocated(payment(payment_id=PAYMENT), owed(), amount("60"))
    paying = payment_after(paying, decide_refund(paying, amount("40"), DUE, "paid twice"))
    event, returned = decide_reversal(paying, DUE, "no funds")
    claim = claim_after_reversal(paying, DUE)
    assert claim is not None
    claimed = claimed_in([claim])
    assert claimed is not None
    # The bank took 100 back. Nothing of them is left with us, and the refund of 40 went out beside.
    assert (sum(each.amount for each in returned) + claimed.owed, payment_after(paying, event).owed_back) == (
        amount("100"),
        amount("40"),
    )
    with refused(ErrorCode.MORE_THAN_OWED):
        decide_allocation(payment(payment_id="p2"), claimed, amount("40.01"))
    _, settled = allocated(payment(payment_id="p2"), claimed, amount("40"))
    assert standing(settled, DUE + timedelta(days=1)).state is PaymentState.PAID


def test_a_payment_that_bounced_and_of_which_nothing_was_refunded_leaves_no_claim() -> None:
    paying, _ = allocated(payment(payment_id=PAYMENT), owed(), amount("60"))
    assert claim_after_reversal(paying, DUE) is None
    assert payment_after(paying, decide_reversal(paying, DUE, "no funds")[0]).owed_back == 0


@given(CENTS, CENTS, CENTS)
def test_after_a_reversal_everything_that_the_bank_took_is_owed_or_was_free(
    of: Decimal, share: Decimal, back: Decimal
) -> None:
    paying, given_out = payment(of, PAYMENT), min(of, share)
    paying, _ = allocated(paying, owed(given_out), given_out)
    if refund := min(paying.free, back):
        paying = payment_after(paying, decide_refund(paying, refund, DUE, "too much"))
    free = paying.free
    _, returned = decide_reversal(paying, DUE, "no funds")
    claim = claim_after_reversal(paying, DUE)
    claimed = Decimal(0) if claim is None else claim.amount
    assert sum(each.amount for each in returned) + claimed + free == of


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1989, 12, 31), DUE + timedelta(days=366), date(9998, 12, 31)])
def test_a_value_date_that_can_only_be_a_slip_is_refused(day: date) -> None:
    with refused(ErrorCode.VALUE_DATE_INVALID):
        require_value_date(day, DUE)


@pytest.mark.parametrize("day", [date(1990, 1, 1), DUE, DUE + timedelta(days=365)])
def test_a_value_date_of_old_books_or_announced_by_the_bank_is_taken(day: date) -> None:
    require_value_date(day, DUE)


@pytest.mark.parametrize("name", ["L1 ", " L1", "\u00a0L1", "\uff2c\uff11"])
def test_a_bank_line_is_the_same_however_its_name_is_padded_or_written(name: str) -> None:
    assert line_name(name) == "L1"
    assert line_name("A  1") == line_name("A\u20031") == "A 1" != line_name("A1")


LINE = replace(payment().recorded, external_id="L1", remittance="INV-1 and INV-2")
GIVEN = PaymentAllocated("p1", "i1", Decimal("60.00"))


def test_a_bank_line_that_says_the_same_in_other_spacing_is_the_same() -> None:
    again = replace(LINE, payment_id="p2", remittance=" INV-1  and INV-2")
    require_same_line(LINE, [GIVEN], again, [("i1", Decimal(60))])


@pytest.mark.parametrize(
    ("changes", "asked", "differing"),
    [
        ({}, [], ["allocations"]),
        ({}, [("i1", Decimal("59.99"))], ["allocations"]),
        ({}, [("i2", Decimal(60))], ["allocations"]),
        ({"method": Method.CARD, "remittance": None}, [("i1", Decimal(60))], ["method", "remittance"]),
        ({"amount": Decimal("100.01")}, [("i1", Decimal(60))], ["amount"]),
        ({"payer_account": "DE89370400440532013000"}, [("i1", Decimal(60))], ["payer_account"]),
    ],
)
def test_a_bank_line_that_says_something_else_is_refused_and_the_refusal_says_what(
    changes: dict[str, object], asked: list[tuple[str, Decimal]], differing: list[str]
) -> None:
    now = replace(LINE, **changes)  # type: ignore[arg-type]  # the table names the fields
    with refused(ErrorCode.BANK_LINE_DIFFERS) as refusal:
        require_same_line(LINE, [GIVEN], now, asked)
    assert refusal.value.details == {"fields": differing}


@given(CENTS, st.lists(CENTS, min_size=1, max_size=5), st.lists(st.tuples(st.integers(0, 4), CENTS, st.booleans())))
def test_whatever_is_asked_for_no_payment_and_no_invoice_is_overdrawn(
    of: Decimal, payables: list[Decimal], asked: list[tuple[int, Decimal, bool]]
) -> None:
    paying = payment(of)
    invoices = [owed(payable, f"i{number}") for number, payable in enumerate(payables)]
    for which, share, undo in asked:
        place = which % len(invoices)
        try:
            if undo:
                undone, returned = decide_undoing(paying, f"i{place}", "asked to")
                paying, invoices[place] = payment_after(paying, undone), receivable_after(invoices[place], returned)
            else:
                paying, invoices[place] = allocated(paying, invoices[place], share)
        except PublicError:
            pass
        assert 0 <= paying.free <= of
        assert all(0 <= each.owed <= payable for each, payable in zip(invoices, payables, strict=True))
        assert sum(each.paid for each in invoices) == of - paying.free


@pytest.mark.parametrize(
    "history",
    [
        [PaymentAllocated("p1", "i1", Decimal(1))],
        [payment().recorded, payment().recorded],
        [payment().recorded, InvoiceWrittenOff("i1", Decimal(1), "")],
    ],
)
def test_a_history_that_cannot_have_happened_is_refused(history: list[Event]) -> None:
    with pytest.raises(ValueError, match="cannot follow"):
        fold_payment(history)
