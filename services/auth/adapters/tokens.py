"""Access tokens, JWTs of five minutes, and step-up proofs, JWTs of two, signed with auth's Ed25519 key."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from services.auth.adapters.signer import Signer
from services.auth.domain.granted import Granted
from services.auth.domain.session import Session
from services.auth.domain.step_up import PROOF_LIFETIME, SteppedUp
from services.auth.domain.user import User
from services.auth.replies import IssuedToken
from shared.contracts.grants import plain, to_claims
from shared.crypto.tokens import issue_token
from shared.kernel.ids import new_id

ISSUER = "tallystick/auth"
AUDIENCE = "tallystick"
STEP_UP_AUDIENCE = "tallystick/step-up"
LIFETIME = timedelta(seconds=300)


class CurrentSigner(Protocol):
    """Says which key signs."""

    def current(self) -> Signer:
        """Return the key, and the name under which it is published."""
        ...


class SignedTokens:
    """Signs with the key of the moment, under the name by which the published key set knows it."""

    def __init__(self, signer: CurrentSigner) -> None:
        self._signer = signer

    def for_person(self, tenant: str, user: User, session: Session, granted: Granted, now: datetime) -> IssuedToken:
        """Return a token for a session, with what was granted to its user.

        It does not outlive the moment at which training lapses: the next one is made without what lapses then, so that
        no service has to know the rule.
        """
        source: dict[str, Any] = {} if session.source is None else {"src": session.source}
        until = granted.training_until
        training: dict[str, Any] = {} if until is None else {"tra": {"until": int(until.timestamp())}}
        return self._issue(
            now,
            lifetime=_lifetime(until, now),
            **source,
            **training,
            sub=session.user_id,
            kind="person",
            tenant=tenant,
            role=user.role,
            grants=to_claims(granted.grants),
            amr=list(session.factors),
            sid=session.id,
            auth_time=int(session.began_at.timestamp()),
            pos=granted.position,
        )

    def for_service(self, name: str, permissions: Sequence[str], now: datetime) -> IssuedToken:
        """Return a token for a service principal; it belongs to no tenant."""
        return self._issue(now, sub=name, kind="service", grants=to_claims(plain(permissions)))

    def for_step_up(self, tenant: str, stepped_up: SteppedUp, now: datetime) -> IssuedToken:
        """Return a proof that a factor was proved for one command; another audience keeps it apart from tokens."""
        return self._issue(
            now,
            audience=STEP_UP_AUDIENCE,
            lifetime=PROOF_LIFETIME,
            sub=stepped_up.user_id,
            tenant=tenant,
            sid=stepped_up.session,
            deed=stepped_up.deed.name,
            cmd=stepped_up.deed.command_hash,
            amr=[stepped_up.method],
        )

    def _issue(
        self, now: datetime, *, audience: str = AUDIENCE, lifetime: timedelta = LIFETIME, **claims: object
    ) -> IssuedToken:
        issued = int(now.timestamp())
        expires = issued + int(lifetime.total_seconds())
        standard = {"iss": ISSUER, "aud": audience, "jti": new_id(), "iat": issued, "exp": expires}
        signer = self._signer.current()
        token = issue_token({**standard, **claims}, signer.key, signer.kid)
        return IssuedToken(token=token, expires_at=datetime.fromtimestamp(expires, now.tzinfo))


def _lifetime(stands_until: datetime | None, now: datetime) -> timedelta:
    """Return how long a token lives: five minutes, less when grants end before; at least a second, to be of use."""
    if stands_until is None or stands_until <= now:
        return LIFETIME
    return max(min(LIFETIME, stands_until - now), timedelta(seconds=1))
