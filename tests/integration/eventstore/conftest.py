"""Fixtures of the event store's own tests: a database of its own for each, as it is about breaking things."""

from collections.abc import Callable

import pytest

from tests.stack import Database


@pytest.fixture
def invoices(database: Callable[[str], Database]) -> Database:
    return database("invoices")
