"""One suite for every implementation of a port: in memory, and in PostgreSQL as the service's role."""

from collections.abc import Iterator

import pytest

from shared.eventstore.memory import InMemoryEventStore
from shared.eventstore.pool import Pool
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import EventStore
from shared.kernel.ids import new_id
from tests.stack import Databases

IMPLEMENTATIONS = ["memory", pytest.param("postgres", marks=pytest.mark.integration)]


@pytest.fixture(scope="session")
def pool(databases: Databases) -> Iterator[Pool]:
    """Connections to one database for the whole suite: every test is a tenant of its own."""
    database = databases.create("invoices")
    yield database.pool(max_size=16)
    databases.drop(database)


@pytest.fixture(params=IMPLEMENTATIONS)
def store(request: pytest.FixtureRequest) -> EventStore:
    """An event store. A suite of another port has a `store` of its own."""
    if request.param == "memory":
        return InMemoryEventStore()
    return PostgresEventStore(request.getfixturevalue("pool"))


@pytest.fixture
def tenant() -> str:
    return new_id()
