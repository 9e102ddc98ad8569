"""How a service or the operator proves to auth who it is: a short-lived statement signed with its own key."""

from shared.crypto.signing import SigningKey
from shared.crypto.tokens import issue_token
from shared.kernel.clock import Clock
from shared.kernel.ids import new_id

ASSERTION_AUDIENCE = "tallystick/auth"
_ASSERTION_SECONDS = 30


def sign_assertion(principal: str, key: SigningKey, clock: Clock) -> str:
    """Return what proves to auth, once and for half a minute, that the caller holds a principal's key."""
    issued = int(clock.now().timestamp())
    claims = {
        "iss": principal,
        "sub": principal,
        "aud": ASSERTION_AUDIENCE,
        "iat": issued,
        "exp": issued + _ASSERTION_SECONDS,
        "jti": new_id(),
    }
    return issue_token(claims, key, principal)
