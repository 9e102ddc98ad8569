"""An event that cannot be read stops the relay for its tenant, and for no other."""

from collections.abc import Iterator
from contextlib import closing

import pytest
import structlog

from shared.kernel.ids import new_id
from shared.messaging.relay import Relay
from tests.integration.messaging.conftest import Bus
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
    append(invoices_database, damaged, "InvoiceIssued", "InvoiceIssued", "InvoiceIssued")
    append(invoices_database, other, "InvoiceIssued")
    with invoices_database.connect_as_admin() as admin:
        admin.execute("ALTER TABLE log.events DISABLE TRIGGER append_only")
        for partition in range(8):
            admin.execute(f"ALTER TABLE log.events_{partition} DISABLE TRIGGER append_only")
        admin.execute("DELETE FROM log.events WHERE tenant = %s AND position = 1", (damaged,))
    with structlog.testing.capture_logs() as logged:
        assert relay.run_once() == 2
    assert (checkpoint(invoices_database, damaged), checkpoint(invoices_database, other)) == (0, 0)
    halted = {"event": "relay_halted", "log_level": "error", "tenant": damaged, "position": 1, "error": "LookupError"}
    assert halted in logged
