"""What can happen to reminders.

A reminder is told three times, in one append: in the stream of what the invoice is owed, so that no payment can pass it
unseen; in a stream of its own, with all that the letter says; and, where it claims anything, as a claim.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.invoices.domain.document.parties import Customer, Seller
from services.invoices.domain.interest import BaseRate, InterestLine
from services.invoices.domain.reminder_policy import ReminderPolicy

_NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class RemindersConfigured:
    """The business said how it reminds, from now on."""

    policy: ReminderPolicy


@dataclass(frozen=True, slots=True)
class BaseRateRecorded:
    """A half-year's base rate was written down; recorded again for the same half-year, the later one counts."""

    rate: BaseRate


@dataclass(frozen=True, slots=True)
class Reminded:
    """The customer was reminded of what an invoice is owed."""

    invoice_id: str
    reminder_id: str
    """Also the id of the claim, where the reminder claims anything."""
    level: int
    """From 1."""
    day: date
    pay_by: date
    balance: Decimal
    """Owed on the invoice that day."""
    fee: Decimal = _NOTHING
    interest: Decimal = _NOTHING
    """Up to that day, without what earlier reminders claimed."""
    compensation: Decimal = _NOTHING

    @property
    def claimed(self) -> Decimal:
        """Return what the reminder claims beside the invoice."""
        return self.fee + self.interest + self.compensation


@dataclass(frozen=True, slots=True)
class ReminderWritten:
    """All that a reminder's letter says: equal events give equal letters."""

    reminder: Reminded
    number: str
    """The invoice's."""
    issue_date: date
    due: date
    currency: str
    seller: Seller
    """As it was that day, like the customer."""
    customer: Customer
    written_at: str
    """RFC 3339; the creation date that the PDF carries."""
    language: str
    title: str | None = None
    """The business's own, like the text; else the form's words."""
    text: str | None = None
    lines: tuple[InterestLine, ...] = ()
    """How the interest came about, what earlier reminders claimed included."""
    earlier: Decimal = _NOTHING
    """Still owed of what earlier reminders claimed."""

    @property
    def total(self) -> Decimal:
        """Return what is to be paid."""
        return self.reminder.balance + self.earlier + self.reminder.claimed


@dataclass(frozen=True, slots=True)
class ReminderArchived:
    """A reminder's letter was drawn and stored; the log entry binds the PDF by its digest."""

    reminder_id: str


@dataclass(frozen=True, slots=True)
class RemindersHeld:
    """Nobody is reminded of this invoice, because it is disputed for example."""

    invoice_id: str
    reason: str
    until: date | None = None
    """The last day; None: until somebody says otherwise."""


@dataclass(frozen=True, slots=True)
class RemindersResumed:
    """The customer may be reminded of this invoice again."""

    invoice_id: str


ReminderEvent = (
    RemindersConfigured
    | BaseRateRecorded
    | Reminded
    | ReminderWritten
    | ReminderArchived
    | RemindersHeld
    | RemindersResumed
)
