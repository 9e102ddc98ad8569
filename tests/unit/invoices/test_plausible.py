"""Sums that run the wrong way are refused while they are a draft, with what to do instead."""

from decimal import Decimal

import pytest

from services.invoices.domain.document.content import Content, DocumentType
from services.invoices.domain.document.plausible import require_plausible
from services.invoices.domain.invoice import require_content
from shared.contracts.errors import ErrorCode, PublicError
from tests.unit.invoices.contents import allowance, content, of_document, sold
from tests.unit.invoices.samples import TODAY

NOTE = DocumentType.CREDIT_NOTE


@pytest.mark.parametrize(
    ("wrong", "field", "instead"),
    [
        (content(sold("-1")), "lines", "credit note"),
        (content(sold("1"), sold("-3", "5")), "lines", "credit note"),
        (content(sold("1"), adjustments=(of_document(allowance("10.01")),)), "lines", "credit note"),
        (content(sold("-1"), document_type=NOTE), "lines", "invoice"),
        (content(sold(), prepaid=Decimal("11.91")), "prepaid", "refund"),
        (content(sold(), prepaid=Decimal(999_999_999)), "prepaid", "refund"),
    ],
    ids=["less than nothing", "more taken back", "allowance beyond", "credit note below nothing", "a cent", "far more"],
)
def test_a_sum_that_runs_the_wrong_way_is_refused(wrong: Content, field: str, instead: str) -> None:
    with pytest.raises(PublicError) as refused:
        require_content(wrong, TODAY)
    assert (refused.value.code, refused.value.details) == (ErrorCode.DOCUMENT_INVALID, {"field": field})
    assert instead in refused.value.message


@pytest.mark.parametrize(
    "fine",
    [
        content(sold(price="0")),
        content(sold("1"), sold("-1")),
        content(sold(), prepaid=Decimal("11.90")),
        content(sold("1", "9.97"), currency="CHF", payable_rounded_to=Decimal("0.05"), prepaid=Decimal("11.86")),
        content(sold("2"), sold("-1", "5"), document_type=NOTE),
    ],
    ids=["for nothing", "exchanged", "all paid before", "all paid but rounding", "credit note with a deduction"],
)
def test_what_comes_to_nothing_or_more_is_fine(fine: Content) -> None:
    require_plausible(fine)
