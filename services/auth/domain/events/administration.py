"""What is remembered about what others do to an account, and about where its holder comes from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NewDeviceSeen:
    """The user logged in from a source that none of their logins came from before."""

    source: str
    session_id: str


@dataclass(frozen=True, slots=True)
class UserDisabled:
    """The account opens nothing any more, until it is enabled again."""

    reason: str


@dataclass(frozen=True, slots=True)
class UserEnabled:
    """The account is what it was before it was disabled."""


@dataclass(frozen=True, slots=True)
class FactorResetRequested:
    """An owner wants the user to enrol anew; a second owner has to agree."""

    request_id: str
    requested_by: str
    reason: str
    expires_at: str


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
    invitation_hash: str
    expires_at: str


AdministrationEvent = NewDeviceSeen | UserDisabled | UserEnabled | FactorResetRequested | BreakGlassUsed | FactorsReset
