"""Numbers: how they are written, what counts them, and that no two of a business are ever the same."""

from collections import Counter as Count
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.invoices.domain import number_pattern
from services.invoices.domain.document.content import Content, DocumentType
from services.invoices.domain.events import InvoiceDrafted, SeriesConfigured
from services.invoices.domain.numbering import Numbering, begun_by, built_in, decide_series, fold_numbering
from services.invoices.domain.series import Counter, Series
from shared.contracts.errors import ErrorCode, PublicError
from tests.unit.invoices.contents import content
from tests.unit.invoices.samples import draft

DAYS = [date(2025, 6, 2), date(2026, 2, 1), date(2026, 6, 2)]
YEARLY = "{series}-{year}-{number:05}"
PATTERNS = st.tuples(
    st.sampled_from(["", "{series}", "{year}", "2", "{yy}"]),
    st.sampled_from(["{number}", "{number:02}"]),
    st.sampled_from(["", "{year}", "0"]),
).map("".join)


@st.composite
def series(draw: st.DrawFn) -> Series:
    """One that is mostly possible."""
    resets, first = draw(st.booleans()), draw(st.none() | st.integers(1, 12))
    return Series(
        draw(st.sampled_from(["A", "2"])),
        draw(PATTERNS),
        resets=resets,
        year_starts_in=draw(st.sampled_from([1, 4])),
        first=first,
        first_year=2026 if resets and first is not None else None,
    )


ISSUES = st.tuples(st.sampled_from(["A", "2"]), st.sampled_from(DAYS), st.integers(1, 12))
"""So many documents of one day."""


def configured(numbering: Numbering, name: str, pattern: str, taken: int = 0, **changes: Any) -> Numbering:  # noqa: ANN401 -- as the series'
    return numbering.with_series(decide_series(numbering, Series(name, pattern, **changes), taken).series)


def refused_with(code: ErrorCode) -> "pytest.RaisesExc[PublicError]":
    return pytest.RaisesExc(PublicError, check=lambda error: error.code is code)


def on(day: date, series: str | None = None, kind: DocumentType = DocumentType.INVOICE) -> Content:
    return content(issue_date=day, series=series, document_type=kind)


@settings(max_examples=400)
@given(st.lists(st.tuples(series(), st.lists(ISSUES, min_size=1, max_size=4)), min_size=2, max_size=5))
def test_whatever_is_configured_no_two_documents_get_the_same_number(
    deeds: list[tuple[Series, list[tuple[str, date, int]]]],
) -> None:
    numbering, taken, given_numbers = built_in(), Count[Counter](), Count[str]()
    for asked, issues in deeds:
        begun = begun_by(asked)
        with suppress(PublicError):
            decided = decide_series(numbering, asked, 0 if begun is None else taken[begun])
            numbering = numbering.with_series(decided.series)
        for name, day, documents in issues:
            if name in numbering.series:
                counter = numbering.counter_for(on(day, name))
                numbers = [str(numbering.number_of(on(day, name), taken[counter] + more)) for more in range(documents)]
                given_numbers.update(numbers)
                taken[counter] += documents
    assert [number for number, times in given_numbers.items() if times > 1] == []


@given(PATTERNS, PATTERNS, st.integers(1, 2100), st.integers(1, 2100), st.integers(2000, 2099), st.integers(2000, 2099))
def test_patterns_that_write_the_same_text_are_found_to_collide(  # noqa: PLR0917 -- two of each
    one: str, other: str, first: int, second: int, year: int, another: int
) -> None:
    written = number_pattern.write(one, "A", year, first), number_pattern.write(other, "A", another, second)
    shown = number_pattern.symbols(one, "A"), number_pattern.symbols(other, "A")
    assert number_pattern.collide(*shown) or written[0] != written[1]


@pytest.mark.parametrize(
    ("one", "other", "collide"),
    [
        ("A-{number}", "A-{number:06}", True),
        ("A-{number:05}", "B-{number:05}", False),
        ("A{number}", "A2{number}", True),
        ("A-{year}-{number}", "A-{number}", False),
        ("A{year}{number:05}", "A{number:05}", True),
        ("{number}-{yy}", "{number}-26", True),
        ("a-{number}", "A-{number}", True),
        ("{number}A", "{number}B", False),
    ],
)
def test_what_collides(one: str, other: str, collide: bool) -> None:  # noqa: FBT001 -- a parameter of the test
    shown = number_pattern.symbols(one, "S"), number_pattern.symbols(other, "S")
    assert number_pattern.collide(*shown) == number_pattern.collide(*reversed(shown)) == collide


def test_where_nothing_is_configured_invoices_and_credit_notes_count_from_one() -> None:
    days = [on(date(2026, 6, 2), kind=kind) for kind in DocumentType]
    assert [str(built_in().number_of(day, 0)) for day in days] == ["INV-000001", "INV-000001", "CN-000001"]
    assert [str(built_in().number_of(days[0], taken)) for taken in (999_998, 999_999)] == ["INV-999999", "INV-1000000"]


def test_a_business_goes_on_at_4711_and_from_one_in_the_next_year() -> None:
    numbering = configured(
        built_in(), "RE", YEARLY, serves=(DocumentType.INVOICE,), resets=True, first=4711, first_year=2026
    )
    assert str(numbering.number_of(on(date(2026, 6, 2)), 0)) == "RE-2026-04711"
    assert str(numbering.number_of(on(date(2026, 12, 31)), 1)) == "RE-2026-04712"
    assert str(numbering.number_of(on(date(2027, 1, 1)), 0)) == "RE-2027-00001"
    assert str(numbering.number_of(on(date(2026, 6, 2), kind=DocumentType.CREDIT_NOTE), 0)) == "CN-000001"


def test_the_fiscal_year_is_that_of_the_issue_date() -> None:
    numbering = configured(built_in(), "RE", "{series}{yy}-{number}", resets=True, year_starts_in=4)
    assert numbering.counter_for(on(date(2026, 3, 31), "RE")) == Counter("RE", 2025)
    assert str(numbering.number_of(on(date(2026, 4, 1), "RE"), 6)) == "RE26-7"


def test_years_that_two_digits_cannot_say_are_refused() -> None:
    numbering = configured(built_in(), "RE", "{series}{yy}-{number}", resets=True)
    with refused_with(ErrorCode.ISSUE_DATE_INVALID):
        numbering.counter_for(on(date(1999, 12, 31), "RE"))


def test_a_series_that_nobody_configured_is_refused() -> None:
    with refused_with(ErrorCode.SERIES_UNKNOWN):
        built_in().counter_for(on(date(2026, 6, 2), "RE"))


def test_a_change_of_pattern_goes_on_counting() -> None:
    numbering = configured(built_in(), "INV", "{series}-{number:08}")
    assert str(numbering.number_of(on(date(2026, 6, 2)), 41)) == "INV-00000042"
    back = configured(numbering, "INV", "{series}-{number:06}")
    assert str(back.number_of(on(date(2026, 6, 2)), 42)) == "INV-000043"


@pytest.mark.parametrize(
    ("name", "pattern"),
    [("RE", "INV-{number:06}"), ("RE", "inv-{number}"), ("RE", "CN-{number}"), ("RE", "OLD-{number}")],
)
def test_a_pattern_that_could_give_what_another_gives_or_gave_is_refused(name: str, pattern: str) -> None:
    numbering = configured(configured(built_in(), "OLD", "{series}-{number}"), "OLD", "{series}-{year}-{number}")
    with refused_with(ErrorCode.SERIES_COLLIDES):
        configured(numbering, name, pattern)


def test_beginning_each_year_again_needs_a_pattern_that_tells_the_numbers_apart() -> None:
    numbering = configured(built_in(), "RE", YEARLY)
    with refused_with(ErrorCode.SERIES_COLLIDES):
        configured(numbering, "RE", YEARLY, resets=True)
    assert configured(numbering, "RE", "{series}.{year}.{number}", resets=True).series["RE"].resets


@pytest.mark.parametrize(
    ("pattern", "changes"),
    [
        ("{series}", {}),
        ("{number}-{number}", {}),
        ("{series}/{number}", {}),
        ("{series}-{number:20}", {}),
        ("{series.name}-{number}", {}),
        ("{month}-{number}", {}),
        ("-{number}", {}),
        ("{series}-{number}", {"resets": True}),
        ("A" * 31 + "{number}", {}),
        (YEARLY, {"resets": True, "first": 5}),
        (YEARLY, {"resets": True, "first_year": 2026}),
        (YEARLY, {"first": 5, "first_year": 2026}),
    ],
)
def test_what_cannot_number_anything_is_refused(pattern: str, changes: dict[str, Any]) -> None:
    with refused_with(ErrorCode.SERIES_INVALID):
        configured(built_in(), "RE", pattern, **changes)


def test_the_first_number_stands_once_numbers_were_given() -> None:
    numbering = configured(built_in(), "RE", "{series}-{number}", first=4711)
    with refused_with(ErrorCode.SERIES_IN_USE):
        configured(numbering, "RE", "{series}-{number}", taken=1, first=5000)
    again = configured(numbering, "RE", "{series}-{number:06}", taken=1, first=4711)
    assert str(configured(again, "RE", "{series}-{number}").number_of(on(date(2026, 6, 2), "RE"), 1)) == "RE-4712"


def test_there_are_not_more_than_fifty_series() -> None:
    numbering = built_in()
    for index in range(47):
        numbering = configured(numbering, f"S{index}", "{series}-{number}")
    with refused_with(ErrorCode.SERIES_INVALID):
        configured(numbering, "S47", "{series}-{number}")


def test_the_numbering_is_folded_from_its_events() -> None:
    series = Series("RE", YEARLY, (DocumentType.INVOICE,), resets=True)
    assert fold_numbering([SeriesConfigured(series)]) == built_in().with_series(series)
    with pytest.raises(ValueError, match="does not belong"):
        fold_numbering([InvoiceDrafted("i", draft().content)])


@pytest.mark.parametrize("pattern", ["{series}-{number:6}", "{series}-{number:06d}", "{series}-{month}-{number}"])
def test_the_refusal_of_a_pattern_says_what_place_holders_look_like(pattern: str) -> None:
    with pytest.raises(PublicError) as refused:
        decide_series(built_in(), Series("RE", pattern), 0)
    assert refused.value.code is ErrorCode.SERIES_INVALID
    for place_holder in ("{series}", "{year}", "{yy}", "{number}", "{number:01} to {number:09}"):
        assert place_holder in refused.value.message
