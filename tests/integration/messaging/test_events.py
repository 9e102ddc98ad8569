"""From the log to the inbox: nothing is lost, nothing is passed over, and what comes twice counts once."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pika
import psycopg
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

from shared.contracts.events import PublicEvent, PublishedEvent
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.wakeups import Wakeups
from shared.kernel.ids import new_id
from shared.messaging.inbox import Inbox
from shared.messaging.relay import Relay
from shared.messaging.sealing import open_event, seal_event
from shared.messaging.serializer import CONTENT_TYPE, SealedBody
from tests.integration.messaging.broker import OwnBroker
from tests.integration.messaging.conftest import Bus
from tests.integration.messaging.processes import Processes, wait_until
from tests.sealed_events import sealed_event
from tests.stack import Database

pytestmark = pytest.mark.integration

QUEUE = "evt-invoices-DocumentArchived--notifier.document_archived"
EVENTS = {"DocumentArchived": PublicEvent(required_subscriber="notifier"), "SellerConfigured": PublicEvent()}


def append(database: Database, tenant: str, *types: str) -> list[str]:
    """Append one event of each type to a new stream; return their ids."""
    stream = f"invoice-{new_id()}"
    events = [sealed_event(tenant, stream, version, type=kind) for version, kind in enumerate(types, 1)]
    PostgresEventStore(database.pool()).append(tenant, events, {stream: 0})
    return [event.id for event in events]


def relay_of(bus: Bus, database: Database) -> Relay:
    pool = database.pool()
    return Relay(pool, PostgresEventStore(pool), bus.settings("invoices"), "invoices", EVENTS, wakeups=Wakeups())


@pytest.fixture
def relay(bus: Bus, invoices_database: Database) -> Iterator[Relay]:
    relay = relay_of(bus, invoices_database)
    yield relay
    relay.close()


def subscribe(bus: Bus, event_type: str = "DocumentArchived") -> None:
    """Be a subscriber that has been started once: its queue exists."""
    connection = bus.vhost.connect()
    channel = connection.channel()
    channel.exchange_declare("invoices.events", "topic", durable=True)
    channel.queue_declare("listening", durable=True)
    channel.queue_bind("listening", "invoices.events", event_type)
    connection.close()


def received(bus: Bus) -> list[PublishedEvent]:
    """Take everything from the subscriber's queue."""
    connection = bus.vhost.connect()
    channel = connection.channel()
    keys = bus.keys("notifier").between("invoices", "notifier")
    events = [
        PublishedEvent.from_body("invoices", open_event(keys, SealedBody.from_text(body), "invoices", kind, event_id))
        for kind, event_id, body in _messages(channel)
    ]
    connection.close()
    return events


def _messages(channel: BlockingChannel) -> Iterator[tuple[str, str, bytes]]:
    """Take messages: type of event, id of message, body."""
    while True:
        method, properties, body = channel.basic_get("listening", auto_ack=True)
        if method is None or body is None:
            return
        assert properties is not None
        assert (properties.content_type, properties.delivery_mode, properties.headers) == (CONTENT_TYPE, 2, {})
        assert properties.message_id is not None
        yield method.routing_key, properties.message_id, body


def checkpoint(database: Database, tenant: str) -> int:
    with database.connect() as connection:
        row = connection.execute("SELECT position FROM relay.checkpoints WHERE tenant = %s", (tenant,)).fetchone()
    return -1 if row is None else int(row[0])


def test_public_events_are_published_in_order_and_others_are_not(
    bus: Bus, relay: Relay, invoices_database: Database
) -> None:
    subscribe(bus)
    tenant = new_id()
    first, _, third = append(invoices_database, tenant, "DocumentArchived", "InvoiceDrafted", "DocumentArchived")
    assert relay.run_once() == 3
    events = received(bus)
    assert [event.id for event in events] == [first, third]
    assert [(event.tenant, event.position, event.version) for event in events] == [(tenant, 0, 1), (tenant, 2, 3)]
    assert checkpoint(invoices_database, tenant) == 2
    assert relay.run_once() == 0
    assert received(bus) == []


def test_an_event_whose_subscriber_was_never_started_waits_and_is_not_passed_over(
    bus: Bus, relay: Relay, invoices_database: Database
) -> None:
    tenant = new_id()
    ids = append(invoices_database, tenant, "InvoiceDrafted", "DocumentArchived", "DocumentArchived")
    assert relay.run_once() == 1
    assert checkpoint(invoices_database, tenant) == 0
    subscribe(bus)
    wait_until(lambda: relay.run_once() == 2, "the relay tries again")
    assert [event.id for event in received(bus)] == ids[1:]
    assert checkpoint(invoices_database, tenant) == 2


def test_one_tenants_waiting_event_does_not_hold_up_another_tenant(
    bus: Bus, relay: Relay, invoices_database: Database
) -> None:
    waiting, other = new_id(), new_id()
    append(invoices_database, waiting, "DocumentArchived")
    append(invoices_database, other, "InvoiceDrafted")
    assert relay.run_once() == 1
    assert (checkpoint(invoices_database, waiting), checkpoint(invoices_database, other)) == (-1, 0)


def test_an_event_that_nobody_must_have_is_passed_over(bus: Bus, relay: Relay, invoices_database: Database) -> None:
    tenant = new_id()
    append(invoices_database, tenant, "SellerConfigured")
    assert relay.run_once() == 1
    assert checkpoint(invoices_database, tenant) == 0


def test_while_one_relay_works_on_a_tenant_another_leaves_it_alone(
    bus: Bus, relay: Relay, invoices_database: Database
) -> None:
    subscribe(bus)
    tenant = new_id()
    append(invoices_database, tenant, "DocumentArchived")
    with invoices_database.connect() as elsewhere, elsewhere.transaction():
        elsewhere.execute("SELECT pg_advisory_xact_lock(hashtextextended('relay ' || %s, 0))", (tenant,))
        assert relay.run_once() == 0
    assert received(bus) == []
    assert relay.run_once() == 1


def test_two_relays_at_once_publish_each_event_once(bus: Bus, invoices_database: Database) -> None:
    subscribe(bus)
    ids = [id_ for _ in range(4) for id_ in append(invoices_database, new_id(), *["DocumentArchived"] * 25)]
    relays = [relay_of(bus, invoices_database) for _ in range(2)]

    def work(relay: Relay) -> None:
        wait_until(lambda: relay.run_once() == 0 and behind(invoices_database) == 0, "both are done")
        relay.close()

    threads = [threading.Thread(target=work, args=(relay,)) for relay in relays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(event.id for event in received(bus)) == sorted(ids)


def behind(database: Database) -> int:
    with database.connect() as connection:
        row = connection.execute(
            "SELECT count(*) FROM log.heads LEFT JOIN relay.checkpoints c USING (tenant)"
            " WHERE coalesce(c.position, -1) < size - 1"
        ).fetchone()
    return 0 if row is None else int(row[0])


def test_a_relay_killed_between_publishing_and_its_checkpoint_loses_nothing(
    bus: Bus, relay: Relay, invoices_database: Database, database: Callable[[str], Database]
) -> None:
    subscribe(bus)
    tenant = new_id()
    ids = append(invoices_database, tenant, *["DocumentArchived"] * 5)
    environment = {**bus.environment("invoices", invoices_database), "DIE_AFTER": "3", "PATH": os.environ["PATH"]}
    killed = subprocess.run(
        [sys.executable, "-m", "tests.integration.messaging.dying_relay"],
        cwd=Path(__file__).parents[3],
        env=environment,
        check=False,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL
    assert checkpoint(invoices_database, tenant) == -1
    wait_until(lambda: relay.run_once() == 5, "the lock of the dead relay is gone")
    events = received(bus)
    assert [event.id for event in events] == [*ids[:3], *ids]
    inbox = Inbox(database("notifier").pool())
    assert [inbox.record(event) for event in events] == [True] * 3 + [False] * 3 + [True] * 2
    assert inbox.counts()["pending"] == 5


def test_a_relay_that_loses_the_broker_goes_on_where_it_was(
    own_broker: OwnBroker, fragile_bus: Bus, invoices_database: Database
) -> None:
    subscribe(fragile_bus)
    relay = relay_of(fragile_bus, invoices_database)
    tenant = new_id()
    ids = append(invoices_database, tenant, "DocumentArchived")
    assert relay.run_once() == 1
    own_broker.kill()
    ids += append(invoices_database, tenant, "DocumentArchived")
    with pytest.raises(AMQPError):
        relay.run_once()
    assert checkpoint(invoices_database, tenant) == 0
    own_broker.start()
    # A subscriber that comes back declares its queue again; until it has, an event that needs it waits its turn.
    subscribe(fragile_bus)
    wait_until(lambda: relay.run_once() == 1, "the event that waited")
    # The first one was confirmed, so it was on disk: the killed broker has it still.
    assert [event.id for event in received(fragile_bus)] == ids
    relay.close()


def test_what_a_handler_cannot_record_stays_and_comes_back_with_growing_pauses(
    bus: Bus,
    relay: Relay,
    processes: Processes,
    invoices_database: Database,
    database: Callable[[str], Database],
) -> None:
    notifier_database = database("notifier")
    subscriber = processes.start("serve_notifier", bus.environment("notifier", notifier_database))
    subscriber.wait_for("serving")
    with notifier_database.connect_as_admin() as admin:
        admin.execute("REVOKE INSERT ON app.inbox FROM tallystick_notifier")
        [event_id] = append(invoices_database, new_id(), "DocumentArchived")
        assert relay.run_once() == 1
        subscriber.wait_for("event_not_recorded", times=3)
        pauses = [line["retry_in_seconds"] for line in subscriber.logged("event_not_recorded")]
        assert pauses[:3] == [1, 2, 4]
        assert inbox_ids(admin) == []
        with bus.client() as client:
            assert client.call("notifier", "health")["database"]
        admin.execute("GRANT INSERT ON app.inbox TO tallystick_notifier")
        wait_until(lambda: inbox_ids(admin) == [event_id], "the event in the inbox")
    assert subscriber.terminate() == 0
    assert bus.vhost.depth(QUEUE) == 0


def test_an_event_that_waits_when_its_worker_stops_is_given_back(
    bus: Bus,
    relay: Relay,
    processes: Processes,
    invoices_database: Database,
    database: Callable[[str], Database],
) -> None:
    notifier_database = database("notifier")
    subscriber = processes.start("serve_notifier", bus.environment("notifier", notifier_database))
    subscriber.wait_for("serving")
    with notifier_database.connect_as_admin() as admin:
        admin.execute("REVOKE INSERT ON app.inbox FROM tallystick_notifier")
    append(invoices_database, new_id(), "DocumentArchived")
    assert relay.run_once() == 1
    subscriber.wait_for("event_not_recorded", times=2)
    assert subscriber.terminate() == 0
    wait_until(lambda: bus.vhost.depth(QUEUE) == 1, "the event back in its queue")


@pytest.mark.parametrize("sealed", [True, False])
def test_what_is_no_event_goes_to_the_dead_letters_and_the_next_event_is_recorded(
    bus: Bus,
    relay: Relay,
    processes: Processes,
    invoices_database: Database,
    database: Callable[[str], Database],
    *,
    sealed: bool,
) -> None:
    canary = "canary-93ab"
    notifier_database = database("notifier")
    subscriber = processes.start("serve_notifier", bus.environment("notifier", notifier_database))
    subscriber.wait_for("serving")
    keys, message_id = bus.keys("invoices").between("invoices", "notifier"), new_id()
    body = canary
    if sealed:
        body = seal_event(keys, "invoices", "DocumentArchived", message_id, {"id": canary}).to_text()
    connection = bus.vhost.connect()
    properties = pika.BasicProperties(content_type=CONTENT_TYPE, message_id=message_id)
    connection.channel().basic_publish("invoices.events", "DocumentArchived", body.encode(), properties)
    connection.close()
    wait_until(lambda: bus.vhost.depth("dead-notifier") == 1, "a dead letter")
    [event_id] = append(invoices_database, new_id(), "DocumentArchived")
    assert relay.run_once() == 1
    with notifier_database.connect_as_admin() as admin:
        wait_until(lambda: inbox_ids(admin) == [event_id], "the event in the inbox")
    assert canary not in subscriber.text()


def inbox_ids(connection: psycopg.Connection) -> list[str]:
    return [str(row[0]) for row in connection.execute("SELECT event_id::text FROM app.inbox").fetchall()]
