"""What others are told of an append, and when."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from shared.eventstore.model import SealedEvent
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import VersionConflict
from shared.kernel.ids import new_id
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
    return next(listener.notifies(timeout=30, stop_after=1)).payload


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
