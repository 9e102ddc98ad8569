"""What callers ask about reminders, late interest and claims."""

from dataclasses import dataclass
from datetime import date

from services.invoices.domain.interest import BaseRate
from services.invoices.domain.reminder_policy import ReminderPolicy


@dataclass(frozen=True, slots=True)
class ConfigureReminders:
    """Say how the business reminds."""

    policy: ReminderPolicy


@dataclass(frozen=True, slots=True)
class RecordBaseRate:
    """Write a half-year's base rate down."""

    rate: BaseRate


@dataclass(frozen=True, slots=True)
class RemindInvoice:
    """Write the next reminder of an invoice."""

    invoice_id: str


@dataclass(frozen=True, slots=True)
class RemindCustomer:
    """Write the next reminder of every invoice of a customer that is due."""

    customer_id: str


@dataclass(frozen=True, slots=True)
class HoldReminders:
    """Hold reminders of an invoice back."""

    invoice_id: str
    reason: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class ResumeReminders:
    """Remind of an invoice again."""

    invoice_id: str


@dataclass(frozen=True, slots=True)
class WaiveClaim:
    """Give up what is still owed of a claim."""

    claim_id: str
    reason: str
