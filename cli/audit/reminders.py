"""Reminders and what they claim, folded once more from the log: levels in their order, claims what was told of them.

A second opinion on what the invoices service lets happen: it shares no code with it. A reminder is told three times, in
its letter, in the stream of what the invoice is owed and, where it claims anything, as a claim: all three have to say
the same.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from cli.audit.following import Follower, Payload, Reasons, remembered
from cli.audit.receivables import Receivables

_NOTHING = Decimal("0.00")
_PARTS = ("fee", "interest", "compensation")


@dataclass(slots=True)
class _Reminded:
    """What reminders of one invoice said so far."""

    level: int = 0
    day: str = ""
    interest: Decimal = _NOTHING
    compensated: bool = False
    held_until: str | None = None
    """`9999-12-31`: until somebody says otherwise."""


@dataclass(slots=True)
class _Letter:
    """What was written to a customer and the rest of the log has to say too."""

    customer_id: str
    reminder: Payload
    currency: str
    told: bool = False
    """Whether the invoice's stream told it."""


class Reminders(Follower):
    """Takes the events of an invoices log in order, each after the receivables; yields what cannot have happened."""

    def __init__(self, receivables: Receivables, *, whole: bool) -> None:
        self._receivables, self._whole = receivables, whole
        self._invoices: dict[str, _Reminded] = {}
        self._letters: dict[str, _Letter] = {}
        """Those of which something is still to be told, by reminder."""
        super().__init__(
            {
                "ReminderWritten": self._write,
                "Reminded": self._remind,
                "RemindersHeld": self._hold,
                "RemindersResumed": self._resume,
                "ClaimRaised": self._claim,
                "SubjectShredded": self._forget,
            }
        )

    def differing(self) -> Reasons:
        """Yield, at the end of the log, every reminder of which only a part was told."""
        for reminder_id, letter in self._letters.items():
            if letter.told:
                yield f"reminder {reminder_id} claims {_claimed(letter.reminder)}, and nothing is owed by that name"
            else:
                yield f"reminder {reminder_id} was written, and what the invoice is owed does not tell of it"

    def _write(self, payload: Payload) -> Reasons:
        reminder = payload["reminder"]
        self._letters[reminder["reminder_id"]] = _Letter(
            payload["customer"]["customer_id"], reminder, payload["currency"]
        )
        lines = payload.get("lines", ())
        for line in lines:
            if Decimal(line["amount"]) != _interest(line):
                yield "a line of its interest is not balance, days and rate multiplied"
        before = self._invoices.get(reminder["invoice_id"])
        if before is not None or self._whole:
            earlier = _NOTHING if before is None else before.interest
            due = max(sum((Decimal(line["amount"]) for line in lines), _NOTHING) - earlier, _NOTHING)
            if due != _part(reminder, "interest"):
                yield f"it claims {_part(reminder, 'interest')} of interest, where {due} is left to claim"

    def _remind(self, payload: Payload) -> Reasons:
        letter = self._letters.get(payload["reminder_id"])
        if letter is not None and letter.reminder != payload:
            yield "it says otherwise than its letter"
        if letter is None and self._whole:
            yield "there is no letter of it"
        bill = self._receivables.bills.get(payload["invoice_id"])
        if bill is not None and bill.owed <= 0:
            yield "it reminds of what is settled"
        elif bill is not None and Decimal(payload["balance"]) != bill.owed:
            yield f"it says that {payload['balance']} is owed, where {bill.owed} is"
        if any(_part(payload, name) < 0 for name in _PARTS):
            yield "it claims less than nothing"
        known = payload["invoice_id"] in self._invoices or self._whole
        yield from _follow(self._invoices.setdefault(payload["invoice_id"], _Reminded()), payload, known=known)
        if letter is not None:
            letter.told = True
            if not _claimed(payload):
                del self._letters[payload["reminder_id"]]

    def _claim(self, payload: Payload) -> Reasons:
        if payload["cause"] == "refund":
            yield from self._claim_refund(payload)
            return
        if Decimal(payload["amount"]) != _claimed(payload):
            yield f"it claims {payload['amount']}, where fee, interest and compensation are {_claimed(payload)}"
        letter = self._letters.pop(payload["claim_id"], None)
        if letter is None:
            if self._whole:
                yield "there is no reminder that claims it"
            return
        told = letter.reminder
        if any(_part(payload, name) != _part(told, name) for name in _PARTS):
            yield "it is not what the reminder claims"
        same = (letter.customer_id, letter.currency, told["invoice_id"], told["day"], told["pay_by"])
        if same != tuple(payload[name] for name in ("customer_id", "currency", "source", "day", "due")):
            yield "it is about something else than the reminder"

    def _claim_refund(self, payload: Payload) -> Reasons:
        payment = self._receivables.payments.get(payload["source"])
        if payment is None:
            if self._whole:
                yield "the payment that it comes from was never recorded"
        elif not payment.reversed or payment.refunded != Decimal(payload["amount"]):
            yield f"it claims {payload['amount']} for a payment of which {payment.refunded} was refunded and bounced"

    def _hold(self, payload: Payload) -> Reasons:
        held = self._invoices.setdefault(payload["invoice_id"], _Reminded())
        held.held_until = payload.get("until", date.max.isoformat())
        yield from ()

    def _resume(self, payload: Payload) -> Reasons:
        held = self._invoices.setdefault(payload["invoice_id"], _Reminded())
        if held.held_until is None and self._whole:
            yield "nobody held reminders of it back"
        held.held_until = None

    def _forget(self, payload: Payload) -> Reasons:
        """Drop what the destroyed key protected."""
        self._letters = remembered(self._letters, payload)
        yield from ()


def _follow(before: _Reminded, payload: Payload, *, known: bool) -> Reasons:
    """Take a reminder after those before it; `known`: whether those are."""
    if known and payload["level"] != before.level + 1:
        yield f"level {payload['level']} follows level {before.level}"
    if not before.day <= payload["day"] <= payload["pay_by"]:
        yield "its days are not in order"
    if before.held_until is not None and payload["day"] <= before.held_until:
        yield "reminders of it were held back"
    compensation = _part(payload, "compensation")
    if compensation and before.compensated:
        yield "the compensation was claimed before"
    before.level, before.day = payload["level"], payload["day"]
    before.interest += _part(payload, "interest")
    before.compensated = before.compensated or bool(compensation)


def _part(payload: Payload, name: str) -> Decimal:
    """Return an amount that is left out where it is nothing."""
    return Decimal(payload.get(name, _NOTHING))


def _claimed(payload: Payload) -> Decimal:
    return sum((_part(payload, name) for name in _PARTS), _NOTHING)


def _interest(line: Payload) -> Decimal:
    """Return the interest of a line: act/365, half up to cents."""
    days = (date.fromisoformat(line["last"]) - date.fromisoformat(line["first"])).days + 1
    cents = Fraction(line["balance"]) * Fraction(line["percent"]) * days / 365
    return Decimal((2 * cents.numerator + cents.denominator) // (2 * cents.denominator)) / 100
