"""Who is calling, and may they: a token becomes an actor, an actor holds permissions or is refused.

Tokens are checked here, in every service, from public keys on disk: no call waits for another service, and a service
that is broken into can verify tokens but not make them. What was revoked since is known beside the calls (revocations).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Final, Literal

from shared.contracts.conditions import GrantMalformed
from shared.contracts.decision import Decision, Holder
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.grants import Grant, from_claims
from shared.contracts.permissions import Permission
from shared.crypto.tokens import KeySet, TokenExpired, TokenInvalid, verify_token
from shared.eventstore.model import Author
from shared.kernel.clock import Clock, SystemClock
from shared.kernel.ids import is_uuid
from shared.messaging.known_tokens import KnownTokens
from shared.messaging.revocations import Bearer, RevocationCheck

ISSUER = "tallystick/auth"
AUDIENCE = "tallystick"
REQUIRED_KINDS_OF_FACTOR = 2


class Public(Enum):
    """The permission of endpoints that need none: nobody is logged in yet."""

    PUBLIC = "public"


PUBLIC: Final = Public.PUBLIC


class Own(Enum):
    """The permission of endpoints that every person who is logged in may call, about themselves alone."""

    OWN = "own"


OWN: Final = Own.OWN

_KIND_OF_FACTOR = {
    "pwd": "knowledge",
    "pin": "knowledge",
    "otp": "possession",
    "rec": "possession",
    "hwk": "possession",
    "swk": "possession",
    "fpt": "inherence",
    "face": "inherence",
}
"""RFC 8176 authentication methods, and `rec` for a recovery code, by what they prove: two passwords are one factor."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a call, as the token says."""

    kind: Literal["person", "service"]
    id: str
    """User id (UUID) of a person, name of a service."""
    tenant: str | None
    """The person's tenant; None for a service, which names the tenant call by call."""
    grants: tuple[Grant, ...]
    factors: tuple[str, ...]
    session: str
    source: str | None = None
    """Where the person said to be when logging in, e.g. a host name; the token binds it to the session."""
    training_until: datetime | None = None
    """Until when the person's training is current, as auth knew when it made the token."""
    role: str = ""
    """A person's role, by id."""
    position: int = -1
    """Size of the tenant's log in auth when a person's grants were looked up."""
    token: str = field(default="", repr=False, compare=False)
    """What was shown, for a service that acts for the person (`ServiceCaller.call`); never logged or kept."""

    @property
    def holder(self) -> Holder:
        """Return the actor as decisions are made about them."""
        return Holder(self.id, self.grants, self.training_until)

    @property
    def bearer(self) -> Bearer | None:
        """Return a person as revocations concern them; None for a service."""
        return Bearer(self.tenant, self.session, self.id, self.role, self.position) if self.tenant else None

    @property
    def author(self) -> Author:
        """Return the actor as events remember who made them happen."""
        return Author(self.kind, self.id, self.factors, self.session or None, self.source)


@dataclass(slots=True)
class Access:
    """Checks tokens against the public keys in a JWKS file, which is read again when it changes."""

    keys_file: Path
    revocations: RevocationCheck
    clock: Clock = field(default_factory=SystemClock)
    _keys: KeySet | None = field(default=None, init=False)
    _read_at: tuple[int, int] = field(default=(0, 0), init=False)
    _known: "KnownTokens[Actor]" = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._known = KnownTokens(self.clock)

    def authenticate(self, token: object) -> Actor:
        """Return who the token speaks for.

        PublicError token_missing, token_invalid, token_expired, token_revoked, or service_unavailable when it cannot be
        known what was revoked.
        """
        if token is None or token == "":
            raise PublicError(ErrorCode.TOKEN_MISSING, "This call needs a token.")
        if not isinstance(token, str):
            raise _invalid()
        actor = self._speaker(token)
        if actor.bearer is not None:
            self.revocations.require_standing(actor.bearer)
        return replace(actor, token=token)

    def _speaker(self, token: str) -> Actor:
        """Return who a token speaks for that is good as far as it can tell by itself; raises as `authenticate`."""
        keys = self._current_keys()
        known = self._known.find(token, keys)
        if known is not None:
            return known
        try:
            claims = verify_token(token, keys, audience=AUDIENCE, issuer=ISSUER, now=self.clock.now())
        except TokenExpired:
            raise PublicError(ErrorCode.TOKEN_EXPIRED, "The token has expired: log in again.") from None
        except TokenInvalid:
            raise _invalid() from None
        actor = actor_from(claims)
        self._known.keep(token, keys, claims["exp"], actor)
        return actor

    def verified(self, token: str, audience: str) -> dict[str, object]:
        """Return the claims of what auth signed for this audience and is alive; TokenExpired, TokenInvalid."""
        return verify_token(token, self._current_keys(), audience=audience, issuer=ISSUER, now=self.clock.now())

    def _current_keys(self) -> KeySet:
        status = self.keys_file.stat()
        read_at = (status.st_mtime_ns, status.st_ino)
        if self._keys is None or read_at != self._read_at:
            self._keys, self._read_at = KeySet.load(self.keys_file), read_at
        return self._keys


def require_person(actor: Actor) -> None:
    """Return for a person: what is OWN is nothing that a service has; PublicError permission_denied otherwise."""
    if actor.kind != "person":
        raise PublicError(ErrorCode.PERMISSION_DENIED, "Only a person may do this.")


def refuse_unless_allowed(decision: Decision, permission: Permission) -> None:
    """Return when it is allowed; PublicError permission_denied, which says the permission and why, otherwise."""
    if not decision.allowed:
        reasons = [reason.as_dict() for reason in decision.reasons]
        details: dict[str, object] = {"permission": permission.value, "reasons": reasons}
        raise PublicError(ErrorCode.PERMISSION_DENIED, "You may not do this.", details)


def actor_from(claims: Mapping[str, object]) -> Actor:
    """Read verified claims; PublicError token_invalid when they are not those of a person or a service.

    That two factors were proved is checked where tokens are made, and again here: a mistake there must not be enough.
    """
    kind, subject, tenant = claims.get("kind"), claims.get("sub"), claims.get("tenant")
    session, source = claims.get("sid", ""), claims.get("src")
    grants, factors = _grants(claims.get("grants")), _texts(claims.get("amr", []))
    if not isinstance(subject, str) or not subject or not isinstance(session, str):
        raise _invalid()
    if not isinstance(source, str | None):
        raise _invalid()
    if kind == "person":
        if not isinstance(tenant, str) or not is_uuid(tenant) or not _enough(factors):
            raise _invalid()
        role, position = claims.get("role"), claims.get("pos")
        # Without these, nothing that is revoked would meet the token.
        if not session or not isinstance(role, str) or type(position) is not int:
            raise _invalid()
        training = _training(claims.get("tra"))
        return Actor("person", subject, tenant, grants, tuple(factors), session, source, training, role, position)
    if kind == "service" and tenant is None:
        return Actor("service", subject, None, grants, tuple(factors), session, source)
    raise _invalid()


def _enough(factors: list[str]) -> bool:
    kinds = {_KIND_OF_FACTOR[factor] for factor in factors if factor in _KIND_OF_FACTOR}
    return len(kinds) >= REQUIRED_KINDS_OF_FACTOR


def _grants(claim: object) -> tuple[Grant, ...]:
    try:
        return from_claims(claim)
    except GrantMalformed:
        raise _invalid() from None


def _training(claim: object) -> datetime | None:
    """Read `{"until": seconds since 1970}`; absent when the tenant asks for no training."""
    if claim is None:
        return None
    until = claim.get("until") if isinstance(claim, Mapping) else None
    if type(until) is not int:
        raise _invalid()
    try:
        return datetime.fromtimestamp(until, UTC)
    except (OverflowError, OSError, ValueError):
        raise _invalid() from None


def _texts(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _invalid()
    return value


def _invalid() -> PublicError:
    return PublicError(ErrorCode.TOKEN_INVALID, "The token is not valid.")
