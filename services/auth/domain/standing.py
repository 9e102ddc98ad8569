"""Where a user stands, as their sessions see it: whether one that began there may go on."""

from dataclasses import dataclass

from services.auth.domain.session import EndReason
from services.auth.domain.user import User, UserState


@dataclass(frozen=True, slots=True)
class Ending:
    """Something that ended all sessions of a user but the one it was done in."""

    position: int
    session: str | None
    """The session it was done in, None when it was not one of a person."""
    reason: EndReason


@dataclass(frozen=True, slots=True)
class Standing:
    """A user, and what ended their sessions so far."""

    user: User | None
    """None when unknown or forgotten."""
    endings: tuple[Ending, ...] = ()

    def over(self, session_id: str, since: int) -> EndReason | None:
        """Return why a session, or a login on its way to one, that began at position `since` is over; None if not."""
        if self.user is None:
            return EndReason.FORGOTTEN
        if self.user.state is not UserState.ACTIVE:
            return EndReason.DISABLED
        later = (end.reason for end in self.endings if end.position > since and end.session != session_id)
        return next(later, None)
