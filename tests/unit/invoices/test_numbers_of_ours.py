"""An earlier document of ours is named by its id: by its number alone nothing would bound what is credited of it."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.invoices.commands.numbering import ConfigureSeries
from services.invoices.domain import number_pattern
from services.invoices.domain.document.content import Content, DocumentType, Preceding
from services.invoices.domain.numbering import built_in
from services.invoices.domain.series import Counter, Series
from services.invoices.handlers import numbering
from shared.contracts.errors import ErrorCode, PublicError
from tests.unit.invoices.contents import content, sold
from tests.unit.invoices.shop import Shop, command_id


def note(shop: Shop, number: str, **changes: object) -> Content:
    said = content(sold("4", "10"), customer_id=shop.customer, document_type=DocumentType.CREDIT_NOTE)
    return replace(said, preceding=(Preceding(None, number),), **changes)  # type: ignore[arg-type]  # tests name the fields


def issued(shop: Shop, **changes: object) -> str:
    invoice_id = shop.draft(replace(content(sold("4", "10"), customer_id=shop.customer), **changes)).invoice_id  # type: ignore[arg-type]  # as above
    shop.issue(invoice_id)
    return invoice_id


def configure(shop: Shop, series: Series) -> None:
    numbering.configure_series(
        shop.ports,
        ConfigureSeries(series),
        tenant=shop.tenant,
        command_id=command_id(),
        require_step_up=lambda: None,
    )


def refused(shop: Shop, said: Content) -> bool:
    try:
        shop.draft(said)
    except PublicError as refusal:
        assert refusal.code is ErrorCode.DOCUMENT_INVALID  # noqa: PT017 -- or nothing is refused
        (field,) = refusal.details.values()
        assert field == "preceding.0.number"
        return True
    return False


@pytest.mark.parametrize(
    "number",
    ["INV-000001", "inv-000001", "INV-1", " INV-000001 ", "INV - 000001", "INV–000001", "ＩＮＶ-000001"],  # noqa: RUF001 -- as people copy them
)
def test_our_own_number_without_its_id_is_refused_however_it_is_copied(number: str) -> None:
    shop = Shop()
    issued(shop)
    assert refused(shop, note(shop, number))


@pytest.mark.parametrize("number", ["INV-000002", "inv-31", "CN-000001", "INV-0000010", "QUO-000001", f"INV-{10**25}"])
def test_a_number_that_we_may_yet_give_is_refused_with_what_to_do(number: str) -> None:
    shop = Shop()
    issued(shop)
    with pytest.raises(PublicError) as refusal:
        shop.draft(note(shop, number))
    assert refusal.value.details == {"field": "preceding.0.number"}
    series = number.split("-", maxsplit=1)[0].upper()
    assert f"another pattern for {series}, or a first number above it" in refusal.value.message


def test_a_series_that_writes_otherwise_now_leaves_what_it_never_gave_to_others() -> None:
    shop = Shop()
    issued(shop)
    configure(shop, Series("INV", "NEW-{number}", (DocumentType.INVOICE,)))
    configure(shop, Series("CN", "{series}-{number:06}", (DocumentType.CREDIT_NOTE,), first=100))
    numbers = ["INV-000001", "INV-000002", "NEW-1", "NEW-2", "CN-000099", "CN-000100"]
    taken = ["INV-000001", "NEW-1", "NEW-2", "CN-000100"]
    assert [number for number in numbers if refused(shop, note(shop, number))] == taken


@pytest.mark.parametrize("number", ["INV-000000", "2019/7", "XINV-000001", ""])
def test_a_number_that_we_never_give_is_somebody_elses(number: str) -> None:
    shop = Shop()
    issued(shop)
    assert not refused(shop, note(shop, number))


def test_an_invoice_is_not_credited_twice_by_naming_it_by_its_number() -> None:
    shop = Shop()
    invoice_id = issued(shop)
    shop.issue(shop.credit(invoice_id).invoice_id)
    assert refused(shop, note(shop, "INV-000001"))
    named = replace(note(shop, ""), preceding=(Preceding(invoice_id, "INV-000001"),))
    with pytest.raises(PublicError) as refusal:
        shop.issue(shop.draft(named).invoice_id)
    assert refusal.value.code is ErrorCode.CREDIT_EXCEEDS_INVOICE


def test_a_draft_that_names_a_number_before_it_is_taken_is_refused_when_it_is_issued() -> None:
    shop = Shop()
    early = shop.draft(note(shop, "RE-1")).invoice_id
    configure(shop, Series("RE", "{series}-{number}", (DocumentType.INVOICE,)))
    issued(shop)
    with pytest.raises(PublicError) as refusal:
        shop.issue(early)
    assert refusal.value.code is ErrorCode.DOCUMENT_INVALID
    with pytest.raises(PublicError):
        shop.change(early, 1, note(shop, "RE-1"))
    shop.change(early, 1, note(shop, "2019/7"))
    shop.issue(early)


def test_numbers_of_earlier_systems_before_the_first_are_not_ours() -> None:
    shop = Shop()
    yearly = Series(
        "RE", "{series}-{year}-{number:05}", (DocumentType.INVOICE,), resets=True, first=413, first_year=2026
    )
    configure(shop, yearly)
    issued(shop, issue_date=date(2026, 11, 2))
    issued(shop, issue_date=date(2025, 11, 2))
    wrong = ["RE-2026-00413", "RE-2025-00001", "re-2026-413", "RE-2026-00414", "RE-2025-00002", "RE-2024-00001"]
    fine = ["RE-2026-00412", "RE-2026-00001"]
    assert [number for number in (*wrong, *fine) if refused(shop, note(shop, number))] == wrong


@given(
    st.sampled_from(["{series}-{year}-{number:05}", "{yy}{number}", "{number}.{yy}", "A{number:03}-{year}"]),
    st.integers(2000, 2099),
    st.integers(1, 10**6),
)
def test_what_a_pattern_writes_it_reads(pattern: str, year: int, sequence: int) -> None:
    text = number_pattern.write(pattern, "RE", year, sequence)
    assert number_pattern.read(pattern, "RE", text) == (year, sequence)


def test_a_number_is_read_by_every_pattern_that_ever_was() -> None:
    both = built_in().with_series(Series("RE", "{series}{number}")).with_series(Series("RE", "{series}.{number}"))
    assert both.read("RE.7") == both.read("RE7") == [(Counter("RE"), 7)]
    assert both.read("7") == []
