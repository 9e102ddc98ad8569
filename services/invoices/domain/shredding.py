"""Forgetting a customer: one person asks; while a retention period runs, a second one has to agree.

    (nothing) -- request, no retention period runs ---------------------------> shredded
        |
        +------- request that overrides retention --> requested -- approve by another person --> shredded

A request may be repeated until it is approved; the last one counts. What is shredded stays so: nobody can undo it, and
no command about that customer is carried out any more. Nothing in these events is personal data of the customer:
reasons are codes, because these events are sealed for the tenant and stay readable when the customer's do not.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.invoices.domain import refusals
from services.invoices.domain.events import Approval, Event, ShreddingApproved, ShreddingRequested, SubjectShredded


@dataclass(frozen=True, slots=True)
class Shredding:
    """What was asked and decided about forgetting one customer."""

    requested: ShreddingRequested | None = None
    """The last request."""
    shredded: SubjectShredded | None = None


def fold_shredding(events: Iterable[Event]) -> Shredding:
    """Return what these events of a customer's shredding stream say; ValueError for any other event."""
    shredding = Shredding()
    for event in events:
        match event:
            case ShreddingRequested():
                shredding = replace(shredding, requested=event)
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
    shredding: Shredding, request_id: str, approved_by: Approval, *, subject: str, keys: Sequence[str]
) -> list[Event]:
    """Decide on an approval: it is for the last request and by another person, or it is refused.

    Raises PublicError key_shredded, shredding_unknown, second_person_needed.
    """
    require_not_shredded(shredding)
    request = shredding.requested
    if request is None or request.request_id != request_id:
        raise refusals.shredding_unknown()
    if approved_by.user_id == request.requested_by.user_id:
        raise refusals.second_person_needed()
    approved = ShreddingApproved(request_id, approved_by)
    return [approved, _shredded(request, (request.requested_by, approved_by), subject, keys)]


def _shredded(
    request: ShreddingRequested, approvals: tuple[Approval, ...], subject: str, keys: Sequence[str]
) -> SubjectShredded:
    return SubjectShredded(
        subject=subject, reason=request.reason, override=request.override, approvals=approvals, keys=tuple(keys)
    )
