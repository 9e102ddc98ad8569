"""Where a person stands: pure functions over what is recorded, at moments that the test chooses."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.auth.domain.events import TrainingCompleted, TrainingPolicySet
from services.auth.domain.training import Training, TrainingState, reminder, training_of
from services.auth.domain.training_policy import DEFAULT, PolicyInForce, TrainingPolicy, fold_policy
from services.auth.domain.training_record import TrainingRecord, fold_record, record_after, waive
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.grants import plain
from shared.contracts.permissions import Permission
from shared.kernel.clock import to_rfc3339

ENROLLED = datetime(2026, 1, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
ALL = plain(permission.value for permission in Permission)
ADA, BOB = "019aa0e5-0000-7000-8000-00000000000a", "019aa0e5-0000-7000-8000-00000000000b"


def completed(module: str, moment: datetime, days: int = 365) -> tuple[datetime, TrainingCompleted]:
    expires_at = to_rfc3339(moment + days * DAY)
    return moment, TrainingCompleted("attempt", module, "version", "01230", 5, 5, expires_at)


def everything_done(moment: datetime) -> TrainingRecord:
    return fold_record(completed(module, moment) for module in DEFAULT.modules)


def state(record: TrainingRecord, days: float, in_force: PolicyInForce | None = None) -> TrainingState:
    return training(record, days, in_force).state


def training(record: TrainingRecord, days: float, in_force: PolicyInForce | None = None) -> Training:
    return training_of(in_force or PolicyInForce(), record, ENROLLED, ENROLLED + days * DAY)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0, TrainingState.CURRENT),
        (15.9, TrainingState.CURRENT),
        (16, TrainingState.DUE),
        (29.9, TrainingState.DUE),
        (30, TrainingState.OVERDUE),
        (43.9, TrainingState.OVERDUE),
        (44, TrainingState.LAPSED),
        (4000, TrainingState.LAPSED),
    ],
)
def test_who_does_nothing_goes_from_current_to_lapsed(days: float, expected: TrainingState) -> None:
    assert state(TrainingRecord(), days) is expected


def test_one_module_left_is_enough_to_lapse() -> None:
    first, *others = DEFAULT.modules
    record = fold_record(completed(module, ENROLLED + DAY) for module in others)
    assert state(record, 44) is TrainingState.LAPSED
    assert state(record_after(record, completed(first, ENROLLED + 44 * DAY)[1], ENROLLED), 44) is TrainingState.CURRENT


def test_what_was_done_is_due_again_when_its_validity_ends() -> None:
    record = everything_done(ENROLLED)
    assert state(record, 350.9) is TrainingState.CURRENT
    assert state(record, 351) is TrainingState.DUE
    assert state(record, 365) is TrainingState.OVERDUE
    assert state(record, 379) is TrainingState.LAPSED


def test_who_has_not_enrolled_has_nothing_to_do() -> None:
    assert training_of(PolicyInForce(), TrainingRecord(), None, ENROLLED) == Training()


def test_a_business_that_asks_for_nothing_takes_nothing_away() -> None:
    nothing = fold_policy([(ENROLLED, TrainingPolicy(modules=()).to_event())])
    found = training(TrainingRecord(), 4000, nothing)
    assert (found.state, found.stands_until) == (TrainingState.CURRENT, None)
    assert found.leaves(ALL, ENROLLED + 4000 * DAY) == ALL


def test_until_training_lapses_every_permission_stands_and_then_those_that_read() -> None:
    until = ENROLLED + 44 * DAY
    found = training(TrainingRecord(), 43)
    assert found.stands_until == until
    assert found.leaves(ALL, until - timedelta(microseconds=1)) == ALL
    left = {grant.permission for grant in found.leaves(ALL, until)}
    assert left == {name.value for name in Permission if name.value.endswith(":read")}
    changing = {"invoice:issue", "invoice:draft", "customer:write", "user:invite", "log:export", "training:manage"}
    assert not left & changing


def test_a_waiver_keeps_the_permissions_for_its_days_and_no_longer() -> None:
    now = ENROLLED + 50 * DAY
    waived = waive(user_id=ADA, reason="in hospital", days=3, by=BOB, now=now)
    record = record_after(TrainingRecord(), waived, now)
    found = training(record, 50)
    assert found.state is TrainingState.LAPSED
    assert found.stands_until == now + 3 * DAY
    assert found.leaves(ALL, now + 2 * DAY) == ALL
    assert found.leaves(ALL, now + 3 * DAY) != ALL


def test_a_waiver_never_shortens_what_stands_anyway() -> None:
    waived = waive(user_id=ADA, reason="early", days=1, by=BOB, now=ENROLLED)
    assert training(record_after(TrainingRecord(), waived, ENROLLED), 1).stands_until == ENROLLED + 44 * DAY


def test_nobody_waives_for_themselves_and_nobody_for_longer_than_a_week() -> None:
    with pytest.RaisesExc(PublicError, check=lambda error: error.code is ErrorCode.SECOND_PERSON_NEEDED):
        waive(user_id=ADA, reason="myself", days=1, by=ADA, now=ENROLLED)
    assert waive(user_id=ADA, reason="long", days=30, by=BOB, now=ENROLLED).until == to_rfc3339(ENROLLED + 7 * DAY)


def test_a_module_that_is_asked_for_later_is_first_due_from_then_on() -> None:
    with_more = TrainingPolicy(modules=(*DEFAULT.modules, "restore_drill"))
    in_force = fold_policy([(ENROLLED + 100 * DAY, with_more.to_event())])
    record = everything_done(ENROLLED + DAY)
    assert state(record, 101, in_force) is TrainingState.CURRENT
    assert state(record, 130, in_force) is TrainingState.OVERDUE


def test_setting_the_rules_again_gives_nobody_a_new_month() -> None:
    moments = [ENROLLED + days * DAY for days in (10, 20, 40)]
    in_force = fold_policy((moment, DEFAULT.to_event()) for moment in moments)
    assert state(TrainingRecord(), 44, in_force) is TrainingState.LAPSED


def test_a_module_that_was_left_out_and_comes_back_is_due_from_its_return() -> None:
    without = TrainingPolicy(modules=())
    rules = [(ENROLLED + 10 * DAY, without.to_event()), (ENROLLED + 100 * DAY, DEFAULT.to_event())]
    assert state(TrainingRecord(), 101, fold_policy(rules)) is TrainingState.CURRENT


def reminders(record: TrainingRecord, days: Sequence[float]) -> list[tuple[str, int]]:
    """Look on each of the days; return stages and numbers of modules."""
    told = []
    for day in days:
        while (event := reminder(ADA, training(record, day), record)) is not None:
            record = record_after(record, event, ENROLLED + day * DAY)
            told.append((event.stage, len(event.modules.split())))
    return told


def test_each_stage_is_told_once_and_modules_that_are_due_together_are_told_together() -> None:
    often = [day / 2 for day in range(200)]
    assert reminders(TrainingRecord(), often) == [("due-14", 3), ("due-3", 3), ("overdue", 3), ("lapsed", 3)]


def test_stages_that_were_missed_are_not_made_up_for() -> None:
    assert reminders(TrainingRecord(), [2, 60]) == [("lapsed", 3)]


def test_a_year_later_everything_is_told_again() -> None:
    record = everything_done(ENROLLED + 30 * DAY)
    assert [stage for stage, _ in reminders(record, range(0, 500, 1))] == ["due-14", "due-3", "overdue", "lapsed"]


@given(
    st.lists(st.tuples(st.sampled_from(DEFAULT.modules), st.integers(0, 800)), max_size=8),
    st.integers(0, 1500),
)
def test_sensitive_permissions_stand_exactly_while_no_module_has_lapsed(done: list[tuple[str, int]], day: int) -> None:
    history = sorted(done, key=lambda each: each[1])
    record = fold_record(completed(module, ENROLLED + days * DAY) for module, days in history if days <= day)
    found = training(record, day)
    lapsed = any(each.state is TrainingState.LAPSED for each in found.modules)
    assert lapsed == (found.leaves(ALL, ENROLLED + day * DAY) != ALL)
    assert lapsed == (found.state is TrainingState.LAPSED)


def test_rules_come_back_from_the_log_as_they_were_set() -> None:
    policy = TrainingPolicy(("phishing", "restore_drill"), 7, 90, 0, (30, 10, 1), 100)
    assert isinstance(policy.to_event(), TrainingPolicySet)
    assert fold_policy([(ENROLLED, policy.to_event())]).policy == policy
