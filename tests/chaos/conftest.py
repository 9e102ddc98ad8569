"""Businesses whose logs are written to by processes that are there to be killed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.kernel.ids import new_id
from tests.chaos.writers import Writer
from tests.keyrings import keyring_over
from tests.stack import Database

TENANTS, WRITERS = 2, 2
"""Businesses, and writers of each."""


@contextmanager
def writers_of(database: Database, directory: Path) -> Iterator[list[Writer]]:
    """Make writers, not started yet; whoever is alive in the end is killed."""
    tenants = [new_id() for _ in range(TENANTS)]
    keyring = keyring_over(PostgresKeyStore(database.pool()))
    for tenant in tenants:
        keyring.create_tenant(tenant)
    writers = [Writer(database, tenant, directory) for tenant in tenants for _ in range(WRITERS)]
    try:
        yield writers
    finally:
        for writer in writers:
            if writer.is_alive:
                writer.kill()


@pytest.fixture
def invoices(database: Callable[[str], Database]) -> Database:
    return database("invoices")


@pytest.fixture
def writers(invoices: Database, tmp_path: Path) -> Iterator[list[Writer]]:
    with writers_of(invoices, tmp_path) as writers:
        yield writers
