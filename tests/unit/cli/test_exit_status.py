"""A fault, a wrong command and what cannot be read are told apart by the exit status."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.audit import opening
from cli.main import main
from shared.crypto.age import new_identity
from tests.audited import Business


class _Session:
    def __init__(self, business: Business) -> None:
        self._business = business

    def query(self, service: str, method: str, request: dict[str, object]) -> object:
        return {"note": self._business.note()} if service == "backup" else self._business.query(method, request)


@pytest.fixture
def business(monkeypatch: pytest.MonkeyPatch) -> Business:
    """A business whose system the export command is logged in to."""
    business = Business()
    business.trade()

    @contextmanager
    def logged_in() -> Iterator[_Session]:
        yield _Session(business)

    monkeypatch.setattr(opening, "logged_in", logged_in)
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
