"""Late interest: computed by hand once, and by its laws for everything else."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.invoices.domain.interest import BaseRate, Debt, half_year, late_interest, total
from shared.contracts.errors import ErrorCode, PublicError

NINE = Decimal(9)
CENTS = st.integers(1, 10_000_000).map(lambda cents: Decimal(cents) / 100)
DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))
# Made up: what the real ones were is a fact that a business records.
RATES = {
    date(year, month, 1): BaseRate(date(year, month, 1), Decimal(percent), "made up for a test")
    for year, month, percent in [
        (2024, 1, "3.5"),
        (2024, 7, "3.25"),
        (2025, 1, "2.25"),
        (2025, 7, "1.25"),
        (2026, 1, "-0.5"),
        (2026, 7, "0"),
    ]
}
PAYMENTS = st.lists(st.tuples(DAYS, CENTS), max_size=4).map(tuple)
DEBTS = st.builds(Debt, CENTS, DAYS, PAYMENTS)


def owed(amount: str, last_day: date, *payments: tuple[date, Decimal]) -> Debt:
    return Debt(Decimal(amount), last_day, payments)


def interest(debt: Debt, day: date) -> Decimal:
    return total(late_interest(debt, day, NINE, RATES))


def test_a_year_and_a_half_as_computed_by_hand() -> None:
    debt = owed("10000.00", date(2024, 12, 31), (date(2025, 4, 11), Decimal("4000.00")))
    lines = late_interest(debt, date(2025, 7, 31), NINE, RATES)
    assert [(line.first, line.last, line.days, line.balance, line.percent, line.amount) for line in lines] == [
        # 10000.00 x 11.25 % x 100 / 365 = 308.219…
        (date(2025, 1, 1), date(2025, 4, 10), 100, Decimal("10000.00"), Decimal("11.25"), Decimal("308.22")),
        # 6000.00 x 11.25 % x 81 / 365 = 149.794…
        (date(2025, 4, 11), date(2025, 6, 30), 81, Decimal("6000.00"), Decimal("11.25"), Decimal("149.79")),
        # 6000.00 x 10.25 % x 31 / 365 = 52.232…
        (date(2025, 7, 1), date(2025, 7, 31), 31, Decimal("6000.00"), Decimal("10.25"), Decimal("52.23")),
    ]


def test_up_to_the_last_day_of_the_calendar_nothing_overflows() -> None:
    assert late_interest(owed("100.00", date.max), date.max, NINE, RATES) == ()
    (line,) = late_interest(
        owed("100.00", date.max - timedelta(days=1)), date.max, NINE, {half_year(date.max): RATES[date(2026, 7, 1)]}
    )
    assert (line.first, line.last) == (date.max, date.max)


def test_a_leap_day_bears_as_much_as_any_other_day() -> None:
    debt = owed("36500.00", date(2024, 2, 27))
    assert interest(debt, date(2024, 2, 29)) == 2 * interest(debt, date(2024, 2, 28)) == Decimal("25.00")


def test_interest_never_falls_below_zero_however_low_the_base_rate() -> None:
    lines = late_interest(owed("100.00", date(2026, 1, 1)), date(2026, 3, 1), Decimal("0.25"), RATES)
    assert [(line.base_percent, line.percent, line.amount) for line in lines] == [
        (Decimal("-0.5"), Decimal(0), Decimal(0))
    ]


def test_a_half_year_without_a_recorded_rate_is_refused_and_the_refusal_says_which() -> None:
    with pytest.raises(PublicError) as refusal:
        interest(owed("100.00", date(2026, 12, 31)), date(2027, 1, 1))
    assert (refusal.value.code, refusal.value.details) == (ErrorCode.BASE_RATE_MISSING, {"valid_from": "2027-01-01"})


def test_a_half_year_in_which_nothing_was_owed_needs_no_rate() -> None:
    debt = owed("100.00", date(2026, 12, 30), (date(2026, 12, 31), Decimal(100)))
    assert interest(debt, date(2030, 1, 1)) == 0


@given(DEBTS, DAYS)
def test_up_to_the_last_day_to_pay_there_is_no_interest(debt: Debt, day: date) -> None:
    assert interest(debt, min(day, debt.last_day)) == 0


@given(DEBTS, DAYS, st.integers(0, 30))
def test_interest_only_grows_with_the_days(debt: Debt, day: date, more: int) -> None:
    later = min(day + timedelta(days=more), date(2026, 12, 31))
    assert interest(debt, later) >= interest(debt, day) >= 0 or later < day


@given(DEBTS, DAYS, CENTS)
def test_whoever_owes_more_owes_no_less_interest(debt: Debt, day: date, more: Decimal) -> None:
    larger = Debt(debt.amount + more, debt.last_day, debt.payments)
    assert interest(larger, day) >= interest(debt, day)


@given(DEBTS, DAYS, DAYS)
def test_two_periods_bear_together_what_the_whole_bears_but_for_rounding(debt: Debt, one: date, other: date) -> None:
    cut, day = sorted([one, other])
    first = interest(debt, cut)
    rest = Debt(debt.amount, max(cut, debt.last_day), debt.payments)
    lines = len(late_interest(debt, day, NINE, RATES)) + 1
    assert abs(first + interest(rest, day) - interest(debt, day)) <= Decimal("0.005") * (lines + 1)


@given(DEBTS, DAYS)
def test_the_lines_follow_one_another_and_each_can_be_recomputed(debt: Debt, day: date) -> None:
    lines = late_interest(debt, day, NINE, RATES)
    for line in lines:
        assert debt.last_day < line.first <= line.last <= day
        assert line.balance == debt.balance(line.first) == debt.balance(line.last) > 0
        assert half_year(line.first) == half_year(line.last)
        assert abs(line.amount * 36500 - line.balance * line.percent * line.days) <= Decimal("182.5")
    assert all(before.last < after.first for before, after in pairwise(lines))
