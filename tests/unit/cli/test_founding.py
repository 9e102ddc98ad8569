"""What the operator does for all businesses: taking one in, and backing them up."""

from collections.abc import Mapping
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.main import main
from tests.unit.cli.running import log_in

TENANT = "019aa0e5-0000-7000-8000-000000000001"
SNAPSHOT = {"backup_id": "b1\x1b[31m", "created_at": "2026-11-22T09:00:00.000000Z", "objects": 3, "bytes": 4096}


class Running:
    """Services that answer, and remember what they were asked."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self._answer = answer
        self.asked: list[tuple[str, str, Mapping[str, object]]] = []

    def query(self, service: str, method: str, request: Mapping[str, object]) -> Mapping[str, Any]:
        """Answer."""
        self.asked.append((service, method, request))
        return self._answer

    def command(
        self, service: str, method: str, request: Mapping[str, object], idempotency_key: str
    ) -> Mapping[str, Any]:
        """Answer, to somebody with an idempotency key."""
        assert idempotency_key
        return self.query(service, method, request)


def ask(monkeypatch: pytest.MonkeyPatch, running: Running, *arguments: str) -> Result:
    log_in(monkeypatch, running)
    return CliRunner().invoke(main, ["operations", *arguments])


def test_founding_a_business_prints_the_invitation_alone_where_programs_read(monkeypatch: pytest.MonkeyPatch) -> None:
    running = Running({"tenant": TENANT, "invitation": "the-invitation"})
    done = ask(monkeypatch, running, "found", "Ada & Co", "--owner", "Ada", "--email", "ada@example.org")
    assert (done.exit_code, done.stdout) == (0, "the-invitation\n")
    assert TENANT in done.stderr
    request = {"name": "Ada & Co", "owner_name": "Ada", "owner_email": "ada@example.org"}
    assert running.asked == [("auth", "create_tenant", request)]


def test_a_snapshot_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    running = Running({"backup_id": "b1", "objects": 3, "bytes": 4096})
    done = ask(monkeypatch, running, "snapshot")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "b1\n", "3 objects, 4,096 bytes:\n")


def test_snapshots_are_listed_and_nothing_in_them_reaches_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    done = ask(monkeypatch, Running({"snapshots": [SNAPSHOT], "verifier_key": "backup+1+key"}), "snapshots")
    assert done.exit_code == 0
    assert done.stdout.startswith("b1\\u001b[31m  2026-11-22T09:00:00.000000Z       3")
    assert "backup+1+key" in done.stderr


def test_no_snapshot_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    done = ask(monkeypatch, Running({"snapshots": [], "verifier_key": "backup+1+key"}), "snapshots")
    assert done.stdout == "No backup has been taken: tallystick operations snapshot\n"
