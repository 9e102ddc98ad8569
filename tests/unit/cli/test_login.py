"""Logging in where somebody is logged in already."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner, Result

from cli import login as logging_in
from cli.kept_session import keep, read_kept
from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.clock import to_rfc3339
from shared.kernel.ids import new_id
from shared.messaging.client import RpcClient
from tests.unit.cli.running import Running, tallystick
from tests.unit.cli.running import log_in as take_for_session


def session(name: str) -> dict[str, Any]:
    ends = to_rfc3339(datetime.now(UTC) + timedelta(hours=1))
    return {
        "token": f"token of {name}",
        "expires_at": ends,
        "refresh_token": f"refresh of {name}",
        "session_id": name,
        "session_ends_at": ends,
    }


class Auth:
    """auth, where the login gives the session `second`."""

    def __init__(self) -> None:
        self.ended: list[tuple[str, str]] = []
        self.refusal: PublicError | None = None
        self.options: dict[str, str] = {}

    def call(self, service: str, method: str, request: dict[str, Any], **sent: str | None) -> dict[str, Any]:
        if method == "begin_login":
            return {"challenge": "challenge", **self.options}
        if method == "complete_login":
            return session("second")
        assert (service, method) == ("auth", "end_session")
        if self.refusal is not None:
            raise self.refusal
        self.ended.append((request["session_id"], str(sent["token"])))
        return {}


@pytest.fixture
def auth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Auth:
    auth = Auth()

    @contextmanager
    def connected() -> Iterator[RpcClient]:
        yield cast("RpcClient", auth)

    monkeypatch.setenv("TALLYSTICK_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setattr(logging_in, "connected", connected)
    return auth


def log_in() -> Result:
    who = ["--tenant", "t", "--email", "ada@example.org"]
    return CliRunner().invoke(logging_in.login, who, input="password\n123456\n", catch_exceptions=False)


def test_a_login_ends_the_session_that_it_takes_the_place_of(auth: Auth) -> None:
    keep(session("first"))
    assert log_in().exit_code == 0
    assert auth.ended == [("first", "token of first")]
    assert read_kept().session_id == "second"


def test_the_first_login_ends_nothing(auth: Auth) -> None:
    assert log_in().exit_code == 0
    assert auth.ended == []


@pytest.mark.parametrize("code", [ErrorCode.SESSION_UNKNOWN, ErrorCode.SERVICE_UNAVAILABLE, ErrorCode.TOKEN_INVALID])
def test_a_login_counts_also_where_the_earlier_session_cannot_be_ended(auth: Auth, code: ErrorCode) -> None:
    keep(session("first"))
    auth.refusal = PublicError(code, "no")
    assert log_in().exit_code == 0
    assert read_kept().session_id == "second"


def test_who_has_a_passkey_is_told_how_to_log_in_here(auth: Auth) -> None:
    assert "Your passkey" not in log_in().output
    auth.options = {"passkey_options": "{}"}
    assert "Your passkey works on a web page only, not here." in log_in().stderr


def test_nothing_that_is_typed_is_shown(auth: Auth) -> None:
    output = log_in().output
    assert "password\n" not in output
    assert "123456" not in output


class Somebody(Running):
    """auth, asked by somebody whose role the business made itself."""

    def answer(self, service: str, method: str, request: Mapping[str, object]) -> dict[str, Any]:
        """Answer `whoami`."""
        assert (service, method, request) == ("auth", "whoami", {})
        who = {"name": "Zoë\x1b[31m", "email": "zoe@x.example", "user_id": "u", "tenant": "t"}
        session = {"session_id": "s", "factors": ["pwd", "otp"], "ends_at": "2026-11-22"}
        return {**who, **session, "role": new_id(), "role_name": "Junior sales"}


def test_whoever_asks_who_they_are_is_told_what_their_role_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    take_for_session(monkeypatch, Somebody())
    assert tallystick("whoami").stdout.splitlines() == [
        "name      Zoë\\u001b[31m",
        "email     zoe@x.example",
        "user_id   u",
        "tenant    t",
        "role      Junior sales",
        "session   s with pwd and otp, until 2026-11-22",
    ]
