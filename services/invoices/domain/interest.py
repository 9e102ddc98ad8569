"""Interest on what is paid late, by law: day by day, on what was owed at the end of that day. Pure.

Directive 2011/7/EU, article 2(5) and (6): the reference rate of the half-year plus at least eight percentage points,
between businesses. § 288 BGB has nine of them, and five where a consumer owes. Which base rates there were is what the
business records, with its source; no figure is in here, and without one for a half-year nothing is computed for it.

- The first day that bears interest is the one after the last day to pay; the last one is the day asked about.
- A payment reduces what is owed from its value date on, that day included. What was credited, or written off, was never
  owed here: a doubt is settled for the customer.
- Act/365: every day is a 365th part of the year's rate, in leap years too.
- Each line, days on which neither balance nor rate changes, is rounded half up to cents; their sum is the interest, so
  that it can be added up on paper. Interest bears no interest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from services.invoices.domain import refusals_of_reminders as refusals
from shared.kernel.money import to_cents

ZERO = Decimal("0.00")
_YEAR = 365
_DAY = timedelta(days=1)
_SECOND_HALF = 7
"""Its first month."""


@dataclass(frozen=True, slots=True)
class BaseRate:
    """The reference rate of a half-year, as a central bank made it known."""

    valid_from: date
    """1 January or 1 July; up to the end of the half-year."""
    percent: Decimal
    """Of a year; may be below zero."""
    source: str
    """Who made it known, and where."""


@dataclass(frozen=True, slots=True)
class InterestLine:
    """Days in a row on which balance and rate were the same."""

    first: date
    last: date
    """Included."""
    balance: Decimal
    """Owed at the end of each of these days."""
    base_percent: Decimal
    percent: Decimal
    """Base rate and margin, of a year; not below zero."""
    amount: Decimal

    @property
    def days(self) -> int:
        """Return how many."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Debt:
    """What was owed over time."""

    amount: Decimal
    """In the beginning, without what was credited or written off."""
    last_day: date
    """To pay: interest runs from the day after it."""
    payments: tuple[tuple[date, Decimal], ...] = ()
    """Value dates and amounts."""

    def balance(self, day: date) -> Decimal:
        """Return what is owed at the end of a day; not below zero."""
        paid = sum((amount for value_date, amount in self.payments if value_date <= day), ZERO)
        return max(self.amount - paid, ZERO)


def half_year(day: date) -> date:
    """Return the first day of the half-year that a day is in: what reference rates are valid for."""
    return date(day.year, _SECOND_HALF if day.month >= _SECOND_HALF else 1, 1)


def late_interest(debt: Debt, day: date, margin: Decimal, rates: Mapping[date, BaseRate]) -> tuple[InterestLine, ...]:
    """Return the interest up to a day, line by line; nothing up to the last day to pay.

    `margin`: percentage points over the base rate. `rates`: by the half-year's first day. Raises PublicError
    base_rate_missing for a half-year in which something was owed and for which no rate was recorded.
    """
    lines = []
    for first, last in _stretches(debt, day):
        if balance := debt.balance(first):
            base = _base(rates, first)
            percent = max(base + margin, Decimal(0))
            days = (last - first).days + 1
            amount = to_cents(balance * percent * days / (100 * _YEAR))
            lines.append(InterestLine(first, last, balance, base, percent, amount))
    return tuple(lines)


def total(lines: Iterable[InterestLine]) -> Decimal:
    """Return what the lines come to."""
    return sum((line.amount for line in lines), ZERO)


def _stretches(debt: Debt, day: date) -> list[tuple[date, date]]:
    """Return the days that bear interest, cut where the balance or the half-year changes; both ends included."""
    if day <= debt.last_day:
        return []
    begin = debt.last_day + _DAY
    halves = (date(year, month, 1) for year in range(begin.year, day.year + 1) for month in (1, _SECOND_HALF))
    cuts = {value_date for value_date, _ in debt.payments} | set(halves)
    firsts = sorted({begin, *(cut for cut in cuts if begin < cut <= day)})
    lasts = [*(after - _DAY for after in firsts[1:]), day]
    return list(zip(firsts, lasts, strict=True))


def _base(rates: Mapping[date, BaseRate], day: date) -> Decimal:
    rate = rates.get(half_year(day))
    if rate is None:
        raise refusals.base_rate_missing(half_year(day))
    return rate.percent
