from collections.abc import Callable
from pathlib import Path

import pytest

from shared.crypto.kek import FileKek
from tests.integration.backup.system import SAVED, System
from tests.stack import Database


@pytest.fixture
def empty_system(database: Callable[[str], Database], tmp_path: Path) -> System:
    kek = tmp_path / "kek"
    FileKek.create(kek)
    return System({name: database(name) for name in SAVED}, kek, tmp_path / "offsite")


@pytest.fixture
def system(empty_system: System) -> System:
    empty_system.fill()
    return empty_system
