"""Giving somebody a role, and what keeps a business from losing its last owner or gaining one by a single hand."""

from collections.abc import Mapping

from services.auth.domain.events import RoleAssigned
from services.auth.domain.roles import Role
from services.auth.domain.user import User, UserState
from shared.contracts.errors import ErrorCode, PublicError


def is_active_owner(user: User) -> bool:
    """Tell whether this is somebody who can act as an owner."""
    return user.state is UserState.ACTIVE and user.role == Role.OWNER


def assign(user_id: str, role: str, people: Mapping[str, User], *, by: str) -> RoleAssigned:
    """Give a user a role that exists; `user_unknown`, `approval_needed`, `last_owner`.

    Nobody becomes an owner here: that takes two owners (`assign_approved`).
    """
    if user_id in people and people[user_id].role != Role.OWNER and role == Role.OWNER:
        raise approval_needed()
    return assign_approved(user_id, role, people, by=by)


def assign_approved(user_id: str, role: str, people: Mapping[str, User], *, by: str) -> RoleAssigned:
    """Give a user a role, also that of an owner, once a second owner has approved; `user_unknown`, `last_owner`."""
    if user_id not in people:
        raise user_unknown()
    owners = {each for each, user in people.items() if is_active_owner(user)}
    if role != Role.OWNER and owners == {user_id}:
        raise PublicError(ErrorCode.LAST_OWNER, "A business keeps at least one active owner.")
    return RoleAssigned(role=role, assigned_by=by)


def approval_needed() -> PublicError:
    """Return the answer to whoever would make an owner alone."""
    return PublicError(ErrorCode.APPROVAL_NEEDED, "Making somebody an owner takes two: see request_owner_grant.")


def user_unknown() -> PublicError:
    """Return the answer to an id that is nobody's in this business."""
    return PublicError(ErrorCode.USER_UNKNOWN, "This business has no such user.")
