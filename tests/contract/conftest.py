"""One suite for every implementation of a port: in memory, and in PostgreSQL as the service's role."""

from collections.abc import Iterator

import pytest

from shared.eventstore.pool import Pool
from tests.stack import Databases

IMPLEMENTATIONS = ["memory", pytest.param("postgres", marks=pytest.mark.integration)]


@pytest.fixture(scope="session")
def pool(databases: Databases) -> Iterator[Pool]:
    """Connections to one database for the whole suite: every test is a tenant of its own."""
    database = databases.create("invoices")
    yield database.pool(max_size=16)
    databases.drop(database)
