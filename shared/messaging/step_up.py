"""Step-up: a sensitive call needs a factor that was proved for exactly this call, a moment ago.

auth signs a proof that names the person, the tenant, the session and the hash of one command (`command_hash`). It is
checked here, in the service that carries the command out, from the same public keys as tokens. It lifts nothing: the
token stays what it was, and the next sensitive call needs a proof of its own.

A command happens once because its idempotency key is in the hash. A query has none: its proof is written down as used.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Protocol

from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.tokens import CLOCK_SKEW, TokenExpired, TokenInvalid
from shared.eventstore.pool import Pool
from shared.messaging.access import Access, Actor

STEP_UP_AUDIENCE = "tallystick/step-up"
"""Not that of tokens: a proof opens nothing as a token, and a token is no proof."""


class StepUp(Enum):
    """Whether an endpoint needs a proof."""

    NEVER = "never"
    WHERE_ASKED = "where_asked"
    """Some requests do: the method calls `call.require_step_up()` before anything is recorded."""
    ALWAYS = "always"


class ProofChecker(Protocol):
    """What a service's composition root has for this."""

    access: Access
    pool: Pool


@dataclass(frozen=True, slots=True)
class ShownProof:
    """What came with a call, if anything, and what it would have to be for; judged only where it is asked for."""

    proof: object = field(repr=False)
    actor: Actor | None
    deed: str
    """E.g. `invoices.configure_seller`."""
    command_hash: str
    single_use: bool
    """True for a query, which nothing else keeps from happening twice."""

    def require(self, app: ProofChecker) -> None:
        """Return when the proof is for this call; PublicError step_up_needed, step_up_invalid, permission_denied."""
        actor = self.actor
        if actor is None or actor.kind != "person":
            # A service has no factor to prove; none is let pass for want of one.
            raise PublicError(ErrorCode.PERMISSION_DENIED, "Only a person may do this.")
        if self.proof is None or self.proof == "":
            raise PublicError(
                ErrorCode.STEP_UP_NEEDED,
                "This needs a factor proved for exactly this command.",
                {"deed": self.deed, "command_hash": self.command_hash},
            )
        claims = self._verified(app.access)
        bound = {
            "sub": actor.id,
            "tenant": actor.tenant,
            "sid": actor.session,
            "deed": self.deed,
            "cmd": self.command_hash,
        }
        if not actor.session or any(claims.get(name) != value for name, value in bound.items()):
            raise _invalid()
        if self.single_use and not _first_use(app.pool, claims, app.access.clock.now()):
            raise _invalid()

    def _verified(self, access: Access) -> dict[str, object]:
        if not isinstance(self.proof, str):
            raise _invalid()
        try:
            return access.verified(self.proof, STEP_UP_AUDIENCE)
        except (TokenExpired, TokenInvalid):
            raise _invalid() from None


def _first_use(pool: Pool, claims: dict[str, object], now: datetime) -> bool:
    """Write the proof down as used; False when it was. Of racing callers exactly one inserts."""
    jti, expires = claims.get("jti"), claims["exp"]
    if not isinstance(jti, str) or not jti or not isinstance(expires, int):
        return False
    used = hashlib.sha256(jti.encode("utf-8", errors="surrogatepass")).digest()
    with pool.connection() as connection:
        # Not a moment early by any process's clock: what is forgotten here could be shown again.
        connection.execute(
            "DELETE FROM app.proofs_used WHERE expires_at < %s - make_interval(secs => %s)", (now, 2 * CLOCK_SKEW)
        )
        inserted = connection.execute(
            "INSERT INTO app.proofs_used (used, expires_at) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (used, datetime.fromtimestamp(expires, UTC)),
        )
    return inserted.rowcount == 1


def _invalid() -> PublicError:
    return PublicError(ErrorCode.STEP_UP_INVALID, "The proof is not for this command, has expired or was used.")
