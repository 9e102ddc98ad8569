"""What is remembered about approvals that another service waits for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApprovalAwaited:
    """Another service asks for the approval of a second person; the owners are told."""

    service: str
    event_id: str
    """Of the event in that service's log."""
    request: str
    """Its type, e.g. `BankAccountChangeRequested`."""


AwaitedEvent = ApprovalAwaited
