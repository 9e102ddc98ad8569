"""What is remembered about decisions on calls, wherever they were made."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccessDenied:
    """Somebody with a good token was refused."""

    method: str
    """E.g. `invoices.issue_invoice`."""
    permission: str
    """Empty for what is everybody's own."""
    reasons: str
    """Public codes, separated by spaces."""
    minute: str
    """In which it happened; the event is written when the service that decided got to tell it."""
    count: int
    """How often, in that minute."""


@dataclass(frozen=True, slots=True)
class SensitiveAccessGranted:
    """Somebody used an endpoint that asks for a factor proved for the very command."""

    method: str
    permission: str
    minute: str
    count: int


DecisionEvent = AccessDenied | SensitiveAccessGranted
