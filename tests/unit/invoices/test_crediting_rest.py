"""Parts of an invoice are rounded; what is left of it can be credited in one more note, to the last cent."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.invoices.domain.crediting import CreditedLine, rest_of
from services.invoices.domain.document.content import Content, DocumentType, Prices
from services.invoices.domain.document.lines import Line
from services.invoices.domain.document.vat import Exemption, VatCategory
from services.invoices.domain.invoice import State
from shared.contracts.errors import ErrorCode, PublicError
from tests.unit.invoices.contents import charge as charged
from tests.unit.invoices.contents import content, of_document, sold
from tests.unit.invoices.samples import TODAY
from tests.unit.invoices.shop import Shop

THIRD = CreditedLine(0, Decimal("0.3333"))


def invoiced(shop: Shop, *lines: Line, **changes: object) -> str:
    said: Content = replace(content(*lines), customer_id=shop.customer)
    invoice_id = shop.draft(replace(said, **changes)).invoice_id  # type: ignore[arg-type]  # tests name the fields
    shop.issue(invoice_id)
    return invoice_id


def credit(shop: Shop, invoice_id: str, *lines: CreditedLine) -> Content:
    note = shop.credit(invoice_id, *lines).invoice_id
    shop.issue(note)
    return shop.found(note).content


def test_thirds_leave_a_cent_and_the_cent_can_be_credited() -> None:
    shop = Shop()
    invoice_id = invoiced(shop, sold("1", "10.00"))
    for _ in range(3):
        credit(shop, invoice_id, THIRD)
    assert shop.found(invoice_id).state is State.PARTLY_CREDITED
    [line] = credit(shop, invoice_id).lines
    assert (line.name, line.quantity, line.unit_price) == ("INV-000001", Decimal(1), Decimal("0.01"))
    assert shop.found(invoice_id).state is State.CANCELLED
    with pytest.raises(PublicError) as refused:
        shop.credit(invoice_id)
    assert refused.value.code is ErrorCode.CREDIT_EXCEEDS_INVOICE


def test_an_invoice_is_cancelled_when_its_money_is_back_though_a_cent_of_its_net_is_left() -> None:
    shop = Shop()
    invoice_id = invoiced(shop, sold("1", "1.00", "20"))
    for _ in range(3):  # 0.33 and 0.07, three times, are 0.99 and 0.21 of 1.00 and 0.20
        credit(shop, invoice_id, THIRD)
    found = shop.found(invoice_id)
    assert (found.state, found.no_longer_owed) == (State.CANCELLED, Decimal("1.20"))
    with pytest.raises(PublicError) as refused:
        shop.credit(invoice_id, CreditedLine(0, Decimal("0.0001")))
    assert refused.value.code is ErrorCode.CREDIT_EXCEEDS_INVOICE


def test_what_is_left_is_written_by_category_and_rate_with_its_exemption() -> None:
    shop = Shop()
    exempt = Exemption(VatCategory.EXEMPT, "Training")
    lines = (sold("2", "11.90"), sold("1", "10.70", "7"), sold("3", "5", "0", "E"), sold("-1", "1", "0", "E"))
    invoice_id = invoiced(shop, *lines, prices=Prices.GROSS, exemptions=(exempt,))
    credit(shop, invoice_id, CreditedLine(1))
    rest = credit(shop, invoice_id)
    assert (rest.document_type, rest.prices, rest.exemptions) == (DocumentType.CREDIT_NOTE, Prices.NET, (exempt,))
    assert [(line.vat_category.value, line.unit_price) for line in rest.lines] == [
        ("E", Decimal("14.00")),
        ("S", Decimal("20.00")),
    ]
    assert shop.found(invoice_id).state is State.CANCELLED


@given(
    st.lists(st.integers(1, 9_999), min_size=1, max_size=3), st.integers(1, 9_999), st.sampled_from(["7", "19", "20"])
)
def test_what_is_left_is_credited_to_the_last_cent_or_is_a_cent_of_vat_away(
    shares: list[int], cents: int, rate: str
) -> None:
    shop = Shop()
    price = Decimal(cents).scaleb(-2)
    invoice_id = invoiced(shop, sold("1", str(price), rate), adjustments=(of_document(charged("0.10"), rate),))
    for share in shares:
        try:
            credit(shop, invoice_id, CreditedLine(0, Decimal(share).scaleb(-4)))
        except PublicError as refused:
            assert refused.code in {ErrorCode.CREDIT_EXCEEDS_INVOICE, ErrorCode.LINE_INVALID}  # noqa: PT017 -- or not
    try:
        credit(shop, invoice_id)
    except PublicError as refused:
        assert refused.code is ErrorCode.CREDIT_EXCEEDS_INVOICE  # noqa: PT017 -- the VAT of the parts is a cent more
    else:
        assert shop.found(invoice_id).state is State.CANCELLED


def test_there_is_no_rest_of_a_draft() -> None:
    with pytest.raises(PublicError) as refused:
        rest_of(None, today=TODAY)
    assert refused.value.code is ErrorCode.INVOICE_UNKNOWN
