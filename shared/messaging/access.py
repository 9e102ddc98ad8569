"""Who is calling, and may they: a token becomes an actor, an actor holds permissions or is refused.

Tokens are checked here, in every service, from public keys on disk: nothing is asked of another service, and a service
that is broken into can verify tokens but not make them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final, Literal

from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.permissions import Permission
from shared.crypto.tokens import KeySet, TokenExpired, TokenInvalid, verify_token
from shared.eventstore.model import Author
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.ids import is_uuid

ISSUER = "tallystick/auth"
AUDIENCE = "tallystick"
REQUIRED_KINDS_OF_FACTOR = 2


class Public(Enum):
    """The permission of endpoints that need none: nobody is logged in yet."""

    PUBLIC = "public"


PUBLIC: Final = Public.PUBLIC

_KIND_OF_FACTOR = {
    "pwd": "knowledge",
    "pin": "knowledge",
    "otp": "possession",
    "hwk": "possession",
    "swk": "possession",
    "fpt": "inherence",
    "face": "inherence",
}
"""RFC 8176 authentication methods, by what they prove: two passwords are one factor."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a call, as the token says."""

    kind: Literal["person", "service"]
    id: str
    """User id (UUID) of a person, name of a service."""
    tenant: str | None
    """The person's tenant; None for a service, which names the tenant call by call."""
    permissions: frozenset[str]
    factors: tuple[str, ...]
    session: str
    source: str | None = None
    """Where the person said to be when logging in, e.g. a host name; the token binds it to the session."""

    @property
    def author(self) -> Author:
        """Return the actor as events remember who made them happen."""
        return Author(self.kind, self.id, self.factors, self.session or None, self.source)


@dataclass(slots=True)
class Access:
    """Checks tokens against the public keys in a JWKS file, which is read again when it changes."""

    keys_file: Path
    clock: Clock = field(default_factory=SystemClock)
    _keys: KeySet | None = field(default=None, init=False)
    _read_at: tuple[int, int] = field(default=(0, 0), init=False)

    def authenticate(self, token: object) -> Actor:
        """Return who the token speaks for; PublicError token_missing, token_expired or token_invalid."""
        if token is None or token == "":
            raise PublicError(ErrorCode.TOKEN_MISSING, "This call needs a token.")
        if not isinstance(token, str):
            raise _invalid()
        try:
            claims = verify_token(token, self._current_keys(), audience=AUDIENCE, issuer=ISSUER, now=self.clock.now())
        except TokenExpired:
            raise PublicError(ErrorCode.TOKEN_EXPIRED, "The token has expired: log in again.") from None
        except TokenInvalid:
            raise _invalid() from None
        return actor_from(claims)

    def _current_keys(self) -> KeySet:
        status = self.keys_file.stat()
        read_at = (status.st_mtime_ns, status.st_ino)
        if self._keys is None or read_at != self._read_at:
            self._keys, self._read_at = KeySet.load(self.keys_file), read_at
        return self._keys


def authorize(actor: Actor, permission: Permission) -> None:
    """Return when the actor holds the permission; PublicError permission_denied otherwise."""
    if permission.value not in actor.permissions:
        raise PublicError(ErrorCode.PERMISSION_DENIED, "You may not do this.", {"permission": permission.value})


def actor_from(claims: Mapping[str, object]) -> Actor:
    """Read verified claims; PublicError token_invalid when they are not those of a person or a service.

    That two factors were proved is checked where tokens are made, and again here: a mistake there must not be enough.
    """
    kind, subject, tenant = claims.get("kind"), claims.get("sub"), claims.get("tenant")
    session, source = claims.get("sid", ""), claims.get("src")
    permissions, factors = _texts(claims.get("permissions")), _texts(claims.get("amr", []))
    if not isinstance(subject, str) or not subject or not isinstance(session, str):
        raise _invalid()
    if not isinstance(source, str | None):
        raise _invalid()
    if kind == "person":
        if not isinstance(tenant, str) or not is_uuid(tenant) or not _enough(factors):
            raise _invalid()
        return Actor("person", subject, tenant, frozenset(permissions), tuple(factors), session, source)
    if kind == "service" and tenant is None:
        return Actor("service", subject, None, frozenset(permissions), tuple(factors), session, source)
    raise _invalid()


def _enough(factors: list[str]) -> bool:
    kinds = {_KIND_OF_FACTOR[factor] for factor in factors if factor in _KIND_OF_FACTOR}
    return len(kinds) >= REQUIRED_KINDS_OF_FACTOR


def _texts(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _invalid()
    return value


def _invalid() -> PublicError:
    return PublicError(ErrorCode.TOKEN_INVALID, "The token is not valid.")
