"""The user: invited -> enrolling -> active; disabled for a time, or invited anew.

A password is recorded together with a factor that is not proved yet, and the state becomes active only by an accepted
proof of that factor. So there is no state in which a password stands without a second factor.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.auth.domain.factor import Factor, FactorKind, Offer


class UserState(StrEnum):
    """How far a user has come."""

    INVITED = "invited"
    ENROLLING = "enrolling"
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Reset:
    """A request that the user enrols anew."""

    request_id: str
    requested_by: str
    reason: str
    expires_at: str
    """RFC 3339, UTC."""


@dataclass(frozen=True, slots=True)
class User:
    """The fold of a stream `user-<id>`."""

    version: int
    state: UserState
    name: str
    email: str
    role: str
    """A `Role`, or the id of a role of the business's own (own_roles.py)."""
    invitation_hash: str
    invitation_ends: datetime
    password_hash: str = ""
    factors: tuple[Factor, ...] = ()
    enrolled_at: datetime | None = None
    """When the account first became active."""
    offer: Offer | None = None
    """The factor that the user is about to prove for the first time."""
    recovery_hashes: tuple[str, ...] = ()
    """Of the recovery codes that were given out last, in the order in which they were shown."""
    recovery_used: frozenset[int] = frozenset()
    """Which of them are used up."""
    sources: frozenset[str] = frozenset()
    """Where logins came from so far, as the callers said."""
    reset: Reset | None = None
    """What an owner asked for and a second one has not agreed to yet."""

    def factors_of(self, kind: FactorKind) -> tuple[Factor, ...]:
        """Return the user's factors of one kind."""
        return tuple(factor for factor in self.factors if factor.kind is kind)
