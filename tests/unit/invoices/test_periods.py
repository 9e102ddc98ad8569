"""Periods of reports: without a gap from the first day to the last, whichever these are."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.invoices.read_models.periods import Per, periods

LAST_YEAR = date(9999, 1, 1)


@given(st.dates(), st.integers(0, 1200), st.sampled_from(Per))
def test_periods_follow_one_another_from_the_first_day_to_the_last(first: date, days: int, per: Per) -> None:
    last = first + timedelta(days=min(days, (date.max - first).days))
    found = list(periods(first, last, per))
    assert (found[0].first, found[-1].last) == (first.isoformat(), last.isoformat())
    for earlier, later in pairwise(found):
        assert date.fromisoformat(later.first) - date.fromisoformat(earlier.last) == timedelta(days=1)
        assert later.first.endswith("-01")


@pytest.mark.parametrize(("per", "count"), [(Per.MONTH, 12), (Per.QUARTER, 4), (Per.YEAR, 1), (Per.WHOLE, 1)])
def test_the_last_year_of_the_calendar_is_divided_as_any_other(per: Per, count: int) -> None:
    assert len(list(periods(LAST_YEAR, date.max, per))) == count
