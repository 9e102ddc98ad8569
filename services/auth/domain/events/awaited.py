"""What is remembered about other services' events that owners are told of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApprovalAwaited:
    """Another service asks for the approval of a second person; the owners are told."""

    service: str
    event_id: str
    """Of the event in that service's log."""
    request: str
    """Its type, e.g. `BankAccountChangeRequested`."""


@dataclass(frozen=True, slots=True)
class RedirectHeard:
    """Another service tells that a customer's documents go elsewhere from now on; the owners are told."""

    service: str
    event_id: str
    """Of the event in that service's log."""
    customer_id: str


AwaitedEvent = ApprovalAwaited | RedirectHeard
