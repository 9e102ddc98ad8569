"""The break-glass: who has lost password or every factor is invited anew, by two owners or by the operator.

There is no other way, and none by mail alone: the invitation is shown to the second owner, who hands it over.
"""

from datetime import datetime, timedelta

from services.auth.domain.enrolment import INVITATION_LIFETIME
from services.auth.domain.events import FactorResetRequested, FactorsReset
from services.auth.domain.ticket import Ticket
from services.auth.domain.user import Reset, User, UserState
from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.clock import to_rfc3339

REQUEST_LIFETIME = timedelta(days=7)
"""How long a request waits for a second owner."""


def request_reset(user: User, request_id: str, reason: str, *, by: str, now: datetime) -> FactorResetRequested:
    """Ask for a reset; a later request replaces an earlier one. `user_disabled`: a disabled account stays closed."""
    _require_not_disabled(user)
    expires_at = to_rfc3339(now + REQUEST_LIFETIME)
    return FactorResetRequested(request_id=request_id, requested_by=by, reason=reason, expires_at=expires_at)


def require_approvable(user: User, request_id: str, *, by: str, now: datetime) -> Reset:
    """Return the request that `by` may agree to.

    `reset_unknown` for another, an expired or a replaced request, `second_person_needed` for who made it. A request
    never changes, so its id says exactly what is agreed to.
    """
    _require_not_disabled(user)
    if user.reset is None or user.reset.request_id != request_id or now >= user.reset.ends:
        raise PublicError(ErrorCode.RESET_UNKNOWN, "there is no such request, or it waited too long")
    if user.reset.requested_by == by:
        raise PublicError(ErrorCode.SECOND_PERSON_NEEDED, "another owner has to agree")
    return user.reset


def reset(invitation: Ticket, request_id: str, *, requested_by: str, approved_by: str, now: datetime) -> FactorsReset:
    """Take away password, factors and recovery codes, and invite the user anew for seven days."""
    return FactorsReset(
        request_id=request_id,
        requested_by=requested_by,
        approved_by=approved_by,
        invitation_hash=invitation.hash(),
        expires_at=to_rfc3339(now + INVITATION_LIFETIME),
    )


def _require_not_disabled(user: User) -> None:
    if user.state is UserState.DISABLED:
        raise PublicError(ErrorCode.USER_DISABLED, "this account is disabled: enable it first")
