"""Sessions: prolonged, listed and ended."""

import secrets

from services.auth.codec import encode
from services.auth.commands import EndSession, EndSessionsOf, RefreshSession
from services.auth.domain import session as sessions
from services.auth.domain.events import SessionEnded, UserSessionsEnded
from services.auth.domain.session import EndReason, Session
from services.auth.domain.ticket import SECRET_BYTES, Ticket, TicketKind, ticket_refused
from services.auth.domain.user import User
from services.auth.handlers.deciding import deciding_again
from services.auth.handlers.granting import book_of
from services.auth.handlers.person_tokens import logged_in
from services.auth.history import append_to_session, load_session, load_standing, user_stream
from services.auth.ports import Ports
from services.auth.replies import LoggedIn
from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.model import CommandId


def refresh_ticket(tenant: str, session_id: str) -> Ticket:
    """Make a refresh token."""
    return Ticket(TicketKind.REFRESH, tenant, session_id, secrets.token_bytes(SECRET_BYTES))


@deciding_again
def refresh_session(ports: Ports, command: RefreshSession) -> LoggedIn:
    """Exchange a refresh token; `refresh_invalid` for one that is unknown, spent, or of a session that is over.

    Of callers who race with one token exactly one gets the next; to the others it is a spent one, which ends the
    session for all of them.
    """
    shown = Ticket.read(TicketKind.REFRESH, command.refresh_token)
    tenant, renewed = shown.tenant, refresh_ticket(shown.tenant, shown.subject)
    position = ports.log.head(tenant).size  # before anything is loaded: what comes later revokes the token
    session = sessions.require_known(load_session(ports.log, tenant, shown.subject), shown)
    standing = load_standing(ports.log, tenant, session.user_id)
    over = standing.over(session.id, session.position)
    event = sessions.refresh(session, shown, renewed, ports.clock.now()) if over is None else sessions.end(over)
    # The user's stream must be as it was, too: a session is not prolonged past what ends it.
    append_to_session(ports.log, tenant, session, event, user=standing.user)
    if isinstance(event, SessionEnded) or standing.user is None:
        raise ticket_refused(TicketKind.REFRESH)
    return logged_in(ports, tenant, standing.user, session, position=position, refresh=renewed.text())


def own_session(ports: Ports, *, tenant: str, session_id: str, by: str) -> tuple[User, str, Session]:
    """Return the caller, what their role is called, and the session that they call in; `session_unknown`."""
    session = sessions.require_own(load_session(ports.log, tenant, session_id), by)
    user = load_standing(ports.log, tenant, by).user
    if user is None:
        raise sessions.unknown()
    return user, book_of(ports, tenant).name_of(user.role), session


@deciding_again
def end_session(ports: Ports, command: EndSession, *, tenant: str, by: str) -> None:
    """End one of one's own sessions; `session_unknown`. Ending one that has ended changes nothing."""
    session = sessions.require_own(load_session(ports.log, tenant, command.session_id), by)
    if session.ended is None:
        append_to_session(ports.log, tenant, session, sessions.end(EndReason.LOGOUT))


def list_sessions(ports: Ports, *, tenant: str, user_id: str) -> list[Session]:
    """Return the sessions of a user that are not over, the newest first."""
    standing, now = load_standing(ports.log, tenant, user_id), ports.clock.now()
    found = [load_session(ports.log, tenant, each) for each in ports.sessions.of(tenant, user_id)]
    lasting = [
        each
        for each in found
        if each is not None and each.over(now) is None and standing.over(each.id, each.position) is None
    ]
    return sorted(lasting, key=lambda session: session.position, reverse=True)


@deciding_again
def end_sessions_of(ports: Ports, command: EndSessionsOf, *, tenant: str, by: str, command_id: CommandId) -> int:
    """End all sessions of a user, those too that no read model knows yet; `user_unknown`. Returns the position."""
    user = load_standing(ports.log, tenant, command.user_id).user
    earlier = ports.log.replay_of(tenant, command_id)
    if earlier is not None:
        return earlier[-1].position
    if user is None:
        raise PublicError(ErrorCode.USER_UNKNOWN, "there is no such user in this business")
    stream = user_stream(command.user_id)
    event = encode(stream, stream, UserSessionsEnded(ended_by=by))
    return ports.log.append(tenant, [event], {stream: user.version}, command_id)[-1].position
