"""How long documents have to be kept: years after the end of the calendar year of the latest one."""

from datetime import MAXYEAR, date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.invoices.domain.retention import retained_until, retention_ends

YEARS = st.integers(0, 30)
DAYS = st.dates(date(1990, 1, 1), date(2200, 12, 31))


@pytest.mark.parametrize("issued", [date(2026, 1, 1), date(2026, 11, 22), date(2026, 12, 31)])
def test_the_period_runs_from_the_end_of_the_year(issued: date) -> None:
    assert retention_ends(issued, 10) == date(2036, 12, 31)


@pytest.mark.parametrize(
    ("today", "until"),
    [
        (date(2026, 11, 22), date(2036, 12, 31)),
        (date(2036, 12, 31), date(2036, 12, 31)),
        (date(2037, 1, 1), None),
    ],
)
def test_the_last_day_still_counts(today: date, until: date | None) -> None:
    assert retained_until(date(2026, 3, 1), 10, today) == until


def test_the_end_of_time_is_not_passed() -> None:
    assert retention_ends(date(MAXYEAR, 5, 1), 10) == date(MAXYEAR, 12, 31)


@given(YEARS, DAYS)
def test_nothing_is_retained_where_nothing_was_issued(years: int, today: date) -> None:
    assert retained_until(None, years, today) is None


@given(DAYS, YEARS)
def test_the_period_lasts_whole_years_and_less_than_one_more(issued: date, years: int) -> None:
    ends = retention_ends(issued, years)
    assert date(issued.year + years, 12, 31) == ends
    assert ends >= issued


@given(DAYS, DAYS, YEARS)
def test_a_later_document_never_shortens_the_period(one: date, other: date, years: int) -> None:
    assert retention_ends(max(one, other), years) >= retention_ends(min(one, other), years)


@given(DAYS, YEARS, DAYS)
def test_once_over_it_stays_over(issued: date, years: int, today: date) -> None:
    if retained_until(issued, years, today) is None:
        assert retained_until(issued, years, today + timedelta(days=1)) is None


@given(DAYS, YEARS)
def test_it_runs_on_the_day_of_issue(issued: date, years: int) -> None:
    assert retained_until(issued, years, issued) == retention_ends(issued, years)
