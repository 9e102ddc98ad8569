"""What the operator is told about a running system."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from shared.contracts.errors import ErrorCode, PublicError
from shared.messaging.answers import unavailable
from tests.unit.cli.running import log_in

HALT = {
    "projection": "relay",
    "tenant": "019aa0e5-0000-7000-8000-000000000001",
    "position": 7,
    "kind": "LookupError\x1b[31m",
    "at": "2026-11-22T09:00:00.000000Z",
    "attempts": 3,
    "retry_at": "2026-11-22T09:00:04.000000Z",
}


class Running:
    """Services that answer what a test says; a PublicError is raised."""

    def __init__(self, **answers: list[dict[str, Any]] | PublicError) -> None:
        self._answers = answers

    def query(self, service: str, method: str, request: Mapping[str, object]) -> dict[str, Any]:
        """Answer."""
        assert (method, request) == ("halts", {})
        answer = self._answers[service]
        if isinstance(answer, PublicError):
            raise answer
        return {"halted": answer}


def ask(monkeypatch: pytest.MonkeyPatch, running: Running, *arguments: str) -> Result:
    log_in(monkeypatch, running)
    return CliRunner().invoke(main, ["operations", "halts", *arguments])


def test_a_system_that_gets_on_is_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    done = ask(monkeypatch, Running(auth=[], invoices=[]))
    assert (done.exit_code, done.stdout) == (0, "Nothing is halted.\n")


def test_a_halt_is_told_with_its_place_and_ends_with_status_1(monkeypatch: pytest.MonkeyPatch) -> None:
    done = ask(monkeypatch, Running(auth=[], invoices=[HALT]))
    assert done.exit_code == 1
    assert done.stdout.startswith(
        f"invoices: relay stands at position 7 of tenant {HALT['tenant']} since 2026-11-22T09:00"
    )
    assert "\x1b" not in done.stdout


def test_a_service_that_does_not_answer_is_not_said_to_get_on(monkeypatch: pytest.MonkeyPatch) -> None:
    done = ask(monkeypatch, Running(auth=unavailable("auth"), invoices=[HALT]), "--json")
    assert done.exit_code == 3
    assert json.loads(done.stdout) == {"auth": None, "invoices": [HALT]}
    assert done.stderr == "The service auth does not answer.\n"


def test_whoever_is_not_the_operator_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = PublicError(ErrorCode.PERMISSION_DENIED, "You may not do this.")
    assert ask(monkeypatch, Running(auth=refusal)).exception is refusal


def test_without_the_operators_key_nothing_is_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TALLYSTICK_SERVICE_KEY_FILE", raising=False)
    done = CliRunner().invoke(main, ["operations", "halts"])
    assert done.exit_code == 2
    assert "The setting TALLYSTICK_SERVICE_KEY_FILE is missing." in done.stderr
    (tmp_path / "key").write_text("no key", "utf-8")
    (tmp_path / "key").chmod(0o600)
    monkeypatch.setenv("TALLYSTICK_SERVICE_KEY_FILE", str(tmp_path / "key"))
    done = CliRunner().invoke(main, ["operations", "halts"])
    assert done.exit_code == 2
    assert "no key" not in done.stderr
