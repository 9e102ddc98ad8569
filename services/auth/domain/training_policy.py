"""What training a business asks of its people, and by when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from services.auth.domain.events import TrainingPolicySet


@dataclass(frozen=True, slots=True)
class TrainingPolicy:
    """The rules. Until an owner sets others, these hold: they ask for nothing in somebody's first month."""

    modules: tuple[str, ...] = ("invoice_fraud", "passwords", "phishing")
    """Names of the modules that everybody does; empty: no training is asked for."""
    first_due_days: int = 30
    """Days after the enrolment, or after a module was first asked for, within which it is done."""
    valid_days: int = 365
    grace_days: int = 14
    """Days after the due date in which everything still works."""
    remind_days: tuple[int, ...] = (14, 3)
    """Days before the due date on which a reminder goes out."""
    pass_percent: int = 80

    def passes(self, score: int, asked: int) -> bool:
        """Tell whether so many right answers are enough."""
        return score * 100 >= self.pass_percent * asked

    def to_event(self) -> TrainingPolicySet:
        """Return what is recorded when an owner sets these rules."""
        return TrainingPolicySet(
            modules=" ".join(self.modules),
            first_due_days=self.first_due_days,
            valid_days=self.valid_days,
            grace_days=self.grace_days,
            remind_days=" ".join(str(days) for days in self.remind_days),
            pass_percent=self.pass_percent,
        )


DEFAULT = TrainingPolicy()


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """The fold of a stream `training_policy-<tenant>`."""

    version: int = 0
    policy: TrainingPolicy = DEFAULT
    asked_since: Mapping[str, datetime] = field(default_factory=dict)
    """Since when each module has been asked for without a break; one that is missing: from the beginning."""

    def first_due(self, module: str, enrolled_at: datetime) -> datetime:
        """Return by when somebody who enrolled then does the module for the first time."""
        since = self.asked_since.get(module)
        begins = enrolled_at if since is None else max(enrolled_at, since)
        return begins + timedelta(days=self.policy.first_due_days)


def policy_of(event: TrainingPolicySet) -> TrainingPolicy:
    """Return the rules that were set."""
    return TrainingPolicy(
        modules=tuple(event.modules.split()),
        first_due_days=event.first_due_days,
        valid_days=event.valid_days,
        grace_days=event.grace_days,
        remind_days=tuple(int(days) for days in event.remind_days.split()),
        pass_percent=event.pass_percent,
    )


def fold_policy(events: Iterable[tuple[datetime, TrainingPolicySet]]) -> PolicyInForce:
    """Return what holds after an owner's decisions, each with its moment; the default when there are none."""
    held = PolicyInForce()
    for moment, event in events:
        policy = policy_of(event)
        before = held.policy.modules
        # A module that was asked for before keeps its date: setting the rules again gives nobody a new month.
        since = {module: held.asked_since.get(module) if module in before else moment for module in policy.modules}
        kept = {module: began for module, began in since.items() if began is not None}
        held = PolicyInForce(held.version + 1, policy, MappingProxyType(kept))
    return held
