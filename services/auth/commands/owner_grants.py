"""Commands about making somebody an owner."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestOwnerGrant:
    """Ask that somebody become an owner."""

    user_id: str


@dataclass(frozen=True, slots=True)
class ApproveOwnerGrant:
    """Agree to what was shown."""

    request_id: str
    digest: str


@dataclass(frozen=True, slots=True)
class EndOwnerGrant:
    """Withdraw one's own request, or reject another one's."""

    request_id: str
