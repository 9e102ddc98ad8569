"""The session of the last login, in a file that only its owner can read, renewed while commands run.

A refresh token works once, and one that is shown twice ends the session. So whoever renews holds a lock on the file,
looks first whether another command has renewed meanwhile, and writes the new tokens down before using them.
"""

import errno
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

import click

from cli.files import require_writable
from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.private_files import (
    KeyFileRefused,
    changing,
    read_private_file,
    replace_private_file,
    write_private_file,
)
from shared.kernel.clock import Clock, SystemClock, from_rfc3339
from shared.messaging.client import RpcClient

_TOKEN_FILE = "TALLYSTICK_TOKEN_FILE"  # noqa: S105 - the name of a setting
_RENEW_BEFORE = timedelta(seconds=30)


class NotLoggedIn(click.ClickException):
    """There is no usable session."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; log in with: tallystick login")


@dataclass(frozen=True)
class Kept:
    """What a login or a refresh gave."""

    token: str = field(repr=False)
    expires_at: str
    refresh_token: str = field(repr=False)
    session_id: str
    session_ends_at: str

    @classmethod
    def of(cls, reply: Mapping[str, Any]) -> Self:
        """Take it from auth's reply."""
        return cls(**{name: str(reply[name]) for name in cls.__dataclass_fields__})

    def text(self) -> bytes:
        """Return what is written to the file."""
        return json.dumps(asdict(self)).encode()

    def expires_soon(self, now: datetime) -> bool:
        """Tell whether the token is not worth a call any more."""
        return now >= from_rfc3339(self.expires_at) - _RENEW_BEFORE


def token_file() -> Path:
    """Return where the session is: TALLYSTICK_TOKEN_FILE, else below the user's state folder (XDG)."""
    if chosen := os.environ.get(_TOKEN_FILE):
        return Path(chosen)
    state = os.environ.get("XDG_STATE_HOME")
    try:
        return (Path(state) if state else Path.home() / ".local" / "state") / "tallystick" / "token"
    except RuntimeError:  # no HOME, and a user whom the machine does not know
        raise click.ClickException(f"You have no home folder: {_TOKEN_FILE} says where the session is kept") from None


def require_place() -> None:
    """See to it that a session can be kept, before anybody proves anything for one; click.ClickException."""
    path = token_file()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        require_writable(path.parent)
    except OSError as error:
        raise _unkept(path, error) from None


def keep(reply: Mapping[str, Any]) -> Path:
    """Write down what a login gave; it is never shown and never an argument. Returns where; click.ClickException."""
    path = token_file()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        write_private_file(path, Kept.of(reply).text())
    except OSError as error:
        raise _unkept(path, error) from None
    return path


def forget() -> None:
    """Remove what a login left, if anything; click.ClickException."""
    path = token_file()
    try:
        path.unlink(missing_ok=True)
    except NotADirectoryError:
        return
    except OSError as error:
        raise click.ClickException(f"{path} cannot be removed: {error.strerror}") from None


def _unkept(path: Path, error: OSError) -> click.ClickException:
    why = f"The session cannot be kept in {path}: {error.strerror}"
    return click.ClickException(f"{why}; {_TOKEN_FILE} names another place")


def read_kept() -> Kept:
    """Return the session of the last login; NotLoggedIn."""
    path = token_file()
    try:
        return Kept.of(json.loads(read_private_file(path)))
    except (FileNotFoundError, NotADirectoryError):
        raise NotLoggedIn("You are not logged in") from None
    except (ValueError, KeyError, TypeError, IsADirectoryError):
        raise NotLoggedIn(f"{path} holds no session") from None
    except KeyFileRefused as error:
        raise NotLoggedIn(str(error).rstrip(".")) from None
    except OSError as error:
        raise NotLoggedIn(f"{path} cannot be read: {error.strerror}") from None


class KeptSession:
    """The tokens of the last login, for as long as the session lasts."""

    def __init__(self, client: RpcClient, clock: Clock | None = None) -> None:
        """Begin with what the last login left; NotLoggedIn."""
        self._client, self._clock = client, clock or SystemClock()
        self._kept = read_kept()

    def token(self) -> str:
        """Return a token that is good for a call; NotLoggedIn when the session is over."""
        if self._kept.expires_soon(self._clock.now()):
            return self.renewed()
        return self._kept.token

    def renewed(self) -> str:
        """Return another token than the last one, which has expired or was revoked; NotLoggedIn."""
        try:
            with changing(token_file()):
                kept = read_kept()
                # Another command may have renewed it already: its refresh token is spent, its token is ours to use.
                if kept.token == self._kept.token or kept.expires_soon(self._clock.now()):
                    kept = self._refreshed(kept)
        except FileNotFoundError:  # logged out meanwhile
            raise NotLoggedIn("You are not logged in") from None
        self._kept = kept
        return kept.token

    def _refreshed(self, kept: Kept) -> Kept:
        try:
            reply = self._client.call("auth", "refresh_session", {"refresh_token": kept.refresh_token})
        except PublicError as refused:
            if refused.code is not ErrorCode.REFRESH_INVALID:
                raise
            raise NotLoggedIn("Your session is over") from None
        renewed = Kept.of(reply)
        replace_private_file(token_file(), renewed.text())
        return renewed
