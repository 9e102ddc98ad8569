"""Which events call for a mail, to whom, and what the mail says.

Short plain text. A notice never carries a secret or a link that logs somebody in: whoever reads the mail gains nothing,
and a mail that asks for a click can be told from ours. (Drill mails are the exception that they pretend to be:
`drills.py`.)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

Payload = Mapping[str, object]


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
    def person(self) -> str:
        """Return the id of the user whom the event is about."""
        named = self.payload.get("user_id")
        return str(named) if named else self.stream.partition("-")[2]


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Cause:
    """An event type that calls for a mail."""

    audience: Audience
    write: Callable[[Occasion], Letter]


def _letter(subject: str, *paragraphs: str) -> Letter:
    closing = "This mail needs no answer. We never ask for a password or a code, and never mail a link to log in."
    return Letter(subject, "\n\n".join([*paragraphs, closing]) + "\n")


def _training_reminded(occasion: Occasion) -> Letter:
    modules = ", ".join(str(occasion.payload["modules"]).replace("_", " ").split())
    day = str(occasion.payload["due_at"])[:10]
    until = str(occasion.payload["grace_ends_at"])[:10]
    how = "Do it with: tallystick training take"
    match occasion.payload["stage"]:
        case "overdue":
            return _letter(
                "Your training is overdue",
                f"Your training ({modules}) was due on {day}.",
                f"From {until} on, your account can only read until it is done. {how}",
            )
        case "lapsed":
            return _letter(
                "Your account can only read until your training is done",
                f"Your training ({modules}) was due on {day}, and the time of grace has ended.",
                f"As soon as it is done, everything works again. {how}",
            )
        case _:
            return _letter("Your training is due soon", f"Your training ({modules}) is due on {day}. {how}")


def _training_waived(occasion: Occasion) -> Letter:
    return _letter(
        "Training was waived for somebody in your business",
        f"On {occasion.moment} an owner let user {occasion.payload['user_id']} work without training until"
        f" {str(occasion.payload['until'])[:10]}.",
        f"The reason given: {occasion.payload['reason']}",
    )


CAUSES: Mapping[str, Cause] = MappingProxyType(
    {
        "TrainingReminded": Cause(Audience.PERSON, _training_reminded),
        "TrainingWaived": Cause(Audience.OWNERS, _training_waived),
    }
)
"""By event type. An event that is not listed is told to nobody."""
