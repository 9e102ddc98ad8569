"""What callers ask about all documents at once."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which issued documents; None: whichever."""

    since: date | None = None
    """First issue date (BT-2)."""
    until: date | None = None
    """Last one."""
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """Who exports, in which session."""

    id: str
    session: str
