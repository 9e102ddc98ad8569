"""Passkeys: what a challenge is made for, and what an authenticator's answer shows.

A challenge is not stored. It is a keyed hash of its **ceremony**, which names the one login, step-up, change or
registration that it belongs to, so an answer to one proves nothing in another (W3C WebAuthn level 3, 13.4.3).
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto

from services.auth.domain.factor import FactorKind
from services.auth.domain.proof import Purpose, PurposeKind
from services.auth.domain.user import User

CHANGE_WINDOW = timedelta(minutes=5)
"""A challenge for a change is good until the end of the next window; those of logins and step-ups end with them."""
_OWN_STREAM = frozenset({PurposeKind.LOGIN, PurposeKind.STEP_UP})


class CounterVerdict(Enum):
    """What an authenticator's sign counter says about an answer whose signature holds."""

    ADVANCED = auto()
    REPEATED = auto()
    """The answer to this challenge was taken already."""
    BACKWARDS = auto()
    """Another authenticator has signed with the same key since: one of the two is a copy."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What an authenticator's answer shows when its signature, origin, challenge and user hold."""

    factor_id: str
    sign_count: int
    """How often the authenticator says that it has signed; 0 for ever when it does not count."""
    challenge: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Registered:
    """A passkey that was made for an offer."""

    material: str = field(repr=False)
    """What its proofs are checked against, sealed."""
    sign_count: int
    challenge: bytes = field(repr=False)


def is_change(purpose: Purpose) -> bool:
    """Tell whether the proof is for a change of the account, which has no stream of its own to end a challenge."""
    return purpose.kind not in _OWN_STREAM


def ceremonies(purpose: Purpose, user: User, now: datetime) -> tuple[str, ...]:
    """Return the ceremonies whose challenge may be answered now, the newest first.

    A login and a step-up end with the first accepted proof. A change names the version of the user's stream, which an
    accepted proof moves on (handlers/passkeys.py): no challenge for a change is answered twice either.
    """
    if not is_change(purpose):
        return (f"{purpose.kind}/{purpose.reference}",)
    window = int(now.timestamp() // CHANGE_WINDOW.total_seconds())
    return tuple(f"{purpose.kind}/{purpose.reference}/{user.version}/{number}" for number in (window, window - 1))


def registration_of(factor_id: str) -> str:
    """Return the ceremony in which this factor is made: every offer has a factor id of its own."""
    return f"registration/{factor_id}"


def passkeys_of(user: User) -> dict[str, str]:
    """Return the material of the user's passkeys by factor id."""
    return {factor.id: factor.material for factor in user.factors_of(FactorKind.PASSKEY)}
