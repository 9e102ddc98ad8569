"""Mails about training."""

from collections.abc import Mapping
from types import MappingProxyType

from services.auth.domain.notice import Audience, Cause, Letter, Occasion, letter

_HOW = "Do it with: tallystick training take"


def _reminded(occasion: Occasion) -> Letter:
    modules = ", ".join(name.replace("_", " ") for name in str(occasion.payload["modules"]).split())
    day, until = str(occasion.payload["due_at"])[:10], str(occasion.payload["grace_ends_at"])[:10]
    match occasion.payload["stage"]:
        case "overdue":
            return letter(
                "Your training is overdue",
                f"Your training ({modules}) was due on {day}.",
                f"From {until} on, your account can only read until it is done. {_HOW}",
            )
        case "lapsed":
            return letter(
                "Your account can only read until your training is done",
                f"Your training ({modules}) was due on {day}, and the time of grace has ended.",
                f"As soon as it is done, everything works again. {_HOW}",
            )
        case _:
            return letter("Your training is due soon", f"Your training ({modules}) is due on {day}. {_HOW}")


def _waived(occasion: Occasion) -> Letter:
    until = str(occasion.payload["until"])[:10]
    return letter(
        "Training was waived for somebody in your business",
        f"On {occasion.moment} an owner let user {occasion.payload['user_id']} work without training until {until}.",
        f"The reason given: {occasion.payload['reason']}",
    )


TRAINING_CAUSES: Mapping[str, Cause] = MappingProxyType(
    {
        "TrainingReminded": Cause(Audience.PERSON, _reminded),
        "TrainingWaived": Cause(Audience.OWNERS, _waived),
    }
)
"""By event type."""
