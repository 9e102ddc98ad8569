"""Where a person stands with the training that the business asks for, and what follows from it.

                 first reminder      due date         end of grace
    ... current ------+------- due -----+---- overdue -----+---- lapsed: read only until it is done

The due date is the end of the last completion's validity, or, before the first, some days after the enrolment.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.auth.domain.events import TrainingReminded
from services.auth.domain.training_policy import PolicyInForce
from services.auth.domain.training_record import TrainingRecord
from shared.contracts.grants import Grant
from shared.kernel.clock import to_rfc3339

_READING = ":read"
"""How the names of permissions end that let nobody change anything or take keys away."""


class TrainingState(StrEnum):
    """How urgent a module is, or the most urgent of all."""

    CURRENT = "current"
    DUE = "due"
    OVERDUE = "overdue"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class ModuleTraining:
    """Where a person stands with one module."""

    module: str
    state: TrainingState
    due_at: datetime
    grace_ends_at: datetime
    stage: str | None
    """The reminder that fits: `due-<days>`, `overdue`, `lapsed`; None: it is too early for one."""


@dataclass(frozen=True, slots=True)
class Training:
    """Where a person stands with all of it."""

    modules: tuple[ModuleTraining, ...] = ()
    """In the order of the policy."""
    waived_until: datetime | None = None

    @property
    def state(self) -> TrainingState:
        """Return the most urgent state of a module; current when none is asked for."""
        order = list(TrainingState)
        return max((each.state for each in self.modules), key=order.index, default=TrainingState.CURRENT)

    @property
    def stands_until(self) -> datetime | None:
        """Return until when all permissions stand; None: no training is asked for, so nothing ends."""
        if not self.modules:
            return None
        ends = min(each.grace_ends_at for each in self.modules)
        return ends if self.waived_until is None else max(ends, self.waived_until)

    def leaves(self, grants: tuple[Grant, ...], now: datetime) -> tuple[Grant, ...]:
        """Return what is left of somebody's grants: all of them, or once training has lapsed those that only read."""
        until = self.stands_until
        if until is None or now < until:
            return grants
        return tuple(grant for grant in grants if grant.permission.endswith(_READING))


def training_of(
    in_force: PolicyInForce, record: TrainingRecord, enrolled_at: datetime | None, now: datetime
) -> Training:
    """Return where somebody stands; who has not enrolled has nothing to do yet."""
    if enrolled_at is None:
        return Training()
    modules = tuple(_module(in_force, record, module, enrolled_at, now) for module in in_force.policy.modules)
    return Training(modules, record.waived_until)


def reminder(user_id: str, training: Training, record: TrainingRecord) -> TrainingReminded | None:
    """Return the reminder that is to go out now, None when there is none.

    Each stage of each due date is told once, and modules that are due together are told together. Stages that were
    missed, because nobody was there to remind, are not made up for: only the present one is told.
    """
    fresh = [
        each
        for each in training.modules
        if each.stage is not None and (each.module, each.stage, each.due_at) not in record.reminded
    ]
    if not fresh:
        return None
    first = min(fresh, key=lambda each: each.due_at)
    together = [each for each in fresh if (each.stage, each.due_at) == (first.stage, first.due_at)]
    return TrainingReminded(
        user_id=user_id,
        stage=str(first.stage),
        modules=" ".join(each.module for each in together),
        due_at=to_rfc3339(first.due_at),
        grace_ends_at=to_rfc3339(first.grace_ends_at),
    )


def _module(
    in_force: PolicyInForce, record: TrainingRecord, module: str, enrolled_at: datetime, now: datetime
) -> ModuleTraining:
    policy, done = in_force.policy, record.completed.get(module)
    due = in_force.first_due(module, enrolled_at) if done is None else done.expires_at
    grace_ends = due + timedelta(days=policy.grace_days)
    passed = [days for days in policy.remind_days if now >= due - timedelta(days=days)]
    if now >= grace_ends:
        state, stage = TrainingState.LAPSED, "lapsed"
    elif now >= due:
        state, stage = TrainingState.OVERDUE, "overdue"
    elif passed:
        state, stage = TrainingState.DUE, f"due-{min(passed)}"
    else:
        return ModuleTraining(module, TrainingState.CURRENT, due, grace_ends, None)
    return ModuleTraining(module, state, due, grace_ends, stage)
