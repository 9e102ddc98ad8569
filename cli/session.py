"""The connection and the token of the person at the keyboard, or of the operator."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import click

from cli.kept_session import KeptSession, NotLoggedIn, read_kept
from cli.refusals import described
from cli.stepping_up import prove_at_prompt
from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.signing import SigningKey
from shared.kernel.clock import SystemClock
from shared.messaging.answers import BrokerUnusable
from shared.messaging.assertion import sign_assertion
from shared.messaging.client import RpcClient
from shared.messaging.settings import USAGE_EXIT, BusSettings, Environment, SettingInvalid, read_or_exit
from shared.messaging.stepping_up import Order

_OPERATOR_KEY_FILE = "SERVICE_KEY_FILE"


_NO_LONGER_SO = (ErrorCode.TOKEN_EXPIRED, ErrorCode.TOKEN_REVOKED)


_WHERE_SETTINGS_ARE = (
    "Where the broker is, and as whom to go there, is what whoever runs the system gave you; after each `make up` take"
    " it anew: . .run/main/client.env (the operator's: operator.env)"
)


class _Unconfigured(click.ClickException):
    """A setting is missing or unusable."""

    exit_code = USAGE_EXIT


class Tokens(Protocol):
    """Where tokens come from."""

    def token(self) -> str:
        """Return one that is good for a call."""
        ...

    def renewed(self) -> str:
        """Return another one than the last."""
        ...


@dataclass(frozen=True)
class Session:
    """Calls with the tokens of the last login, or the operator's; they are renewed as long as the session lasts."""

    client: RpcClient
    tokens: Tokens

    def query(self, service: str, method: str, request: Mapping[str, object]) -> dict[str, Any]:
        """Ask; at the prompt for a fresh proof where the question is sensitive."""
        return self._send(service, method, request, None)

    def command(self, service: str, method: str, request: Mapping[str, object], idempotency_key: str) -> dict[str, Any]:
        """Have something done, once for each idempotency key; what is sensitive asks for a fresh proof first."""
        return self._send(service, method, request, idempotency_key)

    def _send(self, service: str, method: str, request: Mapping[str, object], key: str | None) -> dict[str, Any]:
        try:
            return Order(service, method, request, self.tokens.token(), key).send(self.client, prove_at_prompt)
        except PublicError as refused:
            if refused.code not in _NO_LONGER_SO:
                raise
        # Once: what a new token says is so. The idempotency key is the same, so nothing happens twice.
        return Order(service, method, request, self.tokens.renewed(), key).send(self.client, prove_at_prompt)


@contextmanager
def connected() -> Iterator[RpcClient]:
    """Connect as the environment says; a public error ends the program with its code and sentence."""
    try:
        settings = BusSettings.read(Environment())
    except SettingInvalid as problem:
        raise _Unconfigured(f"{problem} {_WHERE_SETTINGS_ARE}") from None
    with RpcClient(settings) as client:
        try:
            yield client
        except BrokerUnusable as error:
            raise click.ClickException(f"{error.code}: {error.message} {_WHERE_SETTINGS_ARE}") from None
        except PublicError as error:
            if error.code in (*_NO_LONGER_SO, ErrorCode.TOKEN_INVALID):
                raise NotLoggedIn(error.message.rstrip(".")) from None
            raise click.ClickException(f"{error.code}: {described(error)}") from None


@contextmanager
def logged_in() -> Iterator[Session]:
    """Connect in the session of the last login."""
    read_kept()  # whoever is not logged in is told so before anything is connected to
    with connected() as client:
        yield Session(client, KeptSession(client))


@contextmanager
def as_operator() -> Iterator[Session]:
    """Connect as whoever runs the machine: no person and no password, but the key that SERVICE_KEY_FILE names."""
    key = read_or_exit(lambda environment: environment.key(_OPERATOR_KEY_FILE, SigningKey.load))
    with connected() as client:
        yield Session(client, OperatorTokens(client, key))


@dataclass
class OperatorTokens:
    """Tokens for assertions signed with the operator's key."""

    client: RpcClient
    key: SigningKey = field(repr=False)
    _token: str | None = field(default=None, repr=False)

    def token(self) -> str:
        """Return the last token, or the first."""
        return self._token or self.renewed()

    def renewed(self) -> str:
        """Return a new token for a new assertion."""
        assertion = sign_assertion("operator", self.key, SystemClock())
        self._token = str(self.client.call("auth", "service_token", {"assertion": assertion})["token"])
        return self._token
