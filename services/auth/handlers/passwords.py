"""Which passwords are taken, and hashing one anew when the parameters have changed."""

from services.auth.domain.events import PasswordRehashed
from services.auth.domain.password import context_words, require_suitable
from services.auth.domain.user import User, UserState
from services.auth.handlers.deciding import deciding_again
from services.auth.history import append_to_user, load_tenant, load_user
from services.auth.ports import Ports
from shared.eventstore.model import Author


def require_suitable_password(ports: Ports, tenant: str, user: User, password: str) -> None:
    """Refuse a new password that a guesser would find: `password_unsuitable`."""
    business = load_tenant(ports.snapshots, tenant).name
    known = context_words(user.name, user.email, business)
    require_suitable(password, known=known, common=ports.password_list.common(password))


@deciding_again
def rehash(ports: Ports, tenant: str, user_id: str, password: str, *, shown_for: str, by: Author) -> None:
    """Keep the hash of a password that was just shown, with the parameters of today.

    `shown_for` is the hash that it matched: when that was replaced meanwhile, nothing is kept.
    """
    user = load_user(ports.log, tenant, user_id)
    if user is not None and user.state is UserState.ACTIVE and user.password_hash == shown_for:
        event = PasswordRehashed(ports.passwords.hash(password))
        append_to_user(ports.log, tenant, (user_id, user.version), [event], by=by)
