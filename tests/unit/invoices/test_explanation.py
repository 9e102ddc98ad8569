"""Every amount of a document is explained, by figures that come out."""

from datetime import date
from decimal import Decimal

from hypothesis import given

from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.document.content import Content, ExchangeRate, Prices
from services.invoices.domain.document.explanation import explain
from tests.unit.invoices.contents import allowance, charge, content, contents, of_document, sold


def test_a_document_with_everything_is_explained_as_one_would_on_paper() -> None:
    line = sold("3", "9.755", adjustments=(allowance(percentage="10"), charge("1.50")))
    steps = explain(
        content(
            line,
            sold("250", "12", base_quantity=Decimal(1000)),
            adjustments=(of_document(allowance("2.00")), of_document(charge("5.00"), "7")),
            prepaid=Decimal(10),
            payable_rounded_to=Decimal("0.05"),
            exchange_rate=ExchangeRate("SEK", Decimal("11.2"), "ECB", date(2026, 6, 1)),
        )
    )
    assert [(step.line, step.term, step.figures) for step in steps] == [
        (0, "BT-136", "10 % of quantity x price = 2.93"),
        (0, "BT-141", "1.50"),
        (0, "BT-131", "3 x 9.755 - 2.93 + 1.50 = 27.84"),
        (1, "BT-131", "250 x 12 / 1000 = 3.00"),
        (None, "BT-106", "27.84 + 3.00 = 30.84"),
        (None, "BT-92", "2.00"),
        (None, "BT-99", "5.00"),
        (None, "BT-107", "2.00"),
        (None, "BT-108", "5.00"),
        (None, "BT-109", "30.84 - 2.00 + 5.00 = 33.84"),
        (None, "BT-116", "5.00"),
        (None, "BT-117", "5.00 x 7 % = 0.35"),
        (None, "BT-116", "28.84"),
        (None, "BT-117", "28.84 x 19 % = 5.48"),
        (None, "BT-110", "0.35 + 5.48 = 5.83"),
        (None, "BT-111", "5.83 x 11.2 = 65.30"),
        (None, "BT-112", "33.84 + 5.83 = 39.67"),
        (None, "BT-113", "10.00"),
        (None, "BT-114", "29.65 - (39.67 - 10.00) = -0.02"),
        (None, "BT-115", "39.67 - 10.00 - 0.02 = 29.65"),
    ]


def test_a_gross_price_is_explained_with_its_vat_taken_out() -> None:
    first = explain(content(sold("3", "0.99"), prices=Prices.GROSS))[0]
    assert (first.term, first.line, first.figures) == ("BT-146", 0, "0.99 / (1 + 19 %) = 0.83193")
    assert "without its VAT" in first.words


@given(contents())
def test_every_amount_of_the_totals_is_explained(drawn: Content) -> None:
    totals, steps = calculate(drawn), explain(drawn)
    amounts = {step.term: step.amount for step in steps}
    assert [step.amount for step in steps if step.term == "BT-131"] == [line.net for line in totals.lines]
    assert [step.amount for step in steps if step.term == "BT-117"] == [part.tax_amount for part in totals.breakdown]
    for term, amount in (
        ("BT-106", totals.lines_net),
        ("BT-109", totals.net),
        ("BT-110", totals.vat),
        ("BT-112", totals.gross),
        ("BT-113", totals.prepaid),
        ("BT-114", totals.rounding),
        ("BT-115", totals.payable),
    ):
        assert amounts[term] == amount
