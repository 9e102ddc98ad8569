"""Assertions: how a service proves who it is. It signs a short-lived JWT with its own key (as in RFC 7523)."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.signing import VerifyKey
from shared.crypto.tokens import CLOCK_SKEW, TokenExpired, TokenInvalid, verify_token
from shared.eventstore.pool import Pool

AUDIENCE = "tallystick/auth"
LIFETIME = 60
"""Seconds that an assertion may live at most."""
_JTI_LENGTH = 128


def _refused() -> PublicError:
    return PublicError(ErrorCode.ASSERTION_INVALID, "the assertion is not valid here, or was used before")


class SignedAssertions:
    """Verifies against the services' public keys; remembers in `app.assertions` which ones were used."""

    def __init__(self, keys: Mapping[str, VerifyKey], pool: Pool) -> None:
        self._keys, self._pool = keys, pool

    def redeem(self, assertion: str, now: datetime) -> str:
        """Return the name of the service that signed it and use it up; raises `assertion_invalid`."""
        service, claims = self._verified(assertion, now)
        jti = claims.get("jti")
        lives = claims["exp"] - claims["iat"]
        if not isinstance(jti, str) or not 0 < len(jti) <= _JTI_LENGTH or not 0 < lives <= LIFETIME:
            raise _refused()
        if not self._first_use(service, jti, datetime.fromtimestamp(claims["exp"], UTC), now):
            raise _refused()
        return service

    def _verified(self, assertion: str, now: datetime) -> tuple[str, dict[str, Any]]:
        # Each service is tried with its own key alone: nobody can sign in another one's name, and nothing that is
        # not verified yet has to be believed.
        for service, key in self._keys.items():
            try:
                claims = verify_token(assertion, {service: key}, audience=AUDIENCE, issuer=service, now=now)
            except (TokenInvalid, TokenExpired):
                continue
            if claims["sub"] == service:
                return service, claims
        raise _refused()

    def _first_use(self, service: str, jti: str, expires: datetime, now: datetime) -> bool:
        used = hashlib.sha256(f"{service}/{jti}".encode()).digest()
        with self._pool.connection() as connection:
            connection.execute(
                "DELETE FROM app.assertions WHERE expires_at < %s - make_interval(secs => %s)", (now, CLOCK_SKEW)
            )
            inserted = connection.execute(
                "INSERT INTO app.assertions (used, expires_at) VALUES (%s, %s) ON CONFLICT DO NOTHING",
                (used, expires),
            )
        return inserted.rowcount == 1
