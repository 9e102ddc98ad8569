"""What an invoice, or a claim, is owed: its payable amount, less what was credited, paid and written off.

Whether an invoice is paid is nowhere recorded. It follows from what was, and from the day that is asked about.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from services.invoices.domain import refusals_of_payments as refusals
from services.invoices.domain.events import Event
from services.invoices.domain.events.claims import ClaimWaived
from services.invoices.domain.events.payments import (
    AllocationReceived,
    AllocationReturned,
    InvoiceWrittenOff,
    WriteOffReversed,
)
from services.invoices.domain.events.reminders import Reminded, RemindersHeld, RemindersResumed

ZERO = Decimal("0.00")


class PaymentState(StrEnum):
    """How an invoice stands."""

    OPEN = "open"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    OVERDUE = "overdue"
    CREDITED = "credited"
    """A credit note took all that was owed, and nothing was paid."""
    WRITTEN_OFF = "written_off"
    WAIVED = "waived"
    """The business gave up what was still owed of a claim."""


@dataclass(frozen=True, slots=True)
class Receivable:
    """What an issued invoice, or a claim, is owed, and what became of it."""

    invoice_id: str
    """Or the claim's."""
    customer_id: str
    currency: str
    due: date
    """BT-9, or what follows from the terms."""
    payable: Decimal
    """BT-115: what was paid before the issue (BT-113) is off already, and is never allocated here again."""
    credited: Decimal = ZERO
    received: Mapping[str, Decimal] = field(default_factory=dict)
    """By payment, above zero."""
    written_off: Decimal = ZERO
    """What is no longer expected: credit notes take off it what they take back."""
    gave_up: bool = False
    """A write-off stands, though credit notes may have taken all of it."""
    waived: Decimal = ZERO
    """Of a claim."""
    reminders: tuple[Reminded, ...] = ()
    """Of an invoice, first to last."""
    hold: RemindersHeld | None = None
    """What somebody said last about reminding, as long as it was not taken back."""

    @property
    def paid(self) -> Decimal:
        """Return what was allocated to the invoice."""
        return sum(self.received.values(), ZERO)

    @property
    def owed(self) -> Decimal:
        """Return what is owed still; below zero when more was paid than what a credit note left of it."""
        return self.payable - self.credited - self.paid - self.written_off - self.waived

    @property
    def interest_claimed(self) -> Decimal:
        """Return the late interest that reminders claimed so far."""
        return sum((each.interest for each in self.reminders), ZERO)

    def require_owed(self, amount: Decimal) -> None:
        """Return when at least this much is owed; PublicError nothing_owed, more_than_owed."""
        if self.owed <= 0:
            raise refusals.nothing_owed()
        if amount > self.owed:
            raise refusals.more_than_owed(self.owed)


@dataclass(frozen=True, slots=True)
class Standing:
    """How an invoice stands on a day."""

    state: PaymentState
    owed: Decimal
    """Not below zero."""
    excess: Decimal
    """What was paid beyond what is owed, after a credit note: undoing an allocation makes it free."""
    days_overdue: int
    """0 up to the due date, and for whatever is settled."""


def standing(receivable: Receivable, day: date) -> Standing:
    """Return how an invoice stands on a day, from nothing but what was recorded: pure."""
    owed = receivable.owed
    late = max((day - receivable.due).days, 0) if owed > 0 else 0
    return Standing(_state(receivable, owed, late), max(owed, ZERO), max(-owed, ZERO), late)


def _state(receivable: Receivable, owed: Decimal, days_overdue: int) -> PaymentState:
    if owed > 0:
        if days_overdue:
            return PaymentState.OVERDUE
        return PaymentState.PARTLY_PAID if receivable.paid else PaymentState.OPEN
    if receivable.written_off:
        return PaymentState.WRITTEN_OFF
    if receivable.waived:
        return PaymentState.WAIVED
    return PaymentState.CREDITED if receivable.credited and not receivable.paid else PaymentState.PAID


def receivable_after(receivable: Receivable, event: Event) -> Receivable:
    """Return the receivable after one more event of its stream; ValueError for one that cannot follow."""
    match event:
        case AllocationReceived(payment_id=payment_id, amount=amount):
            total = receivable.received.get(payment_id, ZERO) + amount
            return replace(receivable, received={**receivable.received, payment_id: total})
        case AllocationReturned(payment_id=payment_id) if payment_id in receivable.received:
            left = {other: amount for other, amount in receivable.received.items() if other != payment_id}
            return replace(receivable, received=left)
        case InvoiceWrittenOff(amount=amount) if not receivable.written_off:
            # Credit notes are known beforehand, those from after the write-off too: what they took is not written off.
            return replace(receivable, written_off=min(amount, max(receivable.owed, ZERO)), gave_up=True)
        case WriteOffReversed() if receivable.gave_up:
            return replace(receivable, written_off=ZERO, gave_up=False)
        case ClaimWaived(amount=amount):
            return replace(receivable, waived=receivable.waived + amount)
        case _:
            return _reminded(receivable, event)


def _reminded(receivable: Receivable, event: Event) -> Receivable:
    match event:
        case Reminded(level=level) if level == len(receivable.reminders) + 1:
            return replace(receivable, reminders=(*receivable.reminders, event))
        case RemindersHeld():
            return replace(receivable, hold=event)
        case RemindersResumed() if receivable.hold is not None:
            return replace(receivable, hold=None)
        case _:
            raise ValueError(f"{type(event).__name__} cannot follow in the history of what is owed")


def fold_receivable(receivable: Receivable, events: Iterable[Event]) -> Receivable:
    """Return what became of what was owed when the invoice was issued; ValueError for an impossible history."""
    for event in events:
        receivable = receivable_after(receivable, event)
    return receivable


def decide_write_off(receivable: Receivable, reason: str) -> InvoiceWrittenOff:
    """Decide on expecting nothing more; PublicError nothing_owed."""
    if receivable.owed <= 0 or receivable.written_off:
        raise refusals.nothing_owed()
    return InvoiceWrittenOff(receivable.invoice_id, receivable.owed, reason)


def decide_reversed_write_off(receivable: Receivable, reason: str) -> WriteOffReversed:
    """Decide on expecting again what was written off; PublicError nothing_written_off."""
    if not receivable.written_off:
        raise refusals.nothing_written_off()
    return WriteOffReversed(receivable.invoice_id, reason)
