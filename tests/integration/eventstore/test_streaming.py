"""A whole log, streamed by one query: the same events, and a connection that comes back whatever happens."""

from contextlib import closing

import pytest

from shared.eventstore.postgres import PostgresEventStore
from shared.kernel.ids import new_id
from tests.sealed_events import sealed_events
from tests.stack import Database

pytestmark = pytest.mark.integration

EVENTS = 700
CONNECTIONS = 2


@pytest.fixture
def tenant() -> str:
    return new_id()


@pytest.fixture
def store(invoices: Database, tenant: str) -> PostgresEventStore:
    store = PostgresEventStore(invoices.new_pool(max_size=CONNECTIONS))
    store.append(tenant, sealed_events(tenant, "invoice-1", range(1, EVENTS + 1)), {"invoice-1": 0})
    return store


def test_a_stream_gives_what_pages_give(store: PostgresEventStore, tenant: str) -> None:
    assert list(store.stream_log(tenant)) == list(store.read_log(tenant))
    assert list(store.stream_log(tenant, 99, upto=130)) == list(store.read_log(tenant, 99, upto=130))
    assert list(store.stream_log(tenant, EVENTS - 1)) == []


def test_a_stream_shows_one_tenant_only(store: PostgresEventStore) -> None:
    assert list(store.stream_log(new_id())) == []


def test_a_stream_that_is_closed_half_way_gives_its_connection_back(store: PostgresEventStore, tenant: str) -> None:
    for _ in range(CONNECTIONS):
        with closing(store.stream_log(tenant)) as events:
            assert next(events).position == 0
    assert store.head(tenant).size == EVENTS
