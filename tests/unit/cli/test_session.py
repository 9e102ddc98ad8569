"""The token of the last login, as the command line keeps it."""

from pathlib import Path

import pytest

from cli.session import NotLoggedIn, keep_token, logged_in, token_file


@pytest.fixture(autouse=True)
def _token_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TALLYSTICK_TOKEN_FILE", str(tmp_path / "state" / "token"))


def refusal() -> str:
    with pytest.raises(NotLoggedIn) as refused, logged_in():
        pass
    return refused.value.message


def test_without_a_token_nobody_is_logged_in() -> None:
    assert "You are not logged in" in refusal()


def test_a_kept_token_is_for_its_owner_only_and_is_replaced() -> None:
    keep_token("first")
    assert keep_token("second").read_text() == "second"
    assert token_file().stat().st_mode & 0o777 == 0o600


def test_a_token_file_that_others_can_read_is_not_used() -> None:
    keep_token("token").chmod(0o644)
    assert "open to other users" in refusal()


def test_a_file_that_holds_no_text_is_no_token_and_is_not_quoted() -> None:
    keep_token("token").write_bytes(b"\xff\xfe secret")
    assert "holds no token" in refusal()
    assert "secret" not in refusal()
