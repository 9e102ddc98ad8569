"""What a session is worth: a token that says what its user may do now."""

from services.auth.domain.session import Session
from services.auth.domain.user import User
from services.auth.handlers.granting import granted
from services.auth.ports import Ports
from services.auth.replies import LoggedIn


def logged_in(ports: Ports, tenant: str, user: User, session: Session, *, position: int, refresh: str) -> LoggedIn:
    """Return a token for a session, with the refresh token that prolongs it.

    `position` is the size of the tenant's log before user and session were loaded: whatever is taken away after that
    refuses this token, whatever was taken away before is not in it (services/auth/domain/revocation.py).
    """
    held = granted(ports, tenant, session.user_id, user, position)
    issued = ports.tokens.for_person(tenant, user, session, held, ports.clock.now())
    return LoggedIn(issued.token, issued.expires_at, refresh, session.id, session.ends_at)
