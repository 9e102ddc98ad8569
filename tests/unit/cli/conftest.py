"""A bundle of more than one tile, to be verified whole or spoilt; and a desk with a small one."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.audit import reach
from cli.audit.bundle import Bundle
from cli.audit.ledger import Ledger
from cli.main import main
from shared.eventstore.model import RecordedEvent
from shared.eventstore.trust import Trust
from shared.eventstore.verification import Verification, verify_log
from shared.kernel.clock import FixedClock
from tests.audited import START, WITNESS, Business, Copy

DOCUMENTS = 90
EVENTS = 1 + 3 * DOCUMENTS  # more than one tile


@dataclass
class Desk:
    """An auditor with a bundle: two issued documents, one draft, something that this program does not know."""

    business: Business
    folder: Path
    identity: Path
    invoices: list[str]
    draft: str

    def audit(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["audit", *arguments])

    def on_bundle(self, command: str, *arguments: str, folder: Path | None = None) -> Result:
        copy = str(folder or self.folder)
        return self.audit(command, *arguments, copy, "--identity", str(self.identity), *self.trusting())

    def trusting(self) -> list[str]:
        return ["--log-key", str(self.business.verifier)]


@pytest.fixture(autouse=True)
def _next_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Auditors come the day after: whether an instant has come is not for the clock of this machine to say."""
    monkeypatch.setattr(reach, "SystemClock", lambda: FixedClock(START + timedelta(days=1)))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("desk")
    business = Business()
    customer, invoices = business.trade(2)
    draft = business.draft(customer)
    business.record("thing-1", "SomethingNew", {"colour": "blue\x1b[31m"})
    return desk_of(business, business.bundle(folder / "bundle"), invoices, draft)


def desk_of(business: Business, copy: Copy, invoices: list[str], draft: str) -> Desk:
    """Put a copy of the log, or of a part of it, on an auditor's desk."""
    identity = copy.bundle.folder.with_name("me.age")
    identity.write_text(f"# my key\n{copy.identity}\n", "utf-8")
    identity.chmod(0o600)
    return Desk(business, copy.bundle.folder, identity, invoices, draft)


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
