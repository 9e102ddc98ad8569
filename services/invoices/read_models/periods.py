"""Periods of reports: whole months, quarters or years, as far as they lie between two days, or these days as one."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Per(StrEnum):
    """By which periods a report is divided."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    WHOLE = "whole"
    """Not at all."""


_MONTHS = {Per.MONTH: 1, Per.QUARTER: 3, Per.YEAR: 12}


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """From the first to the last day, both included, ISO 8601."""

    first: str
    last: str


def periods(first: date, last: date, per: Per) -> Iterator[Period]:
    """Yield the periods between two days, both included; the first and the last may be cut by these days."""
    if per is Per.WHOLE:
        yield Period(first.isoformat(), last.isoformat())
        return
    begins = first
    while (ends := _last_day(begins, _MONTHS[per])) < last:
        yield Period(begins.isoformat(), ends.isoformat())
        begins = ends + timedelta(days=1)
    if begins <= last:
        yield Period(begins.isoformat(), last.isoformat())


def _last_day(day: date, months: int) -> date:
    """Return the last day of the period of so many months of the calendar year."""
    month = (day.month - 1) // months * months + months
    return date(day.year, month, monthrange(day.year, month)[1])
