"""What callers ask about plans."""

from dataclasses import dataclass
from datetime import date

from services.invoices.domain.document.content import Content
from services.invoices.domain.schedule import Schedule


@dataclass(frozen=True, slots=True)
class MakePlan:
    """Have a document written again and again."""

    content: Content
    schedule: Schedule
    issue: bool = False


@dataclass(frozen=True, slots=True)
class PausePlan:
    """Have nothing written for a while."""

    plan_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ResumePlan:
    """Go on from a day."""

    plan_id: str
    day: date


@dataclass(frozen=True, slots=True)
class EndPlan:
    """Have nothing written any more."""

    plan_id: str
    reason: str
