"""An event that cannot be read, or finds no subscriber, stops the relay for its tenant, and for no other."""

from collections.abc import Iterator
from contextlib import closing

import pytest
import structlog

from shared.eventstore import halts
from shared.kernel.ids import new_id
from shared.messaging.relay import NAME, Relay
from tests.integration.messaging.conftest import Bus
from tests.integration.messaging.processes import wait_until
from tests.integration.messaging.test_events import append, checkpoint, relay_of, subscribe
from tests.stack import Database

pytestmark = pytest.mark.integration


@pytest.fixture
def relay(bus: Bus, invoices_database: Database) -> Iterator[Relay]:
    with closing(relay_of(bus, invoices_database)) as relay:
        yield relay


def test_an_event_that_is_missing_stops_its_tenant_visibly_and_no_other(
    bus: Bus, relay: Relay, invoices_database: Database
) -> None:
    subscribe(bus)
    damaged, other = new_id(), new_id()
    append(invoices_database, damaged, "DocumentArchived", "DocumentArchived", "DocumentArchived")
    append(invoices_database, other, "DocumentArchived")
    with invoices_database.connect_as_admin() as admin:
        admin.execute("ALTER TABLE log.events DISABLE TRIGGER append_only")
        for partition in range(8):
            admin.execute(f"ALTER TABLE log.events_{partition} DISABLE TRIGGER append_only")
        admin.execute("DELETE FROM log.events WHERE tenant = %s AND position = 1", (damaged,))
    with structlog.testing.capture_logs() as logged:
        assert relay.run_once() == 2
    assert (checkpoint(invoices_database, damaged), checkpoint(invoices_database, other)) == (0, 0)
    where = {"tenant": damaged, "position": 1, "attempts": 1}
    assert {"event": "relay_halted", "log_level": "error", "error": "LookupError", **where} in logged
    assert halts_in(invoices_database) == [("relay", damaged, 1, "LookupError", 1)]


def test_an_event_without_its_subscriber_is_a_halt_until_the_subscriber_is_there(
    bus: Bus, relay: Relay, invoices_database: Database
) -> None:
    tenant = new_id()
    append(invoices_database, tenant, "InvoiceDrafted", "DocumentArchived")
    assert relay.run_once() == 1
    assert halts_in(invoices_database) == [("relay", tenant, 1, "SubscriberAbsent", 1)]
    subscribe(bus)
    wait_until(lambda: relay.run_once() == 1, "the relay tries again")
    assert halts_in(invoices_database) == []


def test_nobody_is_warned_of_an_event_that_nobody_has_to_have(
    bus: Bus, relay: Relay, invoices_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    tenant = new_id()
    append(invoices_database, tenant, "SellerConfigured", "DocumentArchived")
    with caplog.at_level("WARNING"), structlog.testing.capture_logs() as logged:
        assert relay.run_once() == 1
    assert checkpoint(invoices_database, tenant) == 0
    # Of the second one alone, which waits for its subscriber: once by the library, as it came back, and by ourselves.
    assert len([record for record in caplog.records if record.name.startswith("pika")]) == 1
    assert [line["event"] for line in logged] == ["subscriber_absent"]


def test_a_halt_is_left_alone_by_every_relay_until_its_next_try_is_due(
    bus: Bus, relay: Relay, invoices_database: Database
) -> None:
    tenant = new_id()
    append(invoices_database, tenant, "DocumentArchived")
    with closing(relay_of(bus, invoices_database)) as another, structlog.testing.capture_logs() as logged:
        relay.run_once()
        put_off(invoices_database)
        another.run_once()
        assert [line["event"] for line in logged] == ["subscriber_absent"]
        halts.retry_now(invoices_database.pool(), [NAME])  # as every process does that starts
        another.run_once()
        assert [line["attempts"] for line in logged] == [1, 2]


def put_off(database: Database) -> None:
    """Let no try be due while the test looks, however slow it is."""
    with database.connect() as connection:
        connection.execute("UPDATE read.halted SET retry_at = now() + interval '1 hour'")


def halts_in(database: Database) -> list[tuple[str, str, int, str, int]]:
    found = halts.halted(database.pool())
    return [(halt.projection, halt.tenant, halt.position, halt.kind, halt.attempts) for halt in found]
