"""Sixteen processes issue in one series and are killed again and again: no gap, no number twice, a whole register."""

import json
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from random import Random

import pytest

from services.invoices.domain.document.content import DocumentType
from tests.chaos.issuer import Errand, issue_all
from tests.gates import conninfo_of
from tests.integration.invoices.trade import KEK_BYTES, Trade
from tests.stack import Database

pytestmark = pytest.mark.integration

ISSUERS, LIVES, IN_A_LIFE, FIRST = 16, 4, 2, 4711
"""All lives but the last are killed; each has documents to issue that no life before it had."""
LONGEST_WAIT = 0.1
"""Seconds between kills; sixteen issuers on few cores take tens of thousandths for a number."""
_LIVES = multiprocessing.get_context("forkserver")
_LIVES.set_forkserver_preload(["tests.chaos.issuer"])


class Issuer:
    """One issuer, through all its lives."""

    def __init__(self, database: Database, tenant: str, notes: Path, drafts: list[str]) -> None:
        self._errand = Errand(conninfo_of(database, notes.name, None), KEK_BYTES, tenant, notes, drafts)
        notes.touch()
        self._life: ForkServerProcess | None = None
        self.lives = 0

    def start(self) -> None:
        """Begin the next life; what was issued in an earlier one is asked for again, and must be answered as then."""
        self.lives += 1
        errand = replace(self._errand, drafts=self._errand.drafts[: self.lives * IN_A_LIFE], last=self.lives == LIVES)
        self._life = _LIVES.Process(target=issue_all, args=(errand,), daemon=True)
        self._life.start()

    def kill(self) -> None:
        """End this life: SIGKILL."""
        assert self._life is not None
        self._life.kill()
        self._life.join()
        assert self._life.exitcode == -signal.SIGKILL

    def finish(self) -> None:
        """Wait until everything is issued."""
        assert self._life is not None
        self._life.join()
        assert self._life.exitcode == 0

    def end(self) -> None:
        """Leave no process behind."""
        if self._life is not None:
            self._life.kill()
            self._life.join()

    def answers(self) -> dict[str, str]:
        """Return the number of each draft; no draft was ever answered with two."""
        numbers: dict[str, str] = {}
        for line in self._errand.notes.read_text("utf-8").splitlines():
            invoice_id, number = json.loads(line)
            assert numbers.setdefault(invoice_id, number) == number
        return numbers


@pytest.fixture
def issuers(invoices: Database, business: Trade, tmp_path: Path) -> Iterator[list[Issuer]]:
    customer = business.customer()
    drafts = [[business.draft(customer).invoice_id for _ in range(LIVES * IN_A_LIFE)] for _ in range(ISSUERS)]
    issuers = [
        Issuer(invoices, business.tenant, tmp_path / f"issuer-{index}", some) for index, some in enumerate(drafts)
    ]
    yield issuers
    for issuer in issuers:
        issuer.end()


@pytest.fixture
def business(invoices: Database) -> Trade:
    """Its invoices are numbered by fiscal year, and it came here in the middle of one."""
    trade = Trade.over(invoices)
    trade.open_for_business()
    trade.configure_series(
        "RE",
        "{series}-{year}-{number:05}",
        serves=(DocumentType.INVOICE,),
        resets=True,
        first=FIRST,
        first_year=date(2026, 6, 2).year,
    )
    return trade


def test_sixteen_killed_issuers_leave_no_gap_use_no_number_twice_and_a_whole_register(
    business: Trade, issuers: list[Issuer]
) -> None:
    seed = int.from_bytes(os.urandom(4))
    print(f"seed {seed}")  # noqa: T201 -- shown with a failure
    chance = Random(seed)  # noqa: S311 - who is killed and when: nothing secret
    victims = issuers * (LIVES - 1)
    chance.shuffle(victims)
    for issuer in issuers:
        issuer.start()
    for victim in victims:
        time.sleep(chance.uniform(0, LONGEST_WAIT))
        victim.kill()
        victim.start()
    for issuer in issuers:
        issuer.finish()
    answers = {invoice_id: number for issuer in issuers for invoice_id, number in issuer.answers().items()}
    sequences = range(FIRST, FIRST + ISSUERS * LIVES * IN_A_LIFE)
    assert sorted(answers.values()) == [f"RE-2026-{sequence:05d}" for sequence in sequences]
    assert business.series("RE", 2026) == list(sequences)
    register = business.register("RE", 2026)
    assert {number["invoice_id"]: number["number"] for number in register["numbers"]} == answers
    assert [number["sequence"] for number in register["numbers"]] == list(sequences)
    assert (register["taken"], register["faults"]) == (len(answers), [])
    assert {number["state"] for number in register["numbers"]} == {"issued"}
