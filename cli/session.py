"""The connection and the token of the person at the keyboard, or of the operator."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from cli.stepping_up import prove_at_prompt
from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.private_files import KeyFileRefused, read_private_file, write_private_file
from shared.crypto.signing import SigningKey
from shared.kernel.clock import SystemClock
from shared.messaging.assertion import sign_assertion
from shared.messaging.client import RpcClient
from shared.messaging.settings import BusSettings, read_or_exit
from shared.messaging.stepping_up import Order

_TOKEN_FILE = "TALLYSTICK_TOKEN_FILE"  # noqa: S105 - the name of a setting
_OPERATOR_KEY_FILE = "SERVICE_KEY_FILE"


class NotLoggedIn(click.ClickException):
    """There is no usable token."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}; log in with: tallystick login")


@dataclass(frozen=True)
class Session:
    """Calls with a token: that of the last login, or the operator's."""

    client: RpcClient
    token: str

    def query(self, service: str, method: str, request: Mapping[str, object]) -> dict[str, Any]:
        """Ask; at the prompt for a fresh proof where the question is sensitive."""
        return Order(service, method, request, self.token).send(self.client, prove_at_prompt)

    def command(self, service: str, method: str, request: Mapping[str, object], idempotency_key: str) -> dict[str, Any]:
        """Have something done, once for each idempotency key; what is sensitive asks for a fresh proof first."""
        return Order(service, method, request, self.token, idempotency_key).send(self.client, prove_at_prompt)


@contextmanager
def connected() -> Iterator[RpcClient]:
    """Connect as the environment says; a public error ends the program with its code and sentence."""
    with RpcClient(read_or_exit(BusSettings.read)) as client:
        try:
            yield client
        except PublicError as error:
            if error.code in (ErrorCode.TOKEN_EXPIRED, ErrorCode.TOKEN_INVALID):
                raise NotLoggedIn(error.message.rstrip(".")) from None
            raise click.ClickException(f"{error.code}: {error.message}") from None


@contextmanager
def logged_in() -> Iterator[Session]:
    """Connect with the token of the last login."""
    token = _read_token()
    with connected() as client:
        yield Session(client, token)


@contextmanager
def as_operator() -> Iterator[Session]:
    """Connect as whoever runs the machine: no person and no password, but the key that SERVICE_KEY_FILE names."""
    key = read_or_exit(lambda environment: environment.key(_OPERATOR_KEY_FILE, SigningKey.load))
    with connected() as client:
        assertion = sign_assertion("operator", key, SystemClock())
        yield Session(client, str(client.call("auth", "service_token", {"assertion": assertion})["token"]))


def keep_token(token: str) -> Path:
    """Write the token to a file that only this user can read; it is never shown and never an argument."""
    path = token_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    write_private_file(path, token.encode())
    return path


def token_file() -> Path:
    """Return where the token is: TALLYSTICK_TOKEN_FILE, else below the user's state folder (XDG)."""
    if chosen := os.environ.get(_TOKEN_FILE):
        return Path(chosen)
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "tallystick" / "token"


def _read_token() -> str:
    try:
        return read_private_file(token_file()).decode().strip()
    except FileNotFoundError:
        raise NotLoggedIn("You are not logged in") from None
    except UnicodeDecodeError:
        raise NotLoggedIn(f"{token_file()} holds no token") from None
    except KeyFileRefused as error:
        raise NotLoggedIn(str(error).rstrip(".")) from None
