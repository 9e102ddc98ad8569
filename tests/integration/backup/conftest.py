from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from shared.crypto.kek import FileKek
from tests.integration.backup.system import SAVED, System
from tests.integration.backup.target import Target
from tests.stack import Database, Databases, Stack


@pytest.fixture(scope="session")
def kek(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kek") / "kek"
    FileKek.create(path)
    return path


@pytest.fixture
def empty_system(database: Callable[[str], Database], kek: Path, tmp_path: Path) -> System:
    return System({name: database(name) for name in SAVED}, kek, tmp_path / "offsite")


@pytest.fixture(scope="session")
def filled(databases: Databases, kek: Path) -> Iterator[System]:
    with ExitStack() as stack:
        made = {name: databases.create(name) for name in SAVED}
        for each in made.values():
            stack.callback(databases.drop, each)
        system = System(made, kek, Path("/nowhere"))
        system.fill()
        yield system


@pytest.fixture
def system(filled: System, tmp_path: Path) -> System:
    """Databases that all tests share, so they only grow; the offsite target is this test's own."""
    return replace(filled, offsite=tmp_path / "offsite")


@pytest.fixture
def own_system(system: System, database: Callable[[str], Database]) -> System:
    """The same with a log of this test's own, to be tampered with."""
    own = replace(system, databases={**system.databases, "invoices": database("invoices")})
    own.fill()
    return own


@pytest.fixture
def target(stack: Stack, databases: Databases) -> Iterator[Target]:
    """Databases to restore into."""
    target = Target.make(stack, databases)
    yield target
    for each in target.databases.values():
        databases.drop(each)


@pytest.fixture(scope="session")
def _untouched(stack: Stack, databases: Databases) -> Iterator[Target]:
    target = Target.make(stack, databases)
    yield target
    for each in target.databases.values():
        databases.drop(each)


@pytest.fixture
def untouched(_untouched: Target) -> Iterator[Target]:
    """Databases into which nothing must get: that is checked after the test."""
    yield _untouched
    assert _untouched.is_empty()
