"""Which series a business has, what each counts, and that no two can ever give the same number."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from services.invoices.domain import number_pattern, refusals_of_numbers
from services.invoices.domain.document.content import Content, DocumentType
from services.invoices.domain.events import Event, SeriesConfigured
from services.invoices.domain.series import BUILT_IN, QUOTES, Counter, DocumentNumber, Series

_MOST_SERIES, _MOST_PATTERNS = 50, 200
"""What is compared when a series is configured stays small."""


@dataclass(frozen=True, slots=True)
class Used:
    """A pattern that numbers may have been written in."""

    series: str
    resets: bool
    pattern: str


@dataclass(frozen=True, slots=True)
class Numbering:
    """The fold of all series of a business."""

    series: Mapping[str, Series] = field(default_factory=dict)
    """As they are now, by name."""
    serving: Mapping[DocumentType, str] = field(default_factory=dict)
    """Where documents of a type come from when their draft names no series."""
    used: tuple[Used, ...] = ()
    """Every pattern that there ever was, in use or not: what was given is not forgotten."""
    firsts: Mapping[Counter, int] = field(default_factory=dict)
    """First numbers other than 1."""

    def series_for(self, content: Content) -> Series:
        """Return the series that a document is numbered in; PublicError series_unknown."""
        return self.registered(content.series or self.serving[content.document_type])

    def registered(self, name: str) -> Series:
        """Return a series that numbers documents; PublicError series_unknown, for that of quotes too."""
        series = self.series.get(name)
        if series is None or series.name == QUOTES.name:
            raise refusals_of_numbers.series_unknown()
        return series

    def counter_for(self, content: Content) -> Counter:
        """Return what counts a document; PublicError series_unknown, issue_date_invalid."""
        return _counter(self.series_for(content), content.issue_date)

    def quote_counter(self, day: date) -> Counter:
        """Return what counts a quote of a day; PublicError issue_date_invalid."""
        return _counter(self.series[QUOTES.name], day)

    def number_of(self, content: Content, taken: int) -> DocumentNumber:
        """Return the number that follows `taken` ones; raises as `counter_for`."""
        return self._number(self.series_for(content), content.issue_date, taken)

    def quote_number(self, day: date, taken: int) -> DocumentNumber:
        """Return a quote's number, which follows `taken` ones; raises as `quote_counter`."""
        return self._number(self.series[QUOTES.name], day, taken)

    def _number(self, series: Series, day: date, taken: int) -> DocumentNumber:
        counter = _counter(series, day)
        sequence = self.first_of(counter) + taken
        written = number_pattern.write(series.pattern, series.name, series.year_of(day), sequence)
        return DocumentNumber(series.name, sequence, written, counter.year)

    def first_of(self, counter: Counter) -> int:
        """Return a counter's first number."""
        return self.firsts.get(counter, 1)

    def counters(self, years: Iterable[int]) -> list[Counter]:
        """Return everything that may count a document of these fiscal years, now or by an earlier configuration."""
        kinds = {(used.series, used.resets) for used in self.used}
        return [Counter(name, year) for name, resets in sorted(kinds) for year in (sorted(years) if resets else [None])]

    def read(self, number: str) -> list[tuple[Counter, int]]:
        """Return which places of which counters would have a number that reads so, taken or not."""
        found = []
        for used in self.used:
            said = number_pattern.read(used.pattern, used.series, number)
            if said is not None:
                year, sequence = said
                counter = Counter(used.series, year if used.resets else None)
                found.append((counter, sequence - self.first_of(counter) + 1))
        return found

    def is_same(self, one: str, other: str) -> bool:
        """Tell whether two texts are the same number of ours, however they were copied."""
        for used in self.used:
            said = number_pattern.read(used.pattern, used.series, one)
            if said is not None and said == number_pattern.read(used.pattern, used.series, other):
                return True
        return False

    def able_to_give(self, number: str) -> Series | None:
        """Return the series, as it is now, that has given a number that reads so or may give it one day."""
        for series in self.series.values():
            said = number_pattern.read(series.pattern, series.name, number)
            if said is not None and said[1] >= self.first_of(Counter(series.name, said[0] if series.resets else None)):
                return series
        return None

    def with_series(self, series: Series) -> "Numbering":
        """Return the numbering after a series was configured."""
        used = Used(series.name, series.resets, series.pattern)
        counter = begun_by(series)
        first = {} if counter is None or series.first is None else {counter: series.first}
        return replace(
            self,
            series={**self.series, series.name: series},
            serving={**self.serving, **dict.fromkeys(series.serves, series.name)},
            used=self.used if used in self.used else (*self.used, used),
            firsts={**self.firsts, **first},
        )


def _counter(series: Series, day: date) -> Counter:
    """Return what counts in a series on a day; PublicError issue_date_invalid."""
    year = series.year_of(day)
    if not number_pattern.writes(series.pattern, year):
        raise refusals_of_numbers.year_not_numbered()
    return Counter(series.name, year if series.resets else None)


def begun_by(series: Series) -> Counter | None:
    """Return the counter whose first number a configuration says; None when it says none."""
    return None if series.first is None else Counter(series.name, series.first_year if series.resets else None)


def built_in() -> Numbering:
    """Return what a business has that configured nothing."""
    numbering = Numbering()
    for series in BUILT_IN:
        numbering = numbering.with_series(series)
    return numbering


def fold_numbering(events: Iterable[Event]) -> Numbering:
    """Return the numbering that these events describe; ValueError for events of something else."""
    numbering = built_in()
    for event in events:
        if not isinstance(event, SeriesConfigured):
            raise ValueError(f"{type(event).__name__} does not belong to the numbering")  # noqa: TRY004 -- a history
        numbering = numbering.with_series(event.series)
    return numbering


def decide_series(numbering: Numbering, series: Series, taken: int) -> SeriesConfigured:
    """Decide on a series; `taken`: how many numbers the counter that it begins (`begun_by`) has given.

    Raises PublicError series_invalid, series_collides, series_in_use.
    """
    try:
        number_pattern.check(series.pattern, series.name, resets=series.resets)
    except ValueError as problem:
        raise refusals_of_numbers.series_invalid("pattern", str(problem)) from None
    if series.name == QUOTES.name and series.serves:
        raise refusals_of_numbers.series_invalid("serves", "This series numbers quotes, and nothing else.")
    _check_first(series)
    _check_amount(numbering, series)
    _check_collisions(numbering, series)
    counter = begun_by(series)
    if counter is not None and taken and series.first != numbering.first_of(counter):
        raise refusals_of_numbers.series_in_use()
    return SeriesConfigured(series)


def _check_first(series: Series) -> None:
    if series.resets and (series.first is None) != (series.first_year is None):
        raise refusals_of_numbers.series_invalid(
            "first_year", "The first number is that of one fiscal year: name both."
        )
    if not series.resets and series.first_year is not None:
        raise refusals_of_numbers.series_invalid(
            "first_year", "A series that counts on has one first number, of no year."
        )


def _check_amount(numbering: Numbering, series: Series) -> None:
    known = series.name in numbering.series
    if len(numbering.used) >= _MOST_PATTERNS or (not known and len(numbering.series) >= _MOST_SERIES):
        raise refusals_of_numbers.series_invalid("name", f"A business has {_MOST_SERIES} series at most.")


def _check_collisions(numbering: Numbering, series: Series) -> None:
    """Refuse a pattern that could write what another series, or this one by another pattern, wrote or may write."""
    shown = number_pattern.symbols(series.pattern, series.name)
    for used in numbering.used:
        same_counters = (used.series, used.resets) == (series.name, series.resets)
        if same_counters and number_pattern.same_but_for_padding(used.pattern, series.pattern):
            continue
        if number_pattern.collide(number_pattern.symbols(used.pattern, used.series), shown):
            raise refusals_of_numbers.series_collides(used.series, used.pattern)


def fiscal_years(earliest: date, latest: date) -> range:
    """Return every fiscal year that an issue date of these days may be in, whenever the year starts.

    And one more, for whoever issues a moment later, when the year has turned.
    """
    return range(earliest.year - 1, latest.year + 2)
