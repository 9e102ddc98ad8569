"""What is remembered about inviting somebody anew."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FactorResetRequested:
    """An owner wants the user to enrol anew; a second owner has to agree."""

    request_id: str
    requested_by: str
    reason: str
    expires_at: str
    """Afterwards nobody can approve it."""


@dataclass(frozen=True, slots=True)
class FactorResetEnded:
    """The request is over: withdrawn, when by who made it, and rejected otherwise."""

    request_id: str
    ended_by: str


@dataclass(frozen=True, slots=True)
class BreakGlassUsed:
    """The operator, on the host, did what otherwise takes two owners."""

    operator: str
    """Name of the account on the host."""
    reason: str


@dataclass(frozen=True, slots=True)
class FactorsReset:
    """Password, factors and recovery codes are gone; a new invitation opens the account."""

    request_id: str
    requested_by: str
    approved_by: str
    """Both are ids of users; empty where the operator did it."""
    digest: str
    """Of what the second owner was shown; empty where the operator did it."""
    invitation_hash: str
    expires_at: str


ResetEvent = FactorResetRequested | FactorResetEnded | BreakGlassUsed | FactorsReset
