"""The log as invoices folds it: what it does not know stops it, and is never skipped or guessed."""

from collections.abc import Callable

import pytest

from services.invoices.codec import SCHEMAS
from services.invoices.domain.events import CustomerRegistered, SellerConfigured
from services.invoices.domain.series import seller_stream
from services.invoices.history import (
    customer_stream,
    encode,
    invoice_stream,
    load_customer,
    load_invoice,
    load_seller,
    load_shredding,
    shredding_stream,
)
from shared.eventstore.log import TenantLog
from shared.eventstore.memory import InMemoryEventStore
from shared.eventstore.model import NewEvent
from shared.eventstore.registry import EventRegistry, EventTypeUnknown
from shared.kernel.ids import new_id
from tests.keyrings import CLOCK, keyring_over
from tests.unit.invoices.samples import CUSTOMER, CUSTOMER_ID, INVOICE_ID, SELLER, draft

TENANT = new_id()
FOLDS: dict[str, Callable[[TenantLog], object]] = {
    invoice_stream(INVOICE_ID): lambda log: load_invoice(log, TENANT, INVOICE_ID),
    customer_stream(CUSTOMER_ID): lambda log: load_customer(log, TENANT, CUSTOMER_ID)[0],
    seller_stream(TENANT): lambda log: load_seller(log, TENANT),
    shredding_stream(CUSTOMER_ID): lambda log: load_shredding(log, TENANT, CUSTOMER_ID),
}
NEWER = EventRegistry({**SCHEMAS, "InvoiceAnnotated": 1})
NEWER_SCHEMA = EventRegistry({**SCHEMAS, "NumberTaken": 2}, {("NumberTaken", 1): lambda payload: payload})


def written_by(registry: EventRegistry, *events: NewEvent) -> TenantLog:
    """What another program with its own registry wrote, as this program reads it."""
    store, keyring = InMemoryEventStore(), keyring_over()
    keyring.create_tenant(TENANT)
    other = TenantLog(store, keyring, registry, CLOCK)
    for event in events:
        other.append(TENANT, [event], {event.stream: other.version(TENANT, event.stream)})
    return TenantLog(store, keyring, EventRegistry(SCHEMAS), CLOCK)


@pytest.mark.parametrize("stream", FOLDS, ids=lambda stream: stream.split("-")[0])
def test_an_event_type_of_a_newer_program_stops_the_fold_and_is_named(stream: str) -> None:
    log = written_by(NEWER, NewEvent(stream, "InvoiceAnnotated", 1, {}, "tenant"))
    with pytest.raises(EventTypeUnknown, match="InvoiceAnnotated is not known here"):
        FOLDS[stream](log)


@pytest.mark.parametrize("stream", FOLDS, ids=lambda stream: stream.split("-")[0])
def test_a_schema_of_a_newer_program_stops_the_fold_and_is_named(stream: str) -> None:
    log = written_by(NEWER_SCHEMA, NewEvent(stream, "NumberTaken", 2, {}, "tenant"))
    with pytest.raises(EventTypeUnknown, match="schema 2 of NumberTaken is not known here"):
        FOLDS[stream](log)


def test_an_event_in_the_wrong_stream_stops_the_fold() -> None:
    seller = encode(invoice_stream(INVOICE_ID), "tenant", SellerConfigured(SELLER))
    with pytest.raises(ValueError, match="does not belong"):
        load_invoice(written_by(EventRegistry(SCHEMAS), seller), TENANT, INVOICE_ID)


def test_what_is_known_is_folded() -> None:
    customer = customer_stream(CUSTOMER_ID)
    log = written_by(
        EventRegistry(SCHEMAS),
        encode(customer, customer, CustomerRegistered(CUSTOMER)),
        encode(invoice_stream(INVOICE_ID), customer, draft()),
    )
    invoice, version = load_invoice(log, TENANT, INVOICE_ID)
    assert invoice is not None
    assert (invoice.draft, version) == (draft(), 1)
    assert load_customer(log, TENANT, CUSTOMER_ID)[0] == CUSTOMER
