"""Fixtures for tests against real servers; without `make test` they skip."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.stack import Database, Databases, Stack

# No test may fail for being slow: speed is measured in benchmarks, and a busy machine is no defect.
settings.register_profile("tallystick", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# Of `make test-long`: tests that ask for it try ten times as much.
settings.register_profile("long", settings.get_profile("tallystick"))
settings.load_profile("tallystick")


@pytest.fixture(scope="session")
def stack() -> Stack:
    """The private servers."""
    return Stack.from_environment()


@pytest.fixture(scope="session")
def databases(stack: Stack) -> Iterator[Databases]:
    """Makes databases for fixtures that outlive one test."""
    databases = Databases(stack)
    yield databases
    databases.close()


@pytest.fixture
def database(databases: Databases) -> Iterator[Callable[[str], Database]]:
    """`database("invoices")` makes an empty database of that service, gone after the test."""
    made = []

    def make(service: str) -> Database:
        made.append(databases.create(service))
        return made[-1]

    yield make
    for each in made:
        databases.drop(each)
