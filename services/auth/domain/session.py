"""The session: begun by a succeeded login, prolonged by refresh tokens that work once, ended for good.

A refresh token that comes back after it was exchanged has been copied: nobody can tell the copy from the original, so
the session ends for both (RFC 9700 section 4.14.2). Its lifetimes are OWASP ASVS 5.0, 7.3: an hour without use, twelve
hours in all, about a working day.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.auth.domain.events import AuthEvent, SessionBegan, SessionEnded, SessionRefreshed
from services.auth.domain.login import Login, LoginState
from services.auth.domain.proof import PASSWORD_METHOD
from services.auth.domain.ticket import Ticket, TicketKind, ticket_refused
from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.clock import from_rfc3339, to_rfc3339

IDLE_LIFETIME = timedelta(hours=1)
"""A session that is not refreshed for so long is over (ASVS 7.3.1)."""
LIFETIME = timedelta(hours=12)
"""A session is over after this, however busy it is: both factors are asked for again (ASVS 7.3.2)."""


class EndReason(StrEnum):
    """Why a session ended."""

    LOGOUT = "logout"
    EXPIRED = "expired"
    REUSE = "reuse"
    """A refresh token was shown a second time."""
    REVOKED = "revoked"
    """Somebody who may ended all sessions of the user."""
    DISABLED = "disabled"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a reason, not a secret
    FACTORS_CHANGED = "factors_changed"
    FORGOTTEN = "forgotten"
    """The user's key was destroyed."""


@dataclass(frozen=True, slots=True)
class Session:
    """The fold of a stream `session-<id>`; its id is that of the login."""

    id: str
    version: int
    position: int
    """Where in the tenant's log it began."""
    user_id: str
    factors: tuple[str, ...]
    source: str | None
    began_at: datetime
    idle_until: datetime
    ends_at: datetime
    refresh_hash: str
    spent_hashes: frozenset[str] = frozenset()
    """Hashes of the refresh tokens that were exchanged."""
    ended: EndReason | None = None

    def over(self, now: datetime) -> EndReason | None:
        """Return why the session is over, None while it lasts."""
        if self.ended is None and now >= min(self.idle_until, self.ends_at):
            return EndReason.EXPIRED
        return self.ended


def begin(login: Login, refresh: Ticket, now: datetime) -> SessionBegan:
    """Begin the session of a login that both factors opened; `challenge_invalid` for any other: the only way in."""
    if login.state is not LoginState.SUCCEEDED:
        raise ticket_refused(TicketKind.CHALLENGE)
    return SessionBegan(
        user_id=login.user_id,
        method=login.method,
        source=login.source or "",
        began_at=to_rfc3339(now),
        refresh_hash=refresh.hash(),
        idle_until=to_rfc3339(now + IDLE_LIFETIME),
        ends_at=to_rfc3339(now + LIFETIME),
    )


def require_known(session: Session | None, shown: Ticket) -> Session:
    """Return the session whose refresh token, present or spent, this is or was; `refresh_invalid` otherwise.

    Who only knows the session's id, or guesses, gets nothing, and cannot end it either.
    """
    if session is None or session.ended is not None:
        raise ticket_refused(TicketKind.REFRESH)
    if not shown.matches(session.refresh_hash) and shown.hash() not in session.spent_hashes:
        raise ticket_refused(TicketKind.REFRESH)
    return session


def refresh(session: Session, shown: Ticket, renewed: Ticket, now: datetime) -> SessionRefreshed | SessionEnded:
    """Exchange a refresh token for the next one, or end the session; `require_known` comes first."""
    if not shown.matches(session.refresh_hash):
        return end(EndReason.REUSE)
    if (over := session.over(now)) is not None:
        return end(over)
    return SessionRefreshed(
        refresh_hash=renewed.hash(), idle_until=to_rfc3339(min(now + IDLE_LIFETIME, session.ends_at))
    )


def end(reason: EndReason) -> SessionEnded:
    """End a session."""
    return SessionEnded(reason=reason.value)


def require_own(session: Session | None, user_id: str) -> Session:
    """Return the user's own session; `session_unknown` for anybody else's, as for one that never was."""
    if session is None or session.user_id != user_id:
        raise unknown()
    return session


def unknown() -> PublicError:
    """Return the one answer to a session that never was and to somebody else's."""
    return PublicError(ErrorCode.SESSION_UNKNOWN, "there is no such session of yours")


def fold_session(session_id: str, position: int, events: Iterable[AuthEvent]) -> Session | None:
    """Return the session that began at `position`; None without events. ValueError for an impossible history."""
    session: Session | None = None
    for event in events:
        session = session_begun(session_id, position, event) if session is None else _after(session, event)
    return session


def session_begun(session_id: str, position: int, event: AuthEvent) -> Session:
    """Return the session after its first event; ValueError for any other event."""
    if not isinstance(event, SessionBegan):
        raise ValueError(f"{type(event).__name__} cannot begin a session")  # noqa: TRY004 - the history is wrong
    return Session(
        id=session_id,
        version=1,
        position=position,
        user_id=event.user_id,
        factors=(PASSWORD_METHOD, event.method),
        source=event.source or None,
        began_at=from_rfc3339(event.began_at),
        idle_until=from_rfc3339(event.idle_until),
        ends_at=from_rfc3339(event.ends_at),
        refresh_hash=event.refresh_hash,
    )


def _after(session: Session, event: AuthEvent) -> Session:
    if session.ended is not None:
        raise ValueError(f"{type(event).__name__} cannot follow the end of a session")
    match event:
        case SessionRefreshed():
            return replace(
                session,
                version=session.version + 1,
                idle_until=from_rfc3339(event.idle_until),
                refresh_hash=event.refresh_hash,
                spent_hashes=session.spent_hashes | {session.refresh_hash},
            )
        case SessionEnded():
            return replace(session, version=session.version + 1, ended=EndReason(event.reason))
        case _:
            raise ValueError(f"{type(event).__name__} cannot follow in the history of a session")
