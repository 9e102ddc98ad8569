"""A fault, a wrong command and what cannot be read are told apart by the exit status."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.age import new_identity
from shared.messaging.answers import unavailable
from tests.audited import WITNESS, Business
from tests.unit.cli.running import log_in


class _Session:
    def __init__(self, business: Business, *, witness_answers: bool = True) -> None:
        self._business, self._witness_answers = business, witness_answers

    def query(self, service: str, method: str, request: dict[str, object]) -> object:
        if service != "backup":
            return self._business.query(method, request)
        if not self._witness_answers:
            raise unavailable(service)
        return {"note": self._business.note(), "witness_key": str(WITNESS)}


@pytest.fixture
def business(monkeypatch: pytest.MonkeyPatch) -> Business:
    """A business whose system the commands are logged in to."""
    business = Business()
    business.trade()
    log_in(monkeypatch, _Session(business))
    return business


def audit(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["audit", *arguments])


@pytest.mark.parametrize("place", ["file/COPY", "/proc/COPY", "loop/COPY"])
def test_a_place_that_cannot_be_written_ends_with_a_sentence(business: Business, tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    done = audit("export", str(tmp_path / place), "--recipient", new_identity()[1])
    assert (done.exit_code, type(done.exception)) == (3, SystemExit)
    assert done.stderr.splitlines()[-1].startswith("Error: ")


@pytest.mark.parametrize("place", ["nonex/..", "/"])
def test_a_place_without_a_name_ends_with_a_sentence(business: Business, place: str) -> None:
    done = audit("export", place, "--recipient", new_identity()[1])
    assert (done.exit_code, type(done.exception)) == (3, SystemExit)


def test_a_bundle_is_of_the_log_that_it_names(business: Business, tmp_path: Path) -> None:
    folder = business.bundle(tmp_path / "copy").bundle.folder
    done = audit("verify", str(folder), "--log-key", str(business.verifier), "--log", "auth")
    assert done.exit_code == 2
    assert "--log chooses a running system's log" in done.stderr


def test_what_cannot_be_read_is_no_fault(business: Business, tmp_path: Path) -> None:
    folder = business.bundle(tmp_path / "copy").bundle.folder
    (folder / "checkpoint").unlink()
    assert audit("verify", str(folder), "--log-key", str(business.verifier)).exit_code == 3


def test_who_is_not_logged_in_is_told_of_no_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TALLYSTICK_TOKEN_FILE", str(tmp_path / "none"))
    done = audit("verify", "--log-key", str(Business().verifier))
    assert done.exit_code == 3
    assert "log in with: tallystick login" in done.stderr


def test_whoever_may_not_open_a_log_is_told_what_would_do(monkeypatch: pytest.MonkeyPatch) -> None:
    business = Business()
    business.trade()
    session = _Session(business)
    asked = session.query

    def query(service: str, method: str, request: dict[str, object]) -> object:
        if method == "export_keys":
            raise PublicError(ErrorCode.PERMISSION_DENIED, "No grant gives it.", {"permission": "log:export"})
        return asked(service, method, request)

    monkeypatch.setattr(session, "query", query)
    log_in(monkeypatch, session)
    done = audit("verify", "--log-key", str(business.verifier))
    assert done.exit_code == 3
    assert "has the role auditor; `audit verify --without-keys`" in done.stderr
    assert audit("verify", "--log-key", str(business.verifier), "--without-keys").exit_code == 0


def test_all_keys_that_a_system_shows_are_a_success(business: Business) -> None:
    done = audit("log-keys", "--json")
    assert done.exit_code == 0, done.stderr
    key = str(business.verifier)
    assert json.loads(done.stdout) == {"invoices": key, "auth": key, "witness": str(WITNESS)}


def test_a_witness_that_does_not_answer_is_said_and_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    business = Business()
    log_in(monkeypatch, _Session(business, witness_answers=False))
    done = audit("log-keys", "--json")
    assert done.exit_code == 3
    assert json.loads(done.stdout) == {
        "invoices": str(business.verifier),
        "auth": str(business.verifier),
        "witness": None,
    }
    assert done.stderr.splitlines()[-1].startswith("Error: the witness shows no key (service_unavailable: ")
