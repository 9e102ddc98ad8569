"""Forgetting a customer: one person asks; while a retention period runs, a second one has to agree.

    (nothing) -- request, no retention period runs ---------------------------> shredded
        |
        +------- request that overrides retention --> requested -- approve by another person --> shredded
                                                         |
                    (nothing) <-- rejected, withdrawn, --+
                                  or nobody agreed within seven days

A request may be repeated until it is approved; the last one counts. What is shredded stays so: nobody can undo it, and
no command about that customer is carried out any more. Nothing in these events is personal data of the customer:
reasons are codes, because these events are sealed for the tenant and stay readable when the customer's do not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.invoices.domain import refusals
from services.invoices.domain.approval import Approval
from services.invoices.domain.events import (
    Event,
    ShreddingApproved,
    ShreddingRejected,
    ShreddingRequested,
    ShreddingWithdrawn,
    SubjectShredded,
)
from shared.contracts.four_eyes import Approvable, require_requested
from shared.kernel.clock import from_rfc3339


@dataclass(frozen=True, slots=True)
class Shredding:
    """What was asked and decided about forgetting one customer."""

    requested: ShreddingRequested | None = None
    """The last request."""
    ended: ShreddingRejected | ShreddingWithdrawn | None = None
    """What became of it, when nobody is to agree to it any more."""
    shredded: SubjectShredded | None = None

    @property
    def waiting(self) -> Approvable | None:
        """Return the request that a second person may agree to, as it is shown to them."""
        request = self.requested
        if request is None or request.override is None or self.ended is not None or self.shredded is not None:
            return None
        shown = {
            "kind": "shredding",
            "request_id": request.request_id,
            "customer_id": request.customer_id,
            "reason": request.reason,
            "override": request.override,
            "requested_by": request.requested_by.user_id,
            "expires_at": request.expires_at,
        }
        return Approvable(request.request_id, request.requested_by.user_id, from_rfc3339(request.expires_at), shown)


def fold_shredding(events: Iterable[Event]) -> Shredding:
    """Return what these events of a customer's shredding stream say; ValueError for any other event."""
    shredding = Shredding()
    for event in events:
        match event:
            case ShreddingRequested():
                shredding = replace(shredding, requested=event, ended=None)
            case ShreddingRejected() | ShreddingWithdrawn():
                shredding = replace(shredding, ended=event)
            case ShreddingApproved():
                pass  # always appended together with the shredding itself
            case SubjectShredded():
                shredding = replace(shredding, shredded=event)
            case _:
                raise ValueError(f"{type(event).__name__} does not belong to a shredding")
    return shredding


def require_not_shredded(shredding: Shredding) -> None:
    """Refuse a command about a customer who was forgotten; PublicError key_shredded."""
    if shredding.shredded is not None:
        raise refusals.shredded()


def decide_request(
    shredding: Shredding, request: ShreddingRequested, *, subject: str, keys: Sequence[str], retained_until: date | None
) -> list[Event]:
    """Decide on a request: shred at once, or wait for a second person when it overrides retention.

    `keys` are the ids of the subject's DEKs; `retained_until` is when retention ends, None when none runs. Raises
    PublicError key_shredded, retention_runs.
    """
    require_not_shredded(shredding)
    if request.override is not None:
        return [request]
    if retained_until is not None:
        raise refusals.retention_runs(retained_until)
    return [request, _shredded(request, (request.requested_by,), subject, keys)]


def decide_approval(
    shredding: Shredding, agreed: ShreddingApproved, now: datetime, *, subject: str, keys: Sequence[str]
) -> list[Event]:
    """Decide on an approval: it is for the last request, as it was shown, and by another person, or it is refused.

    Raises PublicError key_shredded, approval_unknown, second_person_needed, approval_expired, approval_differs.
    """
    require_not_shredded(shredding)
    waiting = require_requested(shredding.waiting, agreed.request_id)
    waiting.require_second_person(agreed.digest, agreed.approved_by.user_id, now)
    request = shredding.requested
    if request is None:
        raise RuntimeError("what is approved was requested")
    return [agreed, _shredded(request, (request.requested_by, agreed.approved_by), subject, keys)]


def decide_end(shredding: Shredding, request_id: str, by: Approval) -> ShreddingRejected | ShreddingWithdrawn:
    """Decide that a request is over: withdrawn by who made it, rejected by others.

    Raises PublicError key_shredded, approval_unknown.
    """
    require_not_shredded(shredding)
    waiting = require_requested(shredding.waiting, request_id)
    if by.user_id == waiting.requested_by:
        return ShreddingWithdrawn(request_id, by)
    return ShreddingRejected(request_id, by)


def _shredded(
    request: ShreddingRequested, approvals: tuple[Approval, ...], subject: str, keys: Sequence[str]
) -> SubjectShredded:
    return SubjectShredded(
        subject=subject, reason=request.reason, override=request.override, approvals=approvals, keys=tuple(keys)
    )
