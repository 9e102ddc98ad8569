"""The session of the last login, as the command line keeps it."""

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner

from cli.kept_session import Kept, KeptSession, NotLoggedIn, keep, read_kept, token_file
from cli.main import main
from cli.session import Session, logged_in
from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.clock import FixedClock, to_rfc3339
from shared.kernel.ids import new_id
from shared.messaging.client import RpcClient

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _token_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALLYSTICK_TOKEN_FILE", str(tmp_path / "state" / "token"))


class Auth:
    """auth as a client meets it: refresh tokens work once, and a second use ends the session."""

    def __init__(self) -> None:
        self.clock, self.session_id, self.turn = FixedClock(NOW), new_id(), threading.Lock()
        self.given, self.over, self.revoked = 0, False, set[str]()
        self.calls: list[tuple[str, str | None]] = []

    def login(self) -> dict[str, Any]:
        return {
            "token": f"token-{self.given}",
            "expires_at": to_rfc3339(self.clock.now() + timedelta(minutes=5)),
            "refresh_token": f"refresh-{self.given}",
            "session_id": self.session_id,
            "session_ends_at": to_rfc3339(NOW + timedelta(hours=12)),
        }

    def call(self, service: str, method: str, request: dict[str, Any], **sent: str | None) -> dict[str, Any]:
        if method == "refresh_session":
            return self.refresh(request["refresh_token"])
        self.calls.append((f"{service}.{method}", sent.get("idempotency_key")))
        if sent["token"] in self.revoked:
            raise PublicError(ErrorCode.TOKEN_REVOKED, "revoked")
        return {"token": sent["token"]}

    def refresh(self, shown: str) -> dict[str, Any]:
        with self.turn:
            self.over = self.over or shown != f"refresh-{self.given}"
            if self.over:
                raise PublicError(ErrorCode.REFRESH_INVALID, "spent")
            self.given += 1
            return self.login()

    def client(self) -> RpcClient:
        return cast("RpcClient", self)

    def kept(self) -> KeptSession:
        return KeptSession(self.client(), self.clock)


@pytest.fixture
def auth() -> Auth:
    auth = Auth()
    keep(auth.login())
    return auth


def refusal() -> str:
    with pytest.raises(NotLoggedIn) as refused, logged_in():
        pass
    return refused.value.message


def test_without_a_session_nobody_is_logged_in() -> None:
    assert "You are not logged in" in refusal()


def test_a_kept_session_is_for_its_owner_only_and_is_replaced(auth: Auth) -> None:
    auth.given = 7
    keep(auth.login())
    assert read_kept() == Kept.of(auth.login())
    assert token_file().stat().st_mode & 0o777 == 0o600


def test_a_file_that_others_can_read_is_not_used(auth: Auth) -> None:
    keep(auth.login()).chmod(0o644)
    assert "open to other users" in refusal()


@pytest.mark.parametrize("content", [b"\xff\xfe secret", b"secret", b"[]", b"{}", b'{"token": "secret"}'])
def test_a_file_that_holds_no_session_is_not_quoted(auth: Auth, content: bytes) -> None:
    keep(auth.login()).write_bytes(content)
    assert "holds no session" in refusal()
    assert "secret" not in refusal()


def test_a_kept_session_shows_no_token_by_accident(auth: Auth) -> None:
    assert "token-0" not in repr(Kept.of(auth.login()))
    assert "refresh-0" not in repr(Kept.of(auth.login()))


def test_a_token_is_used_until_shortly_before_it_expires_and_then_renewed(auth: Auth) -> None:
    kept = auth.kept()
    assert kept.token() == "token-0"
    auth.clock.moment += timedelta(minutes=4, seconds=30)
    assert kept.token() == "token-1"
    assert kept.token() == "token-1"
    assert read_kept().refresh_token == "refresh-1"
    assert token_file().stat().st_mode & 0o777 == 0o600


def test_long_work_goes_on_for_as_long_as_the_session(auth: Auth) -> None:
    kept = auth.kept()
    for number in range(1, 20):
        auth.clock.moment += timedelta(minutes=5)
        assert kept.token() == f"token-{number}"
    assert not auth.over


def test_commands_that_renew_at_once_show_each_refresh_token_once(auth: Auth) -> None:
    commands = [auth.kept() for _ in range(8)]
    auth.clock.moment += timedelta(minutes=5)
    tokens: list[str] = []
    threads = [threading.Thread(target=lambda kept=kept: tokens.append(kept.token())) for kept in commands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tokens == ["token-1"] * 8
    assert not auth.over


def test_a_revoked_token_is_renewed_once_and_the_command_sent_again_under_its_key(auth: Auth) -> None:
    auth.revoked = {"token-0"}
    reply = Session(auth.client(), auth.kept()).command("invoices", "issue", {}, "key")
    assert reply == {"token": "token-1"}
    assert auth.calls == [("invoices.issue", "key")] * 2


def test_a_token_that_is_revoked_again_is_not_renewed_for_ever(auth: Auth) -> None:
    auth.revoked = {f"token-{number}" for number in range(9)}
    with pytest.raises(PublicError) as refused:
        Session(auth.client(), auth.kept()).query("invoices", "list", {})
    assert refused.value.code is ErrorCode.TOKEN_REVOKED
    assert auth.given == 1


def test_who_holds_a_session_that_is_over_is_told_to_log_in(auth: Auth) -> None:
    kept = auth.kept()
    auth.over = True
    auth.clock.moment += timedelta(minutes=5)
    with pytest.raises(NotLoggedIn, match="Your session is over"):
        kept.token()


def test_a_session_that_ended_in_the_file_meanwhile_is_not_brought_back(auth: Auth) -> None:
    kept = auth.kept()
    token_file().unlink()
    auth.clock.moment += timedelta(minutes=5)
    with pytest.raises(NotLoggedIn, match="not logged in"):
        kept.token()
    assert json.dumps(auth.calls) == "[]"


@pytest.mark.parametrize(
    "place",
    ["", "file/token", "loop/token", "/proc/tallystick/token", "/proc/token", "/dev/full/token", "x" * 300],
    ids=[
        "a folder", "below a file", "below a link to itself", "where no folder is made", "where no file is made",
        "below a device", "too long a name",
    ],
)  # fmt: skip
def test_a_login_asks_for_nothing_where_its_session_could_not_be_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    monkeypatch.setenv("TALLYSTICK_TOKEN_FILE", str(tmp_path / place))
    done = CliRunner().invoke(main, ["login", "--tenant", "t", "--email", "e"])
    assert done.exit_code == 1
    assert done.stderr.startswith(f"Error: The session cannot be kept in {tmp_path / place}: ")
    assert "Password" not in done.output


def test_who_has_no_home_is_told_where_a_session_could_be(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TALLYSTICK_TOKEN_FILE", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", _homeless)
    done = CliRunner().invoke(main, ["login", "--tenant", "t", "--email", "e"])
    assert done.exit_code == 1
    assert "TALLYSTICK_TOKEN_FILE says where" in done.stderr


def _homeless() -> Path:
    raise RuntimeError


@pytest.mark.parametrize("command", ["whoami", "logout"])
def test_a_session_file_below_a_file_is_no_session(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("TALLYSTICK_TOKEN_FILE", str(tmp_path / "file" / "token"))
    done = CliRunner().invoke(main, [command])
    assert isinstance(done.exception, SystemExit | None)
    assert "not logged in" in done.output or done.output == "Logged out\n"
