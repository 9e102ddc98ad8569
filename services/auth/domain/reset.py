"""The break-glass: who has lost password or every factor is invited anew, by two owners or by the operator.

There is no other way, and none by mail alone: the invitation is shown to the second owner, who hands it over. That one
agrees to exactly what they were shown (shared/contracts/four_eyes.py): whose factors go, who asked, and why.
"""

from datetime import datetime

from services.auth.domain.assignment import is_active_owner
from services.auth.domain.enrolment import INVITATION_LIFETIME
from services.auth.domain.events import FactorResetEnded, FactorResetRequested, FactorsReset
from services.auth.domain.ticket import Ticket
from services.auth.domain.user import Reset, User, UserState
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.four_eyes import APPROVAL_LIFETIME, Approvable, require_requested
from shared.kernel.clock import from_rfc3339, to_rfc3339


def request_reset(user: User, request_id: str, reason: str, *, by: str, now: datetime) -> FactorResetRequested:
    """Ask for a reset; a later request replaces an earlier one. `user_disabled`: a disabled account stays closed."""
    _require_not_disabled(user)
    expires_at = to_rfc3339(now + APPROVAL_LIFETIME)
    return FactorResetRequested(request_id=request_id, requested_by=by, reason=reason, expires_at=expires_at)


def waiting(user_id: str, user: User, asking: User | None) -> Approvable | None:
    """Return the request about a user as it is shown; None without one, or for an account that is disabled.

    `asking` is who made it, as they are now, and must be an owner still: what somebody left behind does not take effect
    when they are gone.
    """
    reset = user.reset
    if reset is None or user.state is UserState.DISABLED or asking is None or not is_active_owner(asking):
        return None
    shown = {
        "kind": "factor_reset",
        "request_id": reset.request_id,
        "user_id": user_id,
        "name": user.name,
        "email": user.email,
        "reason": reset.reason,
        "requested_by": reset.requested_by,
        "expires_at": reset.expires_at,
    }
    return Approvable(reset.request_id, reset.requested_by, from_rfc3339(reset.expires_at), shown)


def require_approvable(
    user: User, found: Approvable | None, agreed: tuple[str, str], *, by: str, now: datetime
) -> Reset:
    """Return the request that `by` agrees to; `found` is what waits, `agreed` a request's id and what was seen of it.

    Raises `user_disabled`, `approval_unknown`, `second_person_needed`, `approval_expired`, `approval_differs`.
    """
    _require_not_disabled(user)
    request_id, digest = agreed
    require_requested(found, request_id).require_second_person(digest, by, now)
    return _require_reset(user, request_id)


def end_reset(user: User, request_id: str, *, by: str) -> FactorResetEnded:
    """Withdraw one's own request or reject another one's; `approval_unknown`."""
    return FactorResetEnded(request_id=_require_reset(user, request_id).request_id, ended_by=by)


def reset(
    invitation: Ticket, request_id: str, *, requested_by: str, approved_by: str, digest: str, now: datetime
) -> FactorsReset:
    """Take away password, factors and recovery codes, and invite the user anew for seven days."""
    return FactorsReset(
        request_id=request_id,
        requested_by=requested_by,
        approved_by=approved_by,
        digest=digest,
        invitation_hash=invitation.hash(),
        expires_at=to_rfc3339(now + INVITATION_LIFETIME),
    )


def _require_reset(user: User, request_id: str) -> Reset:
    if user.reset is None or user.reset.request_id != request_id:
        raise PublicError(ErrorCode.APPROVAL_UNKNOWN, "There is no such request, or a newer one took its place.")
    return user.reset


def _require_not_disabled(user: User) -> None:
    if user.state is UserState.DISABLED:
        raise PublicError(ErrorCode.USER_DISABLED, "this account is disabled: enable it first")
