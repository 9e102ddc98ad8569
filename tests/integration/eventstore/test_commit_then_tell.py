"""What others are told of an append, and when."""

import threading
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest
from structlog.testing import capture_logs

from shared.eventstore.model import SealedEvent
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import VersionConflict
from shared.kernel.ids import new_id
from tests.integration.messaging.processes import PATIENCE
from tests.sealed_events import sealed_event, sealed_events
from tests.stack import Database

pytestmark = pytest.mark.integration

Batch = Callable[[str, str], list[SealedEvent]]


@pytest.fixture
def store(invoices: Database) -> PostgresEventStore:
    return PostgresEventStore(invoices.pool())


@pytest.fixture
def listener(invoices: Database) -> Iterator[psycopg.Connection]:
    with invoices.connect() as connection:
        connection.execute("LISTEN tallystick_log")
        yield connection


def one(tenant: str, stream: str) -> list[SealedEvent]:
    return [sealed_event(tenant, stream, 1)]


def several(tenant: str, stream: str) -> list[SealedEvent]:
    return sealed_events(tenant, stream, [1, 2, 3])


def next_told(listener: psycopg.Connection) -> str:
    return next(listener.notifies(timeout=PATIENCE, stop_after=1)).payload


@pytest.mark.parametrize("batch", [one, several])
def test_who_listens_is_told_the_tenant_when_the_events_are_there(
    store: PostgresEventStore, listener: psycopg.Connection, batch: Batch
) -> None:
    tenant = new_id()
    store.append(tenant, batch(tenant, "invoice-1"), {"invoice-1": 0})
    assert next_told(listener) == tenant
    row = listener.execute("SELECT size FROM log.heads WHERE tenant = %s", (tenant,)).fetchone()
    assert row == (len(batch(tenant, "invoice-1")),)


@pytest.mark.parametrize("batch", [one, several])
def test_of_a_refused_append_nobody_is_told(
    store: PostgresEventStore, listener: psycopg.Connection, batch: Batch
) -> None:
    refused, appended = new_id(), new_id()
    with pytest.raises(VersionConflict):
        store.append(refused, [sealed_event(refused, "invoice-1", 2)], {"invoice-1": 1})
    store.append(appended, batch(appended, "invoice-1"), {"invoice-1": 0})
    # Notifications come in order: had the refused one sent any, it would be first.
    assert next_told(listener) == appended


def test_the_last_append_of_a_burst_is_followed_by_a_notification(
    store: PostgresEventStore, listener: psycopg.Connection
) -> None:
    tenant, burst = new_id(), 100

    def append_all() -> None:
        for version in range(burst):
            store.append(tenant, [sealed_event(tenant, "invoice-1", version + 1)], {"invoice-1": version})

    writer = threading.Thread(target=append_all)
    writer.start()
    # A follower that looks only when told: without a notification after the last append it would wait in vain.
    told = (notify.payload for notify in listener.notifies(timeout=PATIENCE))
    size = 0
    while size < burst:
        assert next(told) == tenant
        size = store.head(tenant).size
    writer.join()


def test_of_a_burst_over_several_tenants_each_is_told(store: PostgresEventStore, listener: psycopg.Connection) -> None:
    tenants = {new_id() for _ in range(10)}
    for tenant in tenants:
        store.append(tenant, one(tenant, "invoice-1"), {"invoice-1": 0})
    told = {notify.payload for notify in listener.notifies(timeout=PATIENCE, stop_after=len(tenants))}
    assert told == tenants


def test_appends_after_a_silence_are_told_too(store: PostgresEventStore, listener: psycopg.Connection) -> None:
    first, second = new_id(), new_id()
    store.append(first, one(first, "invoice-1"), {"invoice-1": 0})
    assert next_told(listener) == first
    while any(thread.name == "waker" for thread in threading.enumerate()):
        time.sleep(0.01)
    store.append(second, one(second, "invoice-1"), {"invoice-1": 0})
    assert next_told(listener) == second


def test_an_append_succeeds_although_nobody_can_be_told(invoices: Database, store: PostgresEventStore) -> None:
    with invoices.connect_as_admin() as admin:
        admin.execute("REVOKE EXECUTE ON FUNCTION pg_notify FROM PUBLIC")
    tenant = new_id()
    with capture_logs() as logs:
        assert store.append(tenant, one(tenant, "invoice-1"), {"invoice-1": 0}).last == 0
        while not logs:
            time.sleep(0.01)
    assert [(line["event"], line["reason"]) for line in logs] == [("wakeup_not_sent", "InsufficientPrivilege")]
