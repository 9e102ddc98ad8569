"""Amounts as one adds them up by hand."""

from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest

from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.document.checking import MAX_LINES, MAX_UNITS
from services.invoices.domain.document.content import ExchangeRate, Prices
from services.invoices.domain.document.totals import Totals
from services.invoices.domain.document.vat import VatCategory
from tests.unit.invoices.contents import allowance, charge, content, of_document, sold

CENT = Decimal("0.01")


def figures(totals: Totals) -> list[str]:
    return [str(each) for each in (totals.net, totals.vat, totals.gross, totals.rounding, totals.payable)]


@pytest.mark.parametrize(
    ("quantity", "price", "base", "net"),
    [
        ("10000", "4.50", "1", "45000.00"),
        ("3", "0.335", "1", "1.01"),  # 1.005, half up; a float would have 1.00
        ("1", "0.0049", "1", "0.00"),
        ("1", "0.0050", "1", "0.01"),
        ("-3", "0.335", "1", "-1.01"),  # half up is away from zero
        ("0.25", "9.98", "1", "2.50"),
        ("250", "9.98", "1000", "2.50"),
        ("3", "10", "3", "10.00"),  # a third of a price, three times
        ("1", "1", "3", "0.33"),
        ("1", "0.015", "3", "0.01"),  # 0.005 exactly
    ],
)
def test_a_line_is_rounded_half_up(quantity: str, price: str, base: str, net: str) -> None:
    totals = calculate(content(sold(quantity, price, base_quantity=Decimal(base))))
    assert str(totals.lines[0].net) == net


def test_an_invoice_of_two_rates_as_added_up_by_hand() -> None:
    totals = calculate(
        content(
            sold("10", "147.50", "20"),  # 1475.00
            sold("3", "33.333", "20"),  # 99.999 -> 100.00
            sold("7", "1.05", "5.5"),  # 7.35
        )
    )
    assert [(str(part.rate), str(part.taxable_amount), str(part.tax_amount)) for part in totals.breakdown] == [
        ("5.5", "7.35", "0.40"),  # 0.40425
        ("20", "1575.00", "315.00"),
    ]
    assert str(totals.lines_net) == "1582.35"
    assert figures(totals) == ["1582.35", "315.40", "1897.75", "0.00", "1897.75"]


def test_the_standards_second_sample_comes_out_as_printed() -> None:
    # TOSL108 of the validation artefacts: two rates, an exempt return, allowances and charges on both levels, prepaid.
    # Its two laptops cost 1273.00 together.
    both = Decimal(2)
    laptop = sold("2", "1273.00", "25", base_quantity=both, adjustments=(allowance("12.00"), charge("12.00")))
    totals = calculate(
        content(
            laptop,
            sold("-1", "3.96", "15"),
            sold("2", "2.48", "15"),
            sold("-1", "25.00", "0", "E"),
            sold("250", "0.75", "25"),
            currency="NOK",
            adjustments=(of_document(allowance("100.00"), "25"), of_document(charge("100.00"), "25")),
            prepaid=Decimal(1000),
        )
    )
    assert [(str(part.category), str(part.taxable_amount), str(part.tax_amount)) for part in totals.breakdown] == [
        ("E", "-25.00", "0.00"),
        ("S", "1.00", "0.15"),
        ("S", "1460.50", "365.13"),
    ]
    assert (str(totals.lines_net), str(totals.allowances), str(totals.charges)) == ("1436.50", "100.00", "100.00")
    assert figures(totals) == ["1436.50", "365.28", "1801.78", "0.00", "801.78"]


def test_the_standards_fifth_sample_comes_out_as_printed() -> None:
    # TOSL110: percentages on lines, Danish crowns with the tax total in euros, half of it prepaid.
    both = (allowance(percentage="10"), charge(percentage="10"))
    totals = calculate(
        content(
            sold("1000", "1.00", "25", adjustments=both),
            sold("100", "5.00", "25"),
            sold("500", "5.00", "12"),
            currency="DKK",
            adjustments=(of_document(allowance("150.00"), "25"), of_document(charge("150.00"), "25")),
            prepaid=Decimal("2337.50"),
            exchange_rate=ExchangeRate("EUR", Decimal("0.9312888889"), "as printed", content().issue_date),
        )
    )
    assert [str(amount) for amount in totals.lines[0].adjustments] == ["100.00", "100.00"]
    assert [(str(part.taxable_amount), str(part.tax_amount)) for part in totals.breakdown] == [
        ("2500.00", "300.00"),
        ("1500.00", "375.00"),
    ]
    assert figures(totals) == ["4000.00", "675.00", "4675.00", "0.00", "2337.50"]
    assert str(totals.accounting_vat) == "628.62"


def test_a_gross_price_is_shown_without_its_vat_and_comes_out_as_agreed() -> None:
    totals = calculate(content(sold("3", "0.99"), sold("1", "119"), prices=Prices.GROSS))
    assert [str(line.net_price) for line in totals.lines] == ["0.83193", "100"]
    assert [(str(line.net), str(line.agreed)) for line in totals.lines] == [("2.50", "2.97"), ("100.00", "119.00")]
    assert figures(totals) == ["102.50", "19.48", "121.98", "-0.01", "121.97"]


def test_ten_times_the_same_gross_line_costs_ten_times_as_much() -> None:
    totals = calculate(content(*[sold("1", "0.99")] * 10, prices=Prices.GROSS))
    assert figures(totals) == ["8.30", "1.58", "9.88", "0.02", "9.90"]


def test_swiss_amounts_are_due_in_five_rappen_and_yen_as_a_whole() -> None:
    francs = calculate(content(sold("1", "9.99", "8.1"), currency="CHF", payable_rounded_to=Decimal("0.05")))
    assert figures(francs) == ["9.99", "0.81", "10.80", "0.00", "10.80"]
    francs = calculate(content(sold("1", "9.97", "8.1"), currency="CHF", payable_rounded_to=Decimal("0.05")))
    assert figures(francs) == ["9.97", "0.81", "10.78", "0.02", "10.80"]
    assert figures(calculate(content(sold("1", "105", "10"), currency="JPY"))) == [
        "105.00", "10.50", "115.50", "0.50", "116.00",
    ]  # fmt: skip


def test_every_category_stands_apart_and_says_why_it_is_exempt() -> None:
    free = [each for each in VatCategory if each is not VatCategory.STANDARD]
    totals = calculate(content(*[sold(rate="0", category=each) for each in free]))
    reasons = {part.category: part.exemption_reason for part in totals.breakdown}
    assert {each for each, reason in reasons.items() if reason} == {each for each in free if each.needs_reason}
    assert str(totals.payable) == "80.00"


def test_vat_is_rounded_once_per_category_and_not_per_line() -> None:
    totals = calculate(content(*[sold("1", "0.03", "20")] * 10))
    assert str(totals.vat) == "0.06"  # each line alone would give 0.01


def test_rates_that_are_written_differently_are_one_rate_with_one_spelling() -> None:
    totals = calculate(content(sold(rate="19.0"), sold(rate="19")))
    assert [str(part.rate) for part in totals.breakdown] == ["19"]


@pytest.mark.parametrize("rate", ["0.01", "33.33", "99.99", "100"])
def test_the_longest_document_of_the_largest_amounts_is_exact(rate: str) -> None:
    largest = str(MAX_UNITS - Decimal("0.0001"))
    totals = calculate(content(*[sold(largest, largest, rate)] * MAX_LINES))
    with localcontext(prec=100):
        # (10^9 - 10^-4)^2 = 10^18 - 2 * 10^5 + 10^-8
        assert str(totals.net) == "999999999999800000000.00"
        assert totals.vat == (totals.net * Decimal(rate) / 100).quantize(CENT, ROUND_HALF_UP)
        assert totals.payable == totals.net + totals.vat
