"""Recurring plans: every occurrence on its day, each once, at the month's end as people expect it."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.invoices.domain.document.content import DocumentType
from services.invoices.domain.events.plans import PlanEnded, PlanFulfilled, PlanMade, PlanPaused, PlanResumed
from services.invoices.domain.plan import (
    MOST_AT_ONCE,
    Plan,
    decide_end,
    decide_pause,
    decide_plan,
    decide_resuming,
    document_id,
    due,
    plan_after,
)
from services.invoices.domain.schedule import Interval, Schedule, day_of, occurrences
from shared.contracts.errors import ErrorCode, PublicError
from tests.unit.invoices.samples import TODAY, draft

PLAN_ID = "019aa0e5-2222-7000-8000-000000000009"
SCHEDULES = st.builds(
    Schedule,
    st.dates(date(1990, 1, 1), date(2090, 12, 31)),
    st.sampled_from(Interval),
    st.integers(1, 12),
    times=st.none() | st.integers(1, 40),
)


def days(schedule: Schedule, most: int = 60) -> list[date]:
    return [each.day for each in islice(occurrences(schedule), most)]


def plan(schedule: Schedule, *, issue: bool = False) -> Plan:
    return Plan(PlanMade(PLAN_ID, draft().content, schedule, issue))


def refused(code: ErrorCode) -> "pytest.RaisesExc[PublicError]":
    return pytest.RaisesExc(PublicError, check=lambda error: error.code is code)


def fulfilled(by: Plan, day: date) -> Plan:
    for each in due(by, day):
        by = plan_after(by, PlanFulfilled(PLAN_ID, each.index, each.day, document_id(PLAN_ID, each.day)))
    return by


def test_the_31st_is_the_last_day_of_shorter_months_and_the_31st_again_after_them() -> None:
    monthly = Schedule(date(2023, 12, 31), Interval.MONTH, times=5)
    assert [f"{day:%m-%d}" for day in days(monthly)] == ["12-31", "01-31", "02-29", "03-31", "04-30"]


def test_the_29th_of_february_comes_back_in_leap_years() -> None:
    yearly = Schedule(date(2024, 2, 29), Interval.YEAR, times=5)
    assert [f"{day:%y-%m-%d}" for day in days(yearly)] == ["24-02-29", "25-02-28", "26-02-28", "27-02-28", "28-02-29"]


@pytest.mark.parametrize(
    ("interval", "every", "second"),
    [
        (Interval.DAY, 3, date(2026, 1, 18)),
        (Interval.WEEK, 2, date(2026, 1, 29)),
        (Interval.MONTH, 2, date(2026, 3, 15)),
        (Interval.QUARTER, 1, date(2026, 4, 15)),
        (Interval.YEAR, 1, date(2027, 1, 15)),
    ],
)
def test_the_second_day_is_so_many_intervals_after_the_first(interval: Interval, every: int, second: date) -> None:
    assert days(Schedule(date(2026, 1, 15), interval, every, times=2)) == [date(2026, 1, 15), second]


def test_a_schedule_ends_on_its_last_day_or_after_so_many_times() -> None:
    daily = Schedule(date(2026, 1, 1), Interval.DAY)
    assert len(days(replace(daily, until=date(2026, 1, 10)))) == 10
    assert len(days(replace(daily, times=3))) == 3
    assert days(Schedule(date(9999, 12, 30), Interval.DAY)) == [date(9999, 12, 30), date(9999, 12, 31)]


@given(SCHEDULES)
def test_days_rise_and_keep_the_first_ones_place_in_the_month(schedule: Schedule) -> None:
    found = days(schedule)
    assert found == sorted(set(found))
    assert found[0] == schedule.first
    assert len(found) == min(schedule.times or 60, 60)
    if schedule.interval not in {Interval.DAY, Interval.WEEK}:
        for day in found:
            assert day.day == schedule.first.day or (day + timedelta(days=1)).day == 1


@given(SCHEDULES, st.lists(st.integers(0, 400), max_size=8))
def test_whenever_it_is_looked_at_nothing_is_left_out_and_nothing_written_twice(
    schedule: Schedule, pauses: list[int]
) -> None:
    running, day, written = plan(schedule), schedule.first, list[date]()
    for pause in pauses:
        day += timedelta(days=pause)
        while reached := due(running, day):
            written += [each.day for each in reached]
            running = fulfilled(running, day)
    expected = [each for each in days(schedule, len(written) + 1) if each <= day] if pauses else []
    assert written == expected


def test_what_was_missed_is_made_up_for_a_number_at_a_time() -> None:
    running = plan(Schedule(date(2026, 1, 1), Interval.DAY))
    assert len(due(running, date(2026, 12, 31))) == MOST_AT_ONCE


def test_the_same_occurrence_is_the_same_document() -> None:
    assert document_id(PLAN_ID, TODAY) == document_id(PLAN_ID, TODAY)
    assert document_id(PLAN_ID, TODAY) != document_id(PLAN_ID, TODAY + timedelta(days=1))


def test_a_paused_plan_writes_nothing_and_leaves_out_what_lies_before_its_resumption() -> None:
    running = fulfilled(plan(Schedule(date(2026, 1, 1), Interval.DAY)), date(2026, 1, 3))
    paused = plan_after(running, decide_pause(running, "on holiday"))
    assert due(paused, date(2026, 1, 10)) == []
    resumed = plan_after(paused, decide_resuming(paused, date(2026, 1, 9), TODAY))
    assert [each.day.day for each in due(resumed, date(2026, 1, 10))] == [9, 10]


def test_what_does_not_run_is_not_paused_and_what_runs_is_not_resumed() -> None:
    running = plan(Schedule(TODAY, Interval.DAY))
    with refused(ErrorCode.PLAN_NOT_PAUSED):
        decide_resuming(running, TODAY, TODAY)
    with refused(ErrorCode.PLAN_NOT_RUNNING):
        decide_pause(plan_after(running, PlanPaused(PLAN_ID, "so")), "again")
    ended = plan_after(running, decide_end(running, "cancelled"))
    assert due(ended, TODAY) == []
    with refused(ErrorCode.PLAN_NOT_RUNNING):
        decide_end(ended, "again")


def test_a_plan_is_not_resumed_years_ahead() -> None:
    paused = plan_after(plan(Schedule(TODAY, Interval.DAY)), PlanPaused(PLAN_ID, "so"))
    with refused(ErrorCode.ISSUE_DATE_INVALID):
        decide_resuming(paused, date(9999, 1, 1), TODAY)


def test_what_cannot_be_said_again_and_again_is_refused() -> None:
    schedule = Schedule(TODAY, Interval.MONTH)
    for content in (
        replace(draft().content, document_type=DocumentType.CREDIT_NOTE),
        replace(draft().content, due_date=TODAY),
        replace(draft().content, tax_point_date=TODAY),
    ):
        with refused(ErrorCode.DOCUMENT_INVALID):
            decide_plan(PLAN_ID, content, schedule, issue=False)


@pytest.mark.parametrize("event", [PlanResumed(PLAN_ID, TODAY), PlanFulfilled(PLAN_ID, -1, TODAY, "i")])
def test_a_history_that_cannot_have_happened_is_refused(event: PlanResumed | PlanFulfilled) -> None:
    with pytest.raises(ValueError, match="cannot follow"):
        plan_after(plan(Schedule(TODAY, Interval.DAY)), event)
    with pytest.raises(ValueError, match="cannot follow"):
        plan_after(None, PlanEnded(PLAN_ID, "so"))


def test_a_day_beyond_the_end_is_no_day() -> None:
    assert day_of(Schedule(TODAY, Interval.DAY, times=1), 1) is None
    assert day_of(Schedule(date(9999, 1, 1), Interval.YEAR), 1) is None
