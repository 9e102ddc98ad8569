"""What becomes of what is owed, in the rows of invoices and of claims: what was received, and what was given up."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from services.invoices.domain.events import CreditNoteRefunded, InvoiceCredited, ReceivableEvent
from services.invoices.domain.events.payments import (
    AllocationReceived,
    AllocationReturned,
    InvoiceWrittenOff,
    PaymentRefunded,
)
from shared.eventstore.model import RecordedEvent

_ZERO = Decimal("0.00")
_Refund = PaymentRefunded | CreditNoteRefunded


def happened_on(event: RecordedEvent) -> dict[str, object]:
    """Return the day (UTC) on which an event was recorded, and where the log has it."""
    return {"day": event.at[: len("2026-11-22")], "position": event.position}


def became(brief: Mapping[str, Any], event: RecordedEvent, happened: ReceivableEvent) -> dict[str, object]:
    """Return what an event changes of what a document or a claim is owed."""
    if isinstance(happened, AllocationReceived | AllocationReturned):
        received = dict(brief.get("received", {}))
        before = Decimal(received.pop(happened.payment_id, "0.00"))
        if isinstance(happened, AllocationReceived):
            received[happened.payment_id] = str(before + happened.amount)
        return {"received": received}
    return _written_off(
        brief, event, happened.amount if isinstance(happened, InvoiceWrittenOff) else -_no_longer_expected(brief)
    )


def refunded(owed: Mapping[str, Any], event: RecordedEvent, happened: _Refund) -> dict[str, object]:
    """Return what a refund changes of a payment, or of a credit note that names no invoice."""
    refund = {"amount": str(happened.amount), "day": happened.value_date.isoformat(), "position": event.position}
    return {"refunds": [*owed.get("refunds", ()), refund]}


def no_longer_written_off(
    brief: Mapping[str, Any], event: RecordedEvent, credited: InvoiceCredited
) -> dict[str, object]:
    """Return what a credit note takes of a write-off: it is owed no more, so nothing of it was given up."""
    expected = _no_longer_expected(brief)
    taken = expected if credited.cancels else min(expected, credited.credit.gross)
    return _written_off(brief, event, -taken) if taken else {}


def _no_longer_expected(brief: Mapping[str, Any]) -> Decimal:
    return sum((Decimal(each["amount"]) for each in brief.get("write_offs", ())), _ZERO)


def _written_off(brief: Mapping[str, Any], event: RecordedEvent, amount: Decimal) -> dict[str, object]:
    entry = {"amount": str(amount), **happened_on(event)}
    return {"write_offs": [*brief.get("write_offs", ()), entry]}
