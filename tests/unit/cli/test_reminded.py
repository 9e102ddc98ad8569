"""The auditor's own fold of reminders and of what they claim: each fault that is planted here is found."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.conftest import desk_of
from tests.unit.cli.test_receivables import Books

LINE = {"first": "2026-12-01", "last": "2026-12-31", "balance": "23.21", "base_percent": "1.27", "percent": "9.27"}
INTEREST = "0.18"
"""23.21 * 31 * 9.27 / 36500, half up."""
FIRST: dict[str, Any] = {"level": 1, "day": "2026-12-10", "pay_by": "2026-12-20", "balance": "23.21", "fee": "5.00"}
SECOND: dict[str, Any] = {
    **FIRST,
    "level": 2,
    "day": "2026-12-31",
    "pay_by": "2027-01-10",
    "interest": INTEREST,
    "compensation": "40.00",
}
CLAIMED = {1: "5.00", 2: "45.18"}
LINES = ({**LINE, "amount": INTEREST},)


class Reminding(Books):
    """A business that reminds of its one invoice."""

    def remind(
        self,
        said: dict[str, Any],
        told: dict[str, Any] | None = None,
        claim: dict[str, Any] | None = None,
        lines: tuple[dict[str, Any], ...] = (),
    ) -> None:
        """Write a letter, tell of it (otherwise, if it is said how), and claim what it claims."""
        named = {"invoice_id": self.invoice, "reminder_id": f"r{said['level']}"}
        letter = {"customer": {"customer_id": self.customer}, "currency": "EUR", "lines": list(lines)}
        self.tell("ReminderWritten", f"reminder-{named['reminder_id']}", reminder=said | named, **letter)
        self.tell("Reminded", **(said | named | (told or {})))
        parts = {name: said[name] for name in ("fee", "interest", "compensation") if name in said}
        reminders = {"claim_id": named["reminder_id"], "cause": "reminder", "source": self.invoice}
        days = {"day": said["day"], "due": said["pay_by"]}
        self.claim(**({"amount": CLAIMED[said["level"]]} | parts | reminders | days | (claim or {})))


def test_reminders_and_what_they_claim_are_followed() -> None:
    books = Reminding()
    books.remind(FIRST)
    books.tell("RemindersHeld", invoice_id=books.invoice, reason="disputed", until="2026-12-30")
    books.remind(SECOND, lines=LINES)
    books.tell("ClaimWaived", "receivable-r1", claim_id="r1", amount="5.00")
    ledger, reasons = books.found()
    assert reasons == []
    assert str(ledger.receivables.bills["r2"].owed) == "45.18"


def claimed_otherwise(books: Reminding) -> None:
    books.remind(SECOND | {"level": 1}, claim={"amount": "45.18", "claim_id": "r1", "fee": "4.00"}, lines=LINES)


def added_up_wrongly(books: Reminding) -> None:
    books.remind(FIRST, claim={"amount": "6.00"})


def more_than_the_reminder(books: Reminding) -> None:
    books.remind(FIRST, claim={"amount": "6.00", "fee": "6.00"})


def of_another_invoice(books: Reminding) -> None:
    books.remind(FIRST, claim={"source": "another"})


def claimed_by_nobody(books: Reminding) -> None:
    books.claim("5.00", cause="reminder", fee="5.00")


def not_claimed(books: Reminding) -> None:
    said = FIRST | {"invoice_id": books.invoice, "reminder_id": "r1"}
    letter = {"customer": {"customer_id": books.customer}, "currency": "EUR"}
    books.tell("ReminderWritten", "reminder-r1", reminder=said, **letter)
    books.tell("Reminded", **said)


def written_alone(books: Reminding) -> None:
    said = FIRST | {"invoice_id": books.invoice, "reminder_id": "r1"}
    letter = {"customer": {"customer_id": books.customer}, "currency": "EUR"}
    books.tell("ReminderWritten", "reminder-r1", reminder=said, **letter)


def without_a_letter(books: Reminding) -> None:
    books.tell("Reminded", **(FIRST | {"invoice_id": books.invoice, "reminder_id": "r1"}))


def told_otherwise(books: Reminding) -> None:
    books.remind(FIRST, {"fee": "4.00"})


def a_level_left_out(books: Reminding) -> None:
    books.remind(FIRST | {"level": 2}, claim={"amount": "5.00"})


def a_level_twice(books: Reminding) -> None:
    books.remind(FIRST)
    books.remind(FIRST | {"day": "2026-12-15"})


def days_that_go_back(books: Reminding) -> None:
    books.remind(FIRST)
    books.remind(SECOND | {"day": "2026-12-01"}, lines=LINES)


def of_what_is_paid(books: Reminding) -> None:
    books.pay()
    books.allocate("23.21")
    books.remind(FIRST | {"balance": "0.00"})


def of_less_than_it_says(books: Reminding) -> None:
    books.pay()
    books.allocate("20.00")
    books.remind(FIRST)


def while_held_back(books: Reminding) -> None:
    books.tell("RemindersHeld", invoice_id=books.invoice, reason="disputed")
    books.remind(FIRST)


def resumed_of_nothing(books: Reminding) -> None:
    books.tell("RemindersResumed", invoice_id=books.invoice)


def compensated_twice(books: Reminding) -> None:
    books.remind(FIRST | {"compensation": "40.00"}, claim={"amount": "45.00"})
    books.remind(SECOND, lines=LINES)


def interest_of_nothing(books: Reminding) -> None:
    books.remind(FIRST)
    books.remind(SECOND)


def interest_worked_out_wrongly(books: Reminding) -> None:
    books.remind(FIRST)
    books.remind(SECOND, lines=({**LINE, "amount": "0.19"},))


def refund_that_was_none(books: Reminding) -> None:
    books.bounce("4.00")
    books.claim("5.00")


def refund_of_what_did_not_bounce(books: Reminding) -> None:
    books.pay()
    books.tell("PaymentRefunded", "payment-1", payment_id="p", amount="5.00")
    books.claim("5.00")


PLANTED: dict[Callable[[Reminding], None], str] = {
    claimed_otherwise: "it claims 45.18, where fee, interest and compensation are 44.18",
    added_up_wrongly: "it claims 6.00, where fee, interest and compensation are 5.00",
    more_than_the_reminder: "it is not what the reminder claims",
    of_another_invoice: "it is about something else than the reminder",
    claimed_by_nobody: "there is no reminder that claims it",
    not_claimed: "reminder r1 claims 5.00, and nothing is owed by that name",
    written_alone: "reminder r1 was written, and what the invoice is owed does not tell of it",
    without_a_letter: "there is no letter of it",
    told_otherwise: "it says otherwise than its letter",
    a_level_left_out: "level 2 follows level 0",
    a_level_twice: "level 1 follows level 1",
    days_that_go_back: "its days are not in order",
    of_what_is_paid: "it reminds of what is settled",
    of_less_than_it_says: "it says that 23.21 is owed, where 3.21 is",
    while_held_back: "reminders of it were held back",
    resumed_of_nothing: "nobody held reminders of it back",
    compensated_twice: "the compensation was claimed before",
    interest_of_nothing: "it claims 0.18 of interest, where 0.00 is left to claim",
    interest_worked_out_wrongly: "a line of its interest is not balance, days and rate multiplied",
    refund_that_was_none: "it claims 5.00 for a payment of which 4.00 was refunded and bounced",
    refund_of_what_did_not_bounce: "it claims 5.00 for a payment of which 5.00 was refunded and bounced",
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_fault_of_reminders_is_found(plant: Callable[[Reminding], None]) -> None:
    books = Reminding()
    plant(books)
    reasons = books.found()[1]
    assert reasons[0].endswith(PLANTED[plant])


@pytest.mark.parametrize(("claim", "status"), [(None, 0), ({"amount": "6.00"}, 1)])
def test_an_auditor_who_verifies_a_copy_is_told(tmp_path: Path, claim: dict[str, Any] | None, status: int) -> None:
    books = Reminding()
    books.remind(FIRST, claim=claim)
    desk = desk_of(books.business, books.business.bundle(tmp_path / "bundle"), [books.invoice], "")
    done = desk.on_bundle("verify")
    assert done.exit_code == status, done.output
    assert ("it claims 6.00, where fee, interest and compensation are 5.00" in done.output) is bool(status)
    said = "claimed EUR 5.00 of customer" if claim is None else "claimed EUR 6.00 of customer"
    told = desk.on_bundle("replay", "--stream", "receivable-c").output
    assert said in told
    assert f"(reminder of {books.invoice}, fee 5.00)" in told


def test_a_forgotten_customer_leaves_no_fault() -> None:
    books = Reminding()
    books.remind(FIRST)
    not_claimed(books)
    books.business.shred(books.customer)
    assert books.found()[1] == []
