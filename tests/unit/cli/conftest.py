"""A bundle of more than one tile, to be verified whole or spoilt."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from cli.audit.bundle import Bundle
from cli.audit.ledger import Ledger
from shared.eventstore.model import RecordedEvent
from shared.eventstore.trust import Trust
from shared.eventstore.verification import Verification, verify_log
from tests.audited import WITNESS, Business, Copy

DOCUMENTS = 90
EVENTS = 1 + 3 * DOCUMENTS  # more than one tile


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Business, Copy]:
    business = Business()
    business.trade(DOCUMENTS)
    return business, business.bundle(tmp_path_factory.mktemp("made") / "bundle")


@pytest.fixture
def business(made: tuple[Business, Copy]) -> Business:
    return made[0]


@pytest.fixture
def copy(made: tuple[Business, Copy], tmp_path: Path) -> Copy:
    """A bundle of the test's own, to be spoilt."""
    folder = tmp_path / "bundle"
    shutil.copytree(made[1].bundle.folder, folder)
    return Copy(Bundle(folder), made[1].identity, made[1].recipient)


def verify(copy: Copy, trust: Trust, **more: Any) -> Verification:  # noqa: ANN401 - as `verify_log` takes them
    return verify_log(copy.bundle, trust, keys=copy.keys, **more)


def trust(business: Business) -> Trust:
    return Trust(business.verifier, WITNESS)


def faults(found: Verification) -> set[tuple[str, int | None]]:
    return {(fault.kind.value, fault.position) for fault in found.faults}


def folding(ledger: Ledger, pages: list[RecordedEvent] | None = None) -> Callable[[Sequence[RecordedEvent]], None]:
    def fold(page: Sequence[RecordedEvent]) -> None:
        if pages is not None:
            pages.extend(page)
        for event in page:
            ledger.add(event)

    return fold
