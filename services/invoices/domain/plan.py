"""A recurring plan: running <-> paused, then ended, by somebody or because its schedule is over.

What was written for an occurrence has an id that is made of the plan and the day. So the same occurrence is the same
document, whoever writes it and however often it is tried.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import takewhile
from uuid import UUID, uuid5

from services.invoices.domain import refusals
from services.invoices.domain import refusals_of_payments as refused
from services.invoices.domain.document.content import Content, DocumentType
from services.invoices.domain.events import Event
from services.invoices.domain.events.plans import PlanEnded, PlanFulfilled, PlanMade, PlanPaused, PlanResumed
from services.invoices.domain.schedule import Occurrence, Schedule, occurrences

_FURTHEST_AHEAD = timedelta(days=3 * 365)
MOST_AT_ONCE = 50
"""Occurrences of a plan that are made up for in one go; the rest follows in the next."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The fold of a plan's stream."""

    made: PlanMade
    next_index: int = 0
    """Of the first occurrence that is neither written nor left out."""
    latest: str | None = None
    """Id of the last document that was written."""
    paused: PlanPaused | None = None
    ended: bool = False

    @property
    def upcoming(self) -> Occurrence | None:
        """Return what is written next, whether the plan is paused or not; None when there is nothing more."""
        return None if self.ended else next(occurrences(self.made.schedule, self.next_index), None)


def plan_after(plan: Plan | None, event: Event) -> Plan:
    """Return the plan after one more event of its stream; ValueError for one that cannot follow."""
    if isinstance(event, PlanMade) and plan is None:
        return Plan(event)
    if plan is not None and not plan.ended:
        match event:
            case PlanFulfilled() if event.index >= plan.next_index:
                return replace(plan, next_index=event.index + 1, latest=event.invoice_id)
            case PlanPaused() if plan.paused is None:
                return replace(plan, paused=event)
            case PlanResumed(day=day) if plan.paused is not None:
                return replace(plan, paused=None, next_index=_first_from(plan, day))
            case PlanEnded():
                return replace(plan, ended=True)
            case _:
                pass
    raise ValueError(f"{type(event).__name__} cannot follow in the history of this plan")


def fold_plan(events: Iterable[Event]) -> Plan | None:
    """Return the plan that these events describe; None when there are none."""
    plan: Plan | None = None
    for event in events:
        plan = plan_after(plan, event)
    return plan


def due(plan: Plan, day: date) -> list[Occurrence]:
    """Return what is to be written by a day, this one included: also what was missed. At most `MOST_AT_ONCE`."""
    if plan.ended or plan.paused is not None:
        return []
    reached = takewhile(lambda each: each.day <= day, occurrences(plan.made.schedule, plan.next_index))
    return [each for each, _ in zip(reached, range(MOST_AT_ONCE), strict=False)]


def document_id(plan_id: str, day: date) -> str:
    """Return the id of the document that a plan writes for a day."""
    return str(uuid5(UUID(plan_id), day.isoformat()))


def content_on(plan: Plan, day: date) -> Content:
    """Return what the document of a day says."""
    return replace(plan.made.content, issue_date=day)


def decide_plan(plan_id: str, content: Content, schedule: Schedule, *, issue: bool) -> PlanMade:
    """Decide on a plan; PublicError document_invalid for what cannot be said again and again."""
    if content.document_type is DocumentType.CREDIT_NOTE:
        raise refusals.document_invalid("document_type", "A credit note corrects one document: it does not recur.")
    if content.tax_point_date is not None:
        raise refusals.document_invalid("tax_point_date", "Each document has a day of its own: say `tax_point`.")
    if content.due_date is not None:
        raise refusals.document_invalid("due_date", "Each document has a due date of its own: say it in payment terms.")
    return PlanMade(plan_id, content, schedule, issue)


def decide_pause(plan: Plan, reason: str) -> PlanPaused:
    """Decide on pausing; PublicError plan_not_running."""
    if plan.ended or plan.paused is not None:
        raise refused.plan_not_running()
    return PlanPaused(plan.made.plan_id, reason)


def decide_resuming(plan: Plan, day: date, today: date) -> PlanResumed:
    """Decide on going on from a day; PublicError plan_not_paused, issue_date_invalid for one years ahead."""
    if plan.ended or plan.paused is None:
        raise refused.plan_not_paused()
    if day > today + _FURTHEST_AHEAD:
        raise refusals.issue_date_invalid()
    return PlanResumed(plan.made.plan_id, day)


def decide_end(plan: Plan, reason: str) -> PlanEnded:
    """Decide on ending for good; PublicError plan_not_running."""
    if plan.ended:
        raise refused.plan_not_running()
    return PlanEnded(plan.made.plan_id, reason)


def _first_from(plan: Plan, day: date) -> int:
    """Return the index of the first occurrence of a day or later that is not written yet."""
    passed = takewhile(lambda each: each.day < day, occurrences(plan.made.schedule, plan.next_index))
    return plan.next_index + sum(1 for _ in passed)
