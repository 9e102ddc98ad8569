"""What a person has shown to know: attempts, completions, waivers, reminders.

An attempt is closed by its answers, whatever they are, and by the next attempt at the same module. Nothing but graded
answers makes a completion: there is no event that somebody could ask for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from services.auth.domain.events import (
    TrainingBegun,
    TrainingCompleted,
    TrainingEvent,
    TrainingFailed,
    TrainingReminded,
    TrainingWaived,
)
from services.auth.domain.module import Drawn, Graded, Module
from services.auth.domain.training_policy import TrainingPolicy
from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.clock import from_rfc3339, to_rfc3339

ATTEMPT_LIFETIME = timedelta(hours=1)
ATTEMPT_LIMIT = 3
"""Attempts at one module within an hour: guessing passes one attempt in sixty, and reading takes ten minutes."""
ATTEMPT_WINDOW = timedelta(hours=1)
LONGEST_WAIVER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Questions that were asked and not answered yet."""

    id: str
    module: str
    version: str
    language: str
    drawn: Drawn
    ends: datetime


@dataclass(frozen=True, slots=True)
class Completion:
    """A module that was passed, of which version, and until when that counts."""

    version: str
    completed_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TrainingRecord:
    """The fold of a stream `training-<user id>`."""

    version: int = 0
    open: Mapping[str, Attempt] = field(default_factory=dict)
    """By module: at most one each."""
    begun: tuple[tuple[str, datetime], ...] = ()
    """Modules of the attempts of the last hour, as of the newest."""
    completed: Mapping[str, Completion] = field(default_factory=dict)
    """By module, the newest."""
    waived_until: datetime | None = None
    reminded: frozenset[tuple[str, str, datetime]] = frozenset()
    """Module, stage and due date of the reminders that went out for what is still due."""


def begin(record: TrainingRecord, attempt_id: str, module: Module, drawn: Drawn, now: datetime) -> TrainingBegun:
    """Ask drawn questions; `too_many_attempts` after three within an hour, `retry_after` in seconds."""
    recent = [moment for name, moment in record.begun if name == module.name and now - moment < ATTEMPT_WINDOW]
    if len(recent) >= ATTEMPT_LIMIT:
        wait = min(recent) + ATTEMPT_WINDOW - now
        raise PublicError(
            ErrorCode.TOO_MANY_ATTEMPTS,
            "too many attempts at this module within an hour: read the lesson again",
            {"retry_after": int(wait.total_seconds()) + 1},
        )
    return TrainingBegun(
        attempt=attempt_id,
        module=module.name,
        version=module.version,
        language=module.language,
        questions=" ".join(drawn.questions),
        orders=" ".join(drawn.orders),
        expires_at=to_rfc3339(now + ATTEMPT_LIFETIME),
    )


def require_open(record: TrainingRecord, attempt_id: str, now: datetime) -> Attempt:
    """Return the attempt that awaits answers; `training_attempt_invalid` for any other."""
    attempt = next((each for each in record.open.values() if each.id == attempt_id), None)
    if attempt is None or now >= attempt.ends:
        raise attempt_invalid()
    return attempt


def attempt_invalid() -> PublicError:
    """Return the one refusal of an attempt: unknown, somebody else's, answered, expired, of an older version."""
    return PublicError(ErrorCode.TRAINING_ATTEMPT_INVALID, "this attempt is unknown, over or replaced: begin again")


def conclude(
    attempt: Attempt, answers: Iterable[int], graded: Iterable[Graded], policy: TrainingPolicy, now: datetime
) -> TrainingCompleted | TrainingFailed:
    """Turn graded answers into what is recorded; `require_open` comes first."""
    verdicts = [each.right for each in graded]
    score, asked = sum(verdicts), len(verdicts)
    said = "".join(str(answer) for answer in answers)
    if not policy.passes(score, asked):
        return TrainingFailed(attempt.id, attempt.module, attempt.version, said, score, asked)
    expires_at = to_rfc3339(now + timedelta(days=policy.valid_days))
    return TrainingCompleted(attempt.id, attempt.module, attempt.version, said, score, asked, expires_at)


def waive(*, user_id: str, reason: str, days: int, by: str, now: datetime) -> TrainingWaived:
    """Let somebody keep all permissions for at most seven days; `second_person_needed` for oneself."""
    if by == user_id:
        raise PublicError(ErrorCode.SECOND_PERSON_NEEDED, "nobody waives their own training")
    until = now + min(timedelta(days=days), LONGEST_WAIVER)
    return TrainingWaived(user_id=user_id, reason=reason, until=to_rfc3339(until), waived_by=by)


def record_after(record: TrainingRecord, event: TrainingEvent, moment: datetime) -> TrainingRecord:
    """Return the record after one more event, recorded at `moment`; TypeError for one that is not a person's."""
    match event:
        case TrainingBegun():
            changed = _begun(record, event, moment)
        case TrainingCompleted():
            changed = _completed(record, event, moment)
        case TrainingFailed():
            changed = replace(record, open=_without(record.open, event.module))
        case TrainingWaived():
            changed = replace(record, waived_until=from_rfc3339(event.until))
        case TrainingReminded():
            due = from_rfc3339(event.due_at)
            sent = {(module, event.stage, due) for module in event.modules.split()}
            changed = replace(record, reminded=record.reminded | sent)
        case _:
            raise TypeError(f"{type(event).__name__} does not belong to a person's training")
    return replace(changed, version=record.version + 1)


def fold_record(events: Iterable[tuple[datetime, TrainingEvent]]) -> TrainingRecord:
    """Return the record after its events, each with its moment."""
    record = TrainingRecord()
    for moment, event in events:
        record = record_after(record, event, moment)
    return record


def _begun(record: TrainingRecord, event: TrainingBegun, moment: datetime) -> TrainingRecord:
    attempt = Attempt(
        id=event.attempt,
        module=event.module,
        version=event.version,
        language=event.language,
        drawn=Drawn(tuple(event.questions.split()), tuple(event.orders.split())),
        ends=from_rfc3339(event.expires_at),
    )
    recent = tuple(each for each in record.begun if moment - each[1] < ATTEMPT_WINDOW)
    return replace(
        record,
        open=MappingProxyType({**record.open, event.module: attempt}),
        begun=(*recent, (event.module, moment)),
    )


def _completed(record: TrainingRecord, event: TrainingCompleted, moment: datetime) -> TrainingRecord:
    completion = Completion(event.version, moment, from_rfc3339(event.expires_at))
    return replace(
        record,
        open=_without(record.open, event.module),
        completed=MappingProxyType({**record.completed, event.module: completion}),
        reminded=frozenset(each for each in record.reminded if each[0] != event.module),
    )


def _without(attempts: Mapping[str, Attempt], module: str) -> Mapping[str, Attempt]:
    return MappingProxyType({name: attempt for name, attempt in attempts.items() if name != module})
