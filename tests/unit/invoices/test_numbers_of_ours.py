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


def refused(shop: Shop, said: Content) -> bool:
    try:
        shop.draft(said)
    except PublicError as refusal:
        assert refusal.code is ErrorCode.DOCUMENT_INVALID  # noqa: PT017 -- or nothing is refused
        assert refusal.details == {"field": "preceding.0.invoice_id"}  # noqa: PT017 -- as above
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


@pytest.mark.parametrize(
    "number", ["INV-000002", "INV-000000", "CN-000001", "2019/7", "XINV-000001", "INV-0000010", ""]
)
def test_a_number_that_we_never_gave_is_somebody_elses(number: str) -> None:
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
    early = shop.draft(note(shop, "INV-000001")).invoice_id
    issued(shop)
    with pytest.raises(PublicError) as refusal:
        shop.issue(early)
    assert refusal.value.code is ErrorCode.DOCUMENT_INVALID
    with pytest.raises(PublicError):
        shop.change(early, 1, note(shop, "INV-000001"))
    shop.change(early, 1, note(shop, "2019/7"))
    shop.issue(early)


def test_numbers_of_earlier_systems_before_the_first_are_not_ours() -> None:
    shop = Shop()
    yearly = Series(
        "RE", "{series}-{year}-{number:05}", (DocumentType.INVOICE,), resets=True, first=413, first_year=2026
    )
    numbering.configure_series(
        shop.ports,
        ConfigureSeries(yearly),
        tenant=shop.tenant,
        command_id=command_id(),
        require_step_up=lambda: None,
    )
    issued(shop, issue_date=date(2026, 11, 2))
    issued(shop, issue_date=date(2025, 11, 2))
    wrong = ["RE-2026-00413", "RE-2025-00001", "re-2026-413"]
    fine = ["RE-2026-00412", "RE-2026-00001", "RE-2026-00414", "RE-2025-00002", "RE-2024-00001"]
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
