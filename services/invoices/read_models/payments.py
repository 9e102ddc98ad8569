"""The rows of payments: each as it was recorded, and what became of it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import psycopg

from services.invoices.codec import written
from services.invoices.domain.events import PaymentEvent
from services.invoices.domain.events.payments import (
    AllocationUndone,
    PaymentAllocated,
    PaymentRecorded,
    PaymentRefunded,
    PaymentReversed,
)
from services.invoices.read_models.cells import Cells
from services.invoices.read_models.forgetting import is_forgotten
from services.invoices.read_models.owing import refunded
from services.invoices.read_models.versions import Versions, version_id
from shared.eventstore.model import RecordedEvent

PAYMENTS = "payments"

_VERSIONS = Versions(PAYMENTS, "payment_id", ("customer_id", "position"))


class PaymentRows:
    """Part of the projection."""

    def __init__(self, cells: Cells) -> None:
        self._cells = cells

    def apply(self, cursor: psycopg.Cursor, event: RecordedEvent, happened: PaymentEvent) -> None:
        """Change the payment's row; that of somebody who is forgotten is gone, and stays so."""
        match happened:
            case PaymentRecorded(payment_id=payment_id, customer_id=customer_id):
                if not is_forgotten(cursor, event.tenant, customer_id):
                    place = version_id(payment_id, event.position)
                    cell = self._cells.seal(PAYMENTS, event.tenant, place, event.key, written(happened))
                    _VERSIONS.add(cursor, event, payment_id, cell, customer_id, event.position)
            case PaymentAllocated() | AllocationUndone() | PaymentRefunded() | PaymentReversed():
                self._change(cursor, event, happened)
            case _:
                pass

    def _change(
        self,
        cursor: psycopg.Cursor,
        event: RecordedEvent,
        happened: PaymentAllocated | AllocationUndone | PaymentRefunded | PaymentReversed,
    ) -> None:
        payment_id = happened.payment_id
        standing = _VERSIONS.standing(cursor, event.tenant, payment_id)
        if standing is None:
            return
        since, cell = standing
        payment = self._cells.open(PAYMENTS, event.tenant, version_id(payment_id, since), cell)
        changed = {**payment, **_became(payment, event, happened)}
        cell = self._cells.seal(PAYMENTS, event.tenant, version_id(payment_id, event.position), event.key, changed)
        _VERSIONS.change(cursor, event, payment_id, cell)


def _became(
    payment: Mapping[str, Any],
    event: RecordedEvent,
    happened: PaymentAllocated | AllocationUndone | PaymentRefunded | PaymentReversed,
) -> dict[str, object]:
    """Return what an event changes of a payment."""
    allocated = dict(payment.get("allocated", {}))
    match happened:
        case PaymentAllocated(invoice_id=invoice_id, amount=amount):
            before = Decimal(allocated.get(invoice_id, "0.00"))
            return {"allocated": {**allocated, invoice_id: str(before + amount)}}
        case AllocationUndone(invoice_id=invoice_id):
            allocated.pop(invoice_id, None)
            return {"allocated": allocated}
        case PaymentRefunded():
            return refunded(payment, event, happened)
        case PaymentReversed(value_date=day):
            return {"allocated": {}, "reversed": {"day": day.isoformat(), "position": event.position}}
