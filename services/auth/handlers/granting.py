"""What a user's role gives, as of now."""

from services.auth.domain.granted import Granted
from services.auth.domain.own_roles import BUILT_IN, RoleBook
from services.auth.domain.user import User
from services.auth.handlers.training import training_of_user
from services.auth.history import load_roles
from services.auth.ports import Ports


def granted(ports: Ports, tenant: str, user_id: str, user: User, position: int) -> Granted:
    """Return what the user may do: nothing when the role was retired, reading only when training has lapsed.

    `position` is the size of the tenant's log before the user was loaded.
    """
    training = training_of_user(ports, tenant, user_id, user)
    # What the built-in roles give is in no log.
    book = RoleBook() if user.role in BUILT_IN else book_of(ports, tenant)
    grants = training.leaves(book.grants_of(user.role), ports.clock.now())
    return Granted(grants, position, training.stands_until)


def book_of(ports: Ports, tenant: str) -> RoleBook:
    """Return the roles of a business."""
    return load_roles(ports.snapshots, tenant)
