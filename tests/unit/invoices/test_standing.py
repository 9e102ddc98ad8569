"""How an invoice stands: what is owed, paid, credited and written off, on a day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.invoices.domain.events.payments import InvoiceWrittenOff
from services.invoices.domain.payment import decide_allocation
from services.invoices.domain.receivable import (
    PaymentState,
    decide_reversed_write_off,
    decide_write_off,
    receivable_after,
    standing,
)
from shared.contracts.errors import ErrorCode
from tests.unit.invoices.owing import DUE, amount, owed, payment, refused


@pytest.mark.parametrize(
    ("changes", "day", "state"),
    [
        ({}, DUE, PaymentState.OPEN),
        ({}, DUE + timedelta(days=1), PaymentState.OVERDUE),
        ({"received": {"p1": amount("1")}}, DUE, PaymentState.PARTLY_PAID),
        ({"received": {"p1": amount("1")}}, DUE + timedelta(days=1), PaymentState.OVERDUE),
        ({"received": {"p1": amount("100")}}, DUE + timedelta(days=1), PaymentState.PAID),
        ({"credited": amount("100")}, DUE + timedelta(days=1), PaymentState.CREDITED),
        ({"credited": amount("40"), "received": {"p1": amount("60")}}, DUE, PaymentState.PAID),
        ({"written_off": amount("100")}, DUE + timedelta(days=1), PaymentState.WRITTEN_OFF),
        ({"payable": amount("0.00")}, DUE + timedelta(days=1), PaymentState.PAID),
    ],
)
def test_how_an_invoice_stands_follows_from_what_was_recorded_and_the_day(
    changes: dict[str, object], day: date, state: PaymentState
) -> None:
    receivable = replace(owed(), **changes)  # type: ignore[arg-type]  # the table names the fields
    assert standing(receivable, day).state is state


def test_an_overdue_invoice_tells_for_how_many_days() -> None:
    assert standing(owed(), DUE + timedelta(days=31)).days_overdue == 31
    assert standing(owed(), DUE).days_overdue == 0


def test_what_was_paid_before_a_credit_note_shows_as_excess() -> None:
    told = standing(replace(owed(), received={"p1": amount("100")}, credited=amount("30")), DUE)
    assert (told.state, told.owed, told.excess) == (PaymentState.PAID, amount("0"), amount("30"))


@pytest.mark.parametrize(
    ("credited", "written_off", "state"), [("100", "0", PaymentState.CREDITED), ("30", "70", PaymentState.WRITTEN_OFF)]
)
def test_a_credit_note_takes_back_what_was_written_off_and_gives_no_money(
    credited: str, written_off: str, state: PaymentState
) -> None:
    event = decide_write_off(owed(), "insolvent")
    off = receivable_after(replace(owed(), credited=amount(credited)), event)
    told = standing(off, DUE + timedelta(days=1))
    assert (off.written_off, told.state) == (amount(written_off), state)
    assert told.owed == told.excess == 0


def test_a_credit_note_of_what_was_partly_paid_and_written_off_gives_back_what_was_paid() -> None:
    partly = replace(owed(), received={"p1": amount("40")})
    event = decide_write_off(partly, "insolvent")
    off = receivable_after(replace(partly, credited=amount("100")), event)
    assert (off.written_off, standing(off, DUE).excess) == (amount("0"), amount("40"))
    with refused(ErrorCode.NOTHING_WRITTEN_OFF):
        decide_reversed_write_off(off, "estate pays")


def test_a_write_off_that_was_taken_back_before_the_credit_note_is_a_sound_history() -> None:
    off, credited = decide_write_off(owed(), "insolvent"), replace(owed(), credited=amount("100"))
    back = decide_reversed_write_off(receivable_after(owed(), off), "estate pays")
    assert receivable_after(receivable_after(credited, off), back).owed == 0


def test_what_is_written_off_is_what_was_owed_and_can_be_taken_back() -> None:
    partly = replace(owed(), received={"p1": amount("70.00")})
    event = decide_write_off(partly, "insolvent")
    assert event == InvoiceWrittenOff("i1", amount("30.00"), "insolvent")
    off = receivable_after(partly, event)
    with refused(ErrorCode.NOTHING_OWED):
        decide_write_off(off, "insolvent")
    with refused(ErrorCode.NOTHING_OWED):
        decide_allocation(payment(), off, amount("30"))
    again = receivable_after(off, decide_reversed_write_off(off, "estate pays"))
    assert again.owed == amount("30.00")
    with refused(ErrorCode.NOTHING_WRITTEN_OFF):
        decide_reversed_write_off(again, "estate pays")
