"""Counting attempts before they are judged, and what follows from those that fail."""

from services.auth.domain.events import UserLocked
from services.auth.domain.throttle import LOCK_LIFETIME, Attempt, Closed, too_many_attempts
from services.auth.handlers.deciding import deciding_again
from services.auth.history import append_to_user, load_user
from services.auth.ports import Ports
from shared.eventstore.model import Author
from shared.kernel.clock import to_rfc3339


def admit(ports: Ports, tenant: str, email: str, source: str | None) -> Attempt:
    """Count an attempt on an account, known or not; `too_many_attempts` while it, or the source, is closed.

    Whoever is refused here costs neither a password hash nor an event: a flood fills no log.
    """
    now = ports.clock.now()
    attempt = ports.throttle.attempt(tenant, email, source, now)
    if isinstance(attempt, Closed):
        raise too_many_attempts(attempt, now)
    return attempt


@deciding_again
def record_lock(ports: Ports, tenant: str, user_id: str, attempt: Attempt, *, by: Author) -> None:
    """Record the lock of a known account when this failed attempt brought it."""
    user = load_user(ports.log, tenant, user_id) if attempt.locks else None
    if user is not None:
        locked = UserLocked(failures=attempt.failures, until=to_rfc3339(ports.clock.now() + LOCK_LIFETIME))
        append_to_user(ports.log, tenant, (user_id, user.version), [locked], by=by)
