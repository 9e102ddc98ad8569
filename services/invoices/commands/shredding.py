"""What callers ask about forgetting a customer."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestShredding:
    """Ask that a customer be forgotten."""

    customer_id: str
    reason: str
    override: str | None = None


@dataclass(frozen=True, slots=True)
class ApproveShredding:
    """Agree, as a second person, that a customer be forgotten."""

    customer_id: str
    request_id: str
    digest: str


@dataclass(frozen=True, slots=True)
class EndShredding:
    """Withdraw one's own request, or reject another one's."""

    customer_id: str
    request_id: str
