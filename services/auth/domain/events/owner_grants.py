"""What is remembered about making somebody an owner."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OwnerGrantRequested:
    """An owner asked that somebody become one; nothing has changed yet."""

    request_id: str
    user_id: str
    """Who shall become an owner."""
    requested_by: str
    expires_at: str
    """Afterwards nobody can approve it."""


@dataclass(frozen=True, slots=True)
class OwnerGranted:
    """Somebody else agreed; the role itself is given in the user's stream, by `RoleAssigned`, in the same append."""

    request_id: str
    user_id: str
    requested_by: str
    approved_by: str
    """User id of another owner, or `operator` where there is none."""
    digest: str
    """Of what they were shown."""


@dataclass(frozen=True, slots=True)
class OwnerGrantEnded:
    """The request is over: withdrawn, when by who made it, and rejected otherwise."""

    request_id: str
    ended_by: str


OwnerGrantEvent = OwnerGrantRequested | OwnerGranted | OwnerGrantEnded
