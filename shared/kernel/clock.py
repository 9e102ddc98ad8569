"""Time as a port: the domain never asks the machine what time it is."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


class Clock(Protocol):
    """Tells the present moment."""

    def now(self) -> datetime:
        """Return the present, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present, aware, in UTC."""
        return datetime.now(UTC)


@dataclass
class FixedClock:
    """A clock that stands still until it is set, for tests."""

    moment: datetime

    def now(self) -> datetime:
        """Return the moment it was set to."""
        return self.moment


def to_rfc3339(moment: datetime) -> str:
    """Render an aware moment as RFC 3339 in UTC with exactly six digits of microseconds."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC).strftime(_FORMAT)


def from_rfc3339(text: str) -> datetime:
    """Read what `to_rfc3339` wrote; anything else raises ValueError."""
    return datetime.strptime(text, _FORMAT).replace(tzinfo=UTC)
