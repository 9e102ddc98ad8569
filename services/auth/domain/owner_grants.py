"""Making somebody an owner: one owner asks, another agrees, and where there is no other, the operator does.

An owner decides over people, bank account and keys. If one hand could make another owner, whoever gets hold of that
hand would make themselves the second pair of eyes for everything else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.auth.domain.assignment import is_active_owner, user_unknown
from services.auth.domain.events import AuthEvent, OwnerGranted, OwnerGrantEnded, OwnerGrantRequested
from services.auth.domain.roles import Role
from services.auth.domain.user import User, UserState
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.four_eyes import APPROVAL_LIFETIME, Approvable, require_requested
from shared.kernel.clock import from_rfc3339, to_rfc3339

OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class OwnerGrants:
    """The fold of a stream `owner-grants-<tenant>`."""

    version: int = 0
    requests: Mapping[str, OwnerGrantRequested] = field(default_factory=dict)
    """Those not decided, by request id, at most one for each user; they may have waited too long."""

    def waiting(self, request_id: str, people: Mapping[str, User]) -> Approvable | None:
        """Return a request as it is shown; None when it is decided, or who made it or is in it is not there any more.

        Who asked must be an owner still: what somebody left behind does not take effect when they are gone.
        """
        request = self.requests.get(request_id)
        if request is None:
            return None
        user, asking = people.get(request.user_id), people.get(request.requested_by)
        if user is None or not _may_become_owner(user) or asking is None or not is_active_owner(asking):
            return None
        shown = {
            "kind": "owner_grant",
            "request_id": request.request_id,
            "user_id": request.user_id,
            "name": user.name,
            "email": user.email,
            "requested_by": request.requested_by,
            "expires_at": request.expires_at,
        }
        return Approvable(request.request_id, request.requested_by, from_rfc3339(request.expires_at), shown)


def request(
    request_id: str, user_id: str, people: Mapping[str, User], *, by: str, now: datetime
) -> OwnerGrantRequested:
    """Ask that an active user become an owner; `user_unknown`, `account_not_active`, `already_owner`."""
    user = people.get(user_id)
    if user is None:
        raise user_unknown()
    if user.state is not UserState.ACTIVE:
        raise PublicError(ErrorCode.ACCOUNT_NOT_ACTIVE, "Only somebody who has enrolled can become an owner.")
    if user.role == Role.OWNER:
        raise PublicError(ErrorCode.ALREADY_OWNER, "This user is an owner already.")
    return OwnerGrantRequested(
        request_id=request_id, user_id=user_id, requested_by=by, expires_at=to_rfc3339(now + APPROVAL_LIFETIME)
    )


def approve(
    grants: OwnerGrants, request_id: str, digest: str, people: Mapping[str, User], *, by: str, now: datetime
) -> OwnerGranted:
    """Agree to what was shown: another owner, or the operator where the asking owner is the only one.

    Raises `approval_unknown`, `second_person_needed`, `approval_expired`, `approval_differs`, `permission_denied`.
    """
    waiting = require_requested(grants.waiting(request_id, people), request_id)
    if by == OPERATOR and any(is_active_owner(user) for each, user in people.items() if each != waiting.requested_by):
        raise PublicError(ErrorCode.PERMISSION_DENIED, "Another owner has to approve this: there is one.")
    waiting.require_second_person(digest, by, now)
    return OwnerGranted(
        request_id=request_id,
        user_id=grants.requests[request_id].user_id,
        requested_by=waiting.requested_by,
        approved_by=by,
        digest=digest,
    )


def end(grants: OwnerGrants, request_id: str, *, by: str) -> OwnerGrantEnded:
    """Withdraw one's own request or reject another one's; `approval_unknown`."""
    if request_id not in grants.requests:
        require_requested(None, request_id)
    return OwnerGrantEnded(request_id=request_id, ended_by=by)


def fold_owner_grants(events: Iterable[AuthEvent]) -> OwnerGrants:
    """Return the requests after these events; TypeError for any other event."""
    grants = OwnerGrants()
    for event in events:
        match event:
            case OwnerGrantRequested():
                others = {key: each for key, each in grants.requests.items() if each.user_id != event.user_id}
                requests: Mapping[str, OwnerGrantRequested] = {**others, event.request_id: event}
            case OwnerGranted() | OwnerGrantEnded():
                requests = {key: each for key, each in grants.requests.items() if key != event.request_id}
            case _:
                raise TypeError(f"{type(event).__name__} does not belong to owner grants")
        grants = replace(grants, version=grants.version + 1, requests=requests)
    return grants


def _may_become_owner(user: User) -> bool:
    return user.state is UserState.ACTIVE and user.role != Role.OWNER
