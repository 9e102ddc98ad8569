"""The life of a delivery: one mail per event, at most once.

                      +---- refused for now ----+
                      v                         |
    (event) ----> pending ---- begin ----> sending ----> sent       the server took responsibility (RFC 5321 4.2.5)
                      |                         |------> unknown    nobody can tell: never sent again by itself
                      +-------- refuse -------> +------> failed     refused for good, by the server or by ourselves
                      +-------- spare ---------------> not_wanted   the customer wants nothing mailed

`sending` is committed before the first byte leaves. So whatever happens afterwards, a crash included, the delivery is
found in `sending` and ends as `unknown`, not in a second mail.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    NOT_WANTED = "not_wanted"


class Outcome(StrEnum):
    """How an attempt to hand a mail to the server ended."""

    ACCEPTED = "accepted"
    REFUSED_FOR_NOW = "refused_for_now"
    REFUSED_FOR_GOOD = "refused_for_good"
    LOST = "lost"
    """The connection broke after the content had begun to flow: it may have been accepted."""


class Stage(StrEnum):
    """How far an SMTP conversation had come."""

    SESSION = "session"
    """Connecting, greeting, STARTTLS, authentication: nothing about this mail yet."""
    ENVELOPE = "envelope"
    """MAIL and RCPT."""
    CONTENT = "content"
    """From DATA on."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How one attempt ended, and the server's last reply code if there was one."""

    outcome: Outcome
    reply: int | None


class TransitionRefused(Exception):
    """A step that the life of a delivery does not have."""


_ENDS: Final = {
    Outcome.ACCEPTED: DeliveryState.SENT,
    Outcome.REFUSED_FOR_NOW: DeliveryState.PENDING,
    Outcome.REFUSED_FOR_GOOD: DeliveryState.FAILED,
    Outcome.LOST: DeliveryState.UNKNOWN,
}

GIVE_UP_AFTER: Final = timedelta(days=5)

_ABOUT_US: Final = frozenset({530, 534, 535, 538})
"""RFC 4954: our credentials are missing or wrong. The operator mends that; the mail itself was not refused."""


def meaning(stage: Stage, reply: int | None) -> Outcome:
    """Tell what an SMTP reply means for the mail; `reply` None: the connection broke or timed out.

    RFC 5321 4.2.1: 2xx done, 4xx not now, 5xx never. A 5xx that was said before this mail was even mentioned is about
    the session, so the mail waits. A reply that makes no sense after the content was sent counts as lost: the safe
    side is the one where no second mail goes out.
    """
    if reply is not None and 200 <= reply < 300 and stage is Stage.CONTENT:  # noqa: PLR2004 -- the class of the reply
        return Outcome.ACCEPTED
    permanent = reply is not None and 500 <= reply < 600 and reply not in _ABOUT_US  # noqa: PLR2004 -- as above
    if permanent and stage is not Stage.SESSION:
        return Outcome.REFUSED_FOR_GOOD
    temporary = reply is not None and 400 <= reply < 600  # noqa: PLR2004 -- as above
    if stage is Stage.CONTENT and not temporary:
        return Outcome.LOST
    return Outcome.REFUSED_FOR_NOW


def refuse(state: DeliveryState) -> DeliveryState:
    """Fail a delivery that cannot become a mail; nothing was sent."""
    if state is not DeliveryState.PENDING:
        raise TransitionRefused(f"a delivery that is {state} is not refused unsent")
    return DeliveryState.FAILED


def spare(state: DeliveryState) -> DeliveryState:
    """End a delivery that nobody wants; nothing was sent."""
    if state is not DeliveryState.PENDING:
        raise TransitionRefused(f"a delivery that is {state} is not spared")
    return DeliveryState.NOT_WANTED


def begin(state: DeliveryState) -> DeliveryState:
    """Start an attempt; only a pending delivery may be sent."""
    if state is not DeliveryState.PENDING:
        raise TransitionRefused(f"a delivery that is {state} is not sent")
    return DeliveryState.SENDING


def conclude(state: DeliveryState, outcome: Outcome) -> DeliveryState:
    """End an attempt."""
    if state is not DeliveryState.SENDING:
        raise TransitionRefused(f"a delivery that is {state} has no attempt to end")
    return _ENDS[outcome]


def abandoned(state: DeliveryState) -> DeliveryState:
    """Decide about a delivery whose worker is gone: what was being sent may have arrived."""
    return conclude(state, Outcome.LOST) if state is DeliveryState.SENDING else state


def has_waited_too_long(since: datetime, now: datetime) -> bool:
    """Tell whether to stop trying: RFC 5321 4.5.4.1 wants four to five days before a mail is given up."""
    return now - since > GIVE_UP_AFTER


def is_over(state: DeliveryState) -> bool:
    """Tell whether nothing more will happen by itself."""
    return state not in {DeliveryState.PENDING, DeliveryState.SENDING}
