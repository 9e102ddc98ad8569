"""Commands about inviting somebody anew."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestFactorReset:
    """Ask that a user enrols anew."""

    user_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ApproveFactorReset:
    """Agree to what was shown of another owner's request."""

    user_id: str
    request_id: str
    digest: str


@dataclass(frozen=True, slots=True)
class EndFactorReset:
    """Withdraw one's own request, or reject another one's."""

    user_id: str
    request_id: str
