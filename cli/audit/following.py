"""What the auditor's folds share: a function for each type of event, and forgetting."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeVar

from shared.eventstore.model import RecordedEvent

Payload = Mapping[str, Any]
Reasons = Iterator[str]
Folds = Mapping[str, Callable[[Payload], Reasons]]
"""By the event's type; others are passed over."""


class Follower:
    """Takes the events of a log in order; yields what cannot have happened."""

    def __init__(self, folds: Folds) -> None:
        self._folds = folds

    def fold(self, event: RecordedEvent) -> Reasons:
        """Take the next event; raises as reading a payload does that has not the content that it should have."""
        fold = self._folds.get(event.type)
        if fold is not None:
            yield from fold(event.payload)


class _OfCustomer(Protocol):
    customer_id: str


_Kept = TypeVar("_Kept", bound=_OfCustomer)


def remembered(kept: Mapping[str, _Kept], payload: Payload) -> dict[str, _Kept]:
    """Return what is kept of everybody but whose key was destroyed, as `SubjectShredded` tells."""
    gone = payload["subject"]
    return {name: each for name, each in kept.items() if f"customer-{each.customer_id}" != gone}
