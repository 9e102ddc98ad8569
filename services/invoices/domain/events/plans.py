"""What can happen to plans, by which documents are written again and again."""

from dataclasses import dataclass
from datetime import date

from services.invoices.domain.document.content import Content
from services.invoices.domain.schedule import Schedule


@dataclass(frozen=True, slots=True)
class PlanMade:
    """A document is to be written again and again."""

    plan_id: str
    content: Content
    """Of every document, but for the issue date (BT-2), which is the day it is due."""
    schedule: Schedule
    issue: bool
    """Whether each is issued at once; else it waits as a draft."""


@dataclass(frozen=True, slots=True)
class PlanFulfilled:
    """The document of one occurrence was drafted; told in the same append as the draft."""

    plan_id: str
    index: int
    day: date
    invoice_id: str


@dataclass(frozen=True, slots=True)
class PlanPaused:
    """Nothing is written until somebody resumes it."""

    plan_id: str
    reason: str
    """A person's words; or the public code with which issuing was refused, when the plan paused by itself."""


@dataclass(frozen=True, slots=True)
class PlanResumed:
    """It goes on with the first occurrence of this day or later; those before it are left out."""

    plan_id: str
    day: date


@dataclass(frozen=True, slots=True)
class PlanEnded:
    """Nothing is written any more."""

    plan_id: str
    reason: str


PlanEvent = PlanMade | PlanFulfilled | PlanPaused | PlanResumed | PlanEnded
