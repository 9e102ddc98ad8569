"""What a mail about an event is made of. Which events call for one stands in `notices.py`.

Short plain text. A notice never carries a secret or a link that logs somebody in: whoever reads the mail gains nothing,
and a mail that asks for a click can be told from ours.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

Payload = Mapping[str, object]
_CLOSING = "This mail needs no answer. We never ask for a password or a code, and never mail a link to log in."


class Audience(Enum):
    """Who is told."""

    PERSON = "the person whom the event is about"
    OWNERS = "every active owner of the business"
    EVERYBODY = "every active person of the business"


@dataclass(frozen=True, slots=True)
class Occasion:
    """An event that calls for a mail, as the writer of the mail sees it."""

    type: str
    stream: str
    at: str
    """RFC 3339 UTC, microseconds."""
    payload: Payload = field(repr=False)
    source: str | None = field(default=None, repr=False)
    """Where whoever caused it said to be."""

    @property
    def moment(self) -> str:
        """Return the moment as a mail shows it, to the minute."""
        return f"{self.at[:10]} {self.at[11:16]} UTC"

    @property
    def when(self) -> str:
        """Return the moment, and from where as far as that was said."""
        return f"{self.moment}, from {self.source}" if self.source else self.moment

    @property
    def person(self) -> str:
        """Return the id of the user whom the event is about."""
        named = self.payload.get("user_id")
        return str(named) if named else self.stream.partition("-")[2]


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says."""

    subject: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Cause:
    """An event type that calls for a mail."""

    audience: Audience
    write: Callable[[Occasion], Letter]
    daily: bool = False
    """Told to a person once a day (UTC) at most: what anybody can cause as often as they like fills no mailbox."""


def letter(subject: str, *paragraphs: str) -> Letter:
    """Return a mail of a few paragraphs, which ends as all of ours do."""
    return Letter(subject, "\n\n".join([*paragraphs, _CLOSING]) + "\n")
