"""A program that came later reads what an earlier one wrote: by pure upcasters, without touching the log."""

from dataclasses import replace
from typing import Any

import pytest

from services.invoices.codec import SCHEMAS
from services.invoices.history import customer_stream, load_customer
from services.invoices.read_models.queries import Queries
from shared.eventstore.log import TenantLog
from shared.eventstore.model import NewEvent, Payload
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.projection import ProjectionRunner
from shared.eventstore.registry import EventRegistry, EventTypeUnknown, Upcaster
from shared.kernel.ids import new_id
from tests.integration.invoices.trade import ADDRESS, Trade, command_id, everything, rows_of

pytestmark = pytest.mark.integration


def split_address(payload: Payload) -> Payload:
    """Schema 1 had the address in one line, as on an envelope."""
    line, place, country = (part.strip() for part in str(payload["address"]).split(";"))
    post_code, city = place.split("  ")
    address = {"line": line, "city": city, "post_code": post_code, "country_code": country}
    return {**payload, "address": address}


def name_mail(payload: Payload) -> Payload:
    """Schema 2 called the e-mail address `mail`."""
    return {"email" if name == "mail" else name: value for name, value in payload.items()}


# As if the shape that is written today were the third one.
UPCASTERS: dict[tuple[str, int], Upcaster] = {
    ("CustomerRegistered", 1): split_address,
    ("CustomerRegistered", 2): name_mail,
}
OLDEST = EventRegistry(SCHEMAS)
LATEST = EventRegistry({**SCHEMAS, "CustomerRegistered": 3}, UPCASTERS)


def reading_with(trade: Trade, registry: EventRegistry) -> Trade:
    """The same business in a program that knows other schemas."""
    pool, keyring, clock = trade.database.pool(), trade.ports.keyring, trade.ports.clock
    log = TenantLog(PostgresEventStore(pool), keyring, registry, clock)
    runner = ProjectionRunner(pool, log, [trade.projection], trade.database.wakeups())
    queries = Queries(pool, trade.queries.cells, trade.queries.search, runner)
    return replace(trade, ports=replace(trade.ports, log=log), runner=runner, queries=queries)


def register_as_the_oldest_program_did(trade: Trade) -> str:
    customer_id = new_id()
    payload: dict[str, Any] = {
        "customer_id": customer_id,
        "name": "Hof van Fietsen B.V.",
        "mail": "administratie@hofvanfietsen.example",
        "address": "Oudegracht 218; 3511 NP  Utrecht; NL",
    }
    stream = customer_stream(customer_id)
    event = NewEvent(stream, "CustomerRegistered", 1, payload, stream)
    reading_with(trade, OLDEST).ports.log.append(trade.tenant, [event], {stream: 0}, command_id())
    return customer_id


def test_a_customer_of_the_oldest_schema_gets_invoices_from_the_latest_program(lonely_trade: Trade) -> None:
    customer_id = register_as_the_oldest_program_did(lonely_trade)
    stored = [event.sealed for event in lonely_trade.ports.log.stored(lonely_trade.tenant)]
    latest = reading_with(lonely_trade, LATEST)

    customer, _ = load_customer(latest.ports.log, latest.tenant, customer_id)
    assert customer is not None
    assert (customer.address, customer.email) == (ADDRESS, "administratie@hofvanfietsen.example")
    issued = latest.issued(customer_id)
    latest.archive(issued.invoice_id)
    document = latest.document(issued.invoice_id)
    assert document.recipient_email == "administratie@hofvanfietsen.example"

    latest.runner.run_once()
    found = latest.queries.invoice(latest.tenant, issued.invoice_id, after=issued.position, allow=everything)
    assert (found["customer_name"], found["number"]) == ("Hof van Fietsen B.V.", "INV-000001")
    live = rows_of(latest.database, "customers")
    latest.runner.rebuild(latest.projection)
    assert rows_of(latest.database, "customers") == live

    # Nothing that was written has changed.
    assert [event.sealed for event in latest.ports.log.stored(latest.tenant)][: len(stored)] == stored


def test_the_oldest_program_stops_at_what_the_latest_wrote(trade: Trade) -> None:
    stream = customer_stream(new_id())
    event = NewEvent(stream, "CustomerRegistered", 3, {}, stream)
    reading_with(trade, LATEST).ports.log.append(trade.tenant, [event], {stream: 0}, command_id())
    oldest = reading_with(trade, OLDEST)
    with pytest.raises(EventTypeUnknown, match="schema 3 of CustomerRegistered is not known here"):
        oldest.ports.log.load(trade.tenant, stream)
