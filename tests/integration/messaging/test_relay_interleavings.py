"""The relay follows the log while appends are held at their worst moments: it publishes every event once, in order."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from shared.contracts.events import PublicEvent
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.eventstore.wakeups import Wakeups
from shared.kernel.ids import new_id
from shared.messaging.relay import Relay
from tests.gates import TYPE, Append, Gate, Gates
from tests.integration.messaging.conftest import Bus
from tests.integration.messaging.test_events import received, subscribe
from tests.keyrings import keyring_over
from tests.stack import Database

pytestmark = pytest.mark.integration


@pytest.fixture
def gates(invoices_database: Database) -> Iterator[Gates]:
    with closing(Gates(invoices_database)) as gates:
        yield gates


@pytest.fixture
def relay(bus: Bus, invoices_database: Database) -> Iterator[Relay]:
    pool = invoices_database.pool()
    with closing(
        Relay(
            pool,
            PostgresEventStore(pool),
            bus.settings("invoices"),
            "invoices",
            {TYPE: PublicEvent(required_subscriber="notifier")},
            wakeups=Wakeups(),
        )
    ) as relay:
        yield relay


@pytest.mark.parametrize("gate", Gate)
def test_the_relay_publishes_a_batch_when_it_is_committed_and_not_the_one_behind_it(
    bus: Bus, invoices_database: Database, gates: Gates, relay: Relay, gate: Gate
) -> None:
    tenant = new_id()
    keyring_over(PostgresKeyStore(invoices_database.pool())).create_tenant(tenant)
    subscribe(bus, TYPE)
    published: list[int] = []

    def look() -> list[int]:
        relay.run_once()
        published.extend(event.position for event in received(bus))
        return published

    with (
        gates.closed(gate, "broken"),
        gates.closed(gate, "held") as held_gate,
        Append(invoices_database, tenant, "broken", 1, gate) as broken,
    ):
        broken.until(gates.is_at_gate)
        with Append(invoices_database, tenant, "held", 2, gate) as held:
            held.until(gates.is_in_line)
            assert look() == []
            gates.terminate("broken")
            held.until(gates.is_at_gate)
            assert look() == []
            with Append(invoices_database, tenant, "last", 2) as last:
                last.until(gates.is_in_line)
                assert look() == []
                held_gate.close()
                assert (held.result(), last.result()) == ([0, 1], [2, 3])
                assert look() == [0, 1, 2, 3]
    assert look() == [0, 1, 2, 3]
