"""When something that repeats is due: pure, from the first day on.

Every occurrence is counted from the first day, never from the one before it: so the 31st stays the 31st wherever a
month has one, and is the month's last day elsewhere (31 January, 28 or 29 February, 31 March).
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from enum import StrEnum
from itertools import count


class Interval(StrEnum):
    """What lies between two occurrences."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_DAYS = {Interval.DAY: 1, Interval.WEEK: 7}
_MONTHS = {Interval.MONTH: 1, Interval.QUARTER: 3, Interval.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Schedule:
    """The days of something that repeats; without an end it goes on."""

    first: date
    interval: Interval
    every: int = 1
    """Every so many intervals, at least 1."""
    until: date | None = None
    """The last day on which it may be due."""
    times: int | None = None
    """How often at most, at least 1."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One of the days."""

    index: int
    """From 0."""
    day: date


def day_of(schedule: Schedule, index: int) -> date | None:
    """Return the day of the occurrence `index` (from 0); None when there is none, or no calendar for it."""
    if schedule.times is not None and index >= schedule.times:
        return None
    day = _day(schedule, index * schedule.every)
    return None if day is None or (schedule.until is not None and day > schedule.until) else day


def occurrences(schedule: Schedule, from_index: int = 0) -> Iterator[Occurrence]:
    """Yield the occurrences in order, from `from_index`; endlessly where the schedule has no end."""
    for index in count(from_index):
        day = day_of(schedule, index)
        if day is None:
            return
        yield Occurrence(index, day)


def _day(schedule: Schedule, intervals: int) -> date | None:
    days = _DAYS.get(schedule.interval)
    if days is not None:
        try:
            return schedule.first + timedelta(days=days * intervals)
        except OverflowError:
            return None
    months = schedule.first.year * 12 + schedule.first.month - 1 + _MONTHS[schedule.interval] * intervals
    year, month = months // 12, months % 12 + 1
    if year > MAXYEAR:
        return None
    return date(year, month, min(schedule.first.day, monthrange(year, month)[1]))
