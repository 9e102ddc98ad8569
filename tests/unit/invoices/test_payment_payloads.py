"""What the log holds of payments: read as it was written, and never written otherwise."""

import json
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from services.invoices.codec import from_payload, to_payload
from services.invoices.domain.events import ClaimEvent, Event, PaymentEvent, ReceivableEvent
from services.invoices.domain.events.payments import Method, PaymentAllocated, PaymentRecorded
from shared.eventstore.payload import encode_payload

AMOUNTS = st.integers(1, 10**14).map(lambda cents: (Decimal(cents) / 100).quantize(Decimal("0.01")))


def with_amounts(kind: type[Event]) -> st.SearchStrategy[Event]:
    amounts = {field.name: AMOUNTS for field in fields(kind) if field.type is Decimal}
    return st.builds(kind, **amounts)


KINDS: tuple[type[Event], ...] = (*get_args(PaymentEvent), *get_args(ReceivableEvent), *get_args(ClaimEvent))
EVENTS: st.SearchStrategy[Event] = st.sampled_from(KINDS).flatmap(with_amounts)


@given(EVENTS)
def test_an_event_comes_back_as_it_was_written_and_is_written_to_the_same_bytes(event: Event) -> None:
    written = encode_payload(to_payload(event))
    read = from_payload(type(event).__name__, json.loads(written))
    assert read == event
    assert encode_payload(to_payload(read)) == written


def test_the_shape_of_a_payment_and_its_allocation() -> None:
    payment = PaymentRecorded("p", "c", Decimal("59.50"), "EUR", date(2026, 6, 2), Method.TRANSFER, remittance="INV-1")
    assert to_payload(payment) == {
        "payment_id": "p",
        "customer_id": "c",
        "amount": "59.50",
        "currency": "EUR",
        "value_date": "2026-06-02",
        "method": "transfer",
        "remittance": "INV-1",
    }
    allocated = {"payment_id": "p", "invoice_id": "i", "amount": "59.50"}
    assert to_payload(PaymentAllocated("p", "i", Decimal("59.50"))) == allocated
