"""The witness vouches for one history of a log, whoever holds the log's database and its signing key."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import conninfo
from structlog.testing import capture_logs

from services.backup.adapters.witnessed import WitnessedHeads
from services.backup.domain.witness import Head, LogInconsistent
from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.signing import SigningKey
from shared.merkle.checkpoint import Checkpoint
from shared.merkle.cosignature import CosignatureVerifier
from shared.merkle.note import NoteVerifier, open_note
from shared.merkle.tree import EMPTY_ROOT, root_hash
from tests.integration.backup.system import System
from tests.integration.backup.witnessing import ORIGIN, TENANT, RewritableLog, StoredLog, leaves, witness_over
from tests.stack import Database

pytestmark = pytest.mark.integration

SEED = os.urandom(32)
LOG_KEY = SigningKey(Ed25519PrivateKey.from_private_bytes(SEED))
OTHER_TENANT = "019aa0e5-1111-7000-8000-000000000002"


@dataclass
class Watched:
    """A log, and the witness that watches it."""

    database: Database
    log: RewritableLog = field(default_factory=lambda: RewritableLog(LOG_KEY))
    witness_key: SigningKey = field(default_factory=SigningKey.generate)

    def __post_init__(self) -> None:
        self.witness = witness_over(self.database.pool(), self.log, LOG_KEY, self.witness_key)
        self.heads = WitnessedHeads(self.database.pool())

    def cosigned(self) -> Checkpoint:
        """Ask for a cosignature and check it as anybody would."""
        note = open_note(self.witness.cosign("invoices", TENANT), self.verifiers())
        assert len(note.signatures) == 2
        return Checkpoint.from_text(note.text)

    def verifiers(self) -> list[NoteVerifier | CosignatureVerifier]:
        witness = CosignatureVerifier("tallystick.example/tallystick/witness", self.witness_key.public)
        return [NoteVerifier(ORIGIN, LOG_KEY.public), witness]

    def refuses(self) -> str:
        """Ask for a cosignature that must be refused, loudly, with the evidence; return the problem."""
        known = self.heads.latest("invoices", TENANT)
        with capture_logs() as logged, pytest.raises(LogInconsistent):
            self.witness.cosign("invoices", TENANT)
        assert self.heads.latest("invoices", TENANT) == known
        (line,) = logged
        assert (line["log_level"], line["event"], line["tenant"]) == ("critical", "log_inconsistent", TENANT)
        assert line["note"] == self.log.growth("invoices", TENANT, 0)[0]
        return str(line["problem"])


@pytest.fixture
def watched(database: Callable[[str], Database]) -> Watched:
    return Watched(database("backup"))


# ---- A log that only grows


def test_a_log_that_is_seen_for_the_first_time_is_believed(watched: Watched) -> None:
    checkpoint = watched.cosigned()
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == (ORIGIN, 3, root_hash(watched.log.leaves))
    assert watched.heads.latest("invoices", TENANT) == Head(3, checkpoint.root)


def test_a_log_that_only_grew_is_cosigned_again_and_again(watched: Watched) -> None:
    watched.log.leaves.clear()
    assert watched.cosigned() == Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    for entry in "abcdefgh":
        watched.log.leaves += leaves(entry)
        assert watched.cosigned().root == root_hash(watched.log.leaves)
        assert watched.cosigned().size == len(watched.log.leaves), "the same head may be cosigned once more"


def test_each_log_of_each_tenant_is_a_history_of_its_own(watched: Watched) -> None:
    watched.cosigned()
    assert watched.heads.latest("auth", TENANT) is None
    assert watched.heads.latest("invoices", OTHER_TENANT) is None


# ---- Attacks


def test_a_log_rewritten_and_signed_with_the_genuine_key_is_refused(watched: Watched) -> None:
    watched.cosigned()
    watched.log.leaves[:] = leaves("a", "B", "c", "d")
    assert "do not continue" in watched.refuses()


def test_a_rewritten_log_of_the_same_size_is_refused(watched: Watched) -> None:
    watched.cosigned()
    watched.log.leaves[:] = leaves("a", "b", "C")
    assert "do not continue" in watched.refuses()


def test_a_shrunk_log_is_refused(watched: Watched) -> None:
    watched.cosigned()
    del watched.log.leaves[2:]
    assert "shrank from 3 to 2" in watched.refuses()


def test_a_log_that_was_shrunk_and_grew_anew_is_refused(watched: Watched) -> None:
    watched.cosigned()
    watched.log.leaves[2:] = leaves("x", "y", "z")
    assert "do not continue" in watched.refuses()


def test_an_emptied_log_is_refused(watched: Watched) -> None:
    watched.cosigned()
    watched.log.leaves.clear()
    assert "shrank" in watched.refuses()


def test_after_a_refusal_the_true_log_is_still_cosigned(watched: Watched) -> None:
    watched.cosigned()
    watched.log.leaves[:] = leaves("x", "y", "z", "u")
    watched.refuses()
    watched.log.leaves[:] = leaves("a", "b", "c", "d")
    assert watched.cosigned().size == 4


def test_another_signing_key_is_refused(watched: Watched) -> None:
    watched.log.key = SigningKey.generate()
    assert "known key" in watched.refuses()


@pytest.mark.parametrize("origin", [ORIGIN.replace("invoices", "auth"), ORIGIN.replace(TENANT, OTHER_TENANT)])
def test_another_logs_checkpoint_is_refused(watched: Watched, origin: str) -> None:
    watched.log.origin = origin
    assert "known key" in watched.refuses()


def test_lines_of_strangers_are_not_passed_on(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    note, proof = watched.log.growth("invoices", TENANT, 0)
    stranger = "\u2014 stranger.example AAAAAAAAAAA=\n" * 99
    monkeypatch.setattr(watched.log, "growth", lambda *_: (note + stranger, proof))
    assert "stranger" not in watched.witness.cosign("invoices", TENANT)


def test_a_log_that_cannot_be_had_is_neither_cosigned_nor_accused(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object) -> tuple[str, Sequence[bytes]]:
        raise PublicError(ErrorCode.SERVICE_UNAVAILABLE, "silent")

    monkeypatch.setattr(watched.log, "growth", silent)
    with capture_logs() as logged, pytest.raises(PublicError):
        watched.witness.cosign("invoices", TENANT)
    assert logged == []


def test_a_database_that_is_rewritten_event_by_event_is_refused(watched: Watched, own_system: System) -> None:
    log = StoredLog(own_system, LOG_KEY)
    witness = witness_over(watched.database.pool(), log, LOG_KEY, watched.witness_key)
    own_system.issue(TENANT)
    assert len(open_note(witness.cosign("invoices", TENANT), watched.verifiers()).signatures) == 2
    log.forget(TENANT)
    for _ in range(12):  # as many as there were, and more: appended, signed and proved by the genuine programs
        own_system.issue(TENANT)
    with capture_logs() as logged, pytest.raises(LogInconsistent, match="do not continue"):
        witness.cosign("invoices", TENANT)
    assert [line["event"] for line in logged] == ["log_inconsistent"]


# ---- Two at a time, and dying


class Forked(RewritableLog):
    """Shows each of two callers another continuation, once both have looked at what is known."""

    def __init__(self, histories: list[list[bytes]]) -> None:
        super().__init__(LOG_KEY)
        self.both, self.mine, self.histories = threading.Barrier(2, timeout=120), threading.local(), histories
        self.lock = threading.Lock()

    def growth(self, log: str, tenant: str, since: int) -> tuple[str, Sequence[bytes]]:
        if not hasattr(self.mine, "leaves"):
            with self.lock:
                self.mine.leaves = self.histories.pop()
            self.both.wait()
        return RewritableLog(LOG_KEY, self.mine.leaves).growth(log, tenant, since)


@pytest.mark.parametrize("seen", [True, False], ids=["seen before", "never seen"])
@pytest.mark.parametrize("longer", [["x", "y"], ["x", "y", "z"]], ids=["equal sizes", "different sizes"])
def test_of_two_forks_shown_at_the_same_moment_one_is_cosigned(
    watched: Watched, longer: list[str], *, seen: bool
) -> None:
    if seen:
        watched.cosigned()
    common = watched.log.leaves if seen else []
    forks = [[*common, *leaves("d", "e")], [*common, *leaves(*longer)]]
    witness = witness_over(watched.database.pool(), Forked(forks[:]), LOG_KEY, watched.witness_key)

    def attempt(_: int) -> str | None:
        try:
            return witness.cosign("invoices", TENANT)
        except LogInconsistent:
            return None

    with ThreadPoolExecutor(2) as both:
        answers = [answer for answer in both.map(attempt, range(2)) if answer is not None]
    assert len(answers) == 1
    checkpoint = Checkpoint.from_text(open_note(answers[0], watched.verifiers()).text)
    assert watched.heads.latest("invoices", TENANT) == Head(checkpoint.size, checkpoint.root)


@pytest.mark.parametrize(("where", "kept"), [("keeping", False), ("cosigning", True)])
def test_killed_at_any_moment_it_knows_at_least_what_it_vouched_for(watched: Watched, where: str, kept: bool) -> None:  # noqa: FBT001 - a table
    dsn = conninfo.make_conninfo(watched.database.url, password=watched.database.password)
    module = "tests.integration.backup.witnessing"
    died = subprocess.run([sys.executable, "-m", module, dsn, SEED.hex(), where], check=False, timeout=60)
    assert died.returncode == -signal.SIGKILL
    # Nothing was given out either time. What was kept binds the witness all the same.
    watched.log.leaves[:] = leaves("another", "history")
    if kept:
        assert "shrank" in watched.refuses()
    else:
        assert watched.cosigned().size == 2


# ---- At rest


def test_the_service_cannot_forget_or_change_what_it_saw(watched: Watched) -> None:
    watched.cosigned()
    for statement in ("DELETE FROM app.witnessed", "UPDATE app.witnessed SET size = 1", "TRUNCATE app.witnessed"):
        with watched.database.connect() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_the_notes_that_it_saw_are_kept_as_evidence(watched: Watched) -> None:
    watched.cosigned()
    with watched.database.connect_as_admin() as admin:
        ((note, previous),) = admin.execute("SELECT note, previous FROM app.witnessed").fetchall()
    assert note == watched.log.growth("invoices", TENANT, 0)[0]
    assert previous is None


def test_the_database_keeps_one_history_even_for_a_mistaken_service(watched: Watched) -> None:
    first, known = Head(3, bytes(32)), None
    assert watched.heads.keep("invoices", TENANT, known, first, "note")
    assert not watched.heads.keep("invoices", TENANT, None, Head(5, bytes(32)), "a second beginning")
    assert watched.heads.keep("invoices", TENANT, first, Head(4, bytes(32)), "note")
    assert not watched.heads.keep("invoices", TENANT, first, Head(6, bytes(32)), "a fork")
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        watched.heads.keep("invoices", TENANT, Head(5, bytes(32)), Head(7, bytes(32)), "behind nothing")
    with pytest.raises(psycopg.errors.CheckViolation):
        watched.heads.keep("invoices", TENANT, Head(4, bytes(32)), Head(2, bytes(32)), "a shrunk log")
