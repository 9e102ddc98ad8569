from decimal import ROUND_HALF_UP, Decimal, localcontext
from itertools import groupby
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.invoices.domain.amounts import MAX_LINES, MAX_UNITS, Line, VatCategory, totals_of
from tests.unit.invoices.samples import line

CENT = Decimal("0.01")


def decimals(low: int, high: int, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(low, high, places=places, allow_nan=False, allow_infinity=False)


RATES = st.sampled_from([Decimal(rate) for rate in ("0.01", "5.5", "7", "19", "20", "99.99", "100")])
CATEGORIES = st.one_of(
    st.tuples(st.just(VatCategory.STANDARD), RATES),
    st.tuples(st.sampled_from([each for each in VatCategory if each != "S"]), st.just(Decimal(0))),
)
LINES = st.builds(
    lambda quantity, price, category: line(
        quantity=str(quantity), price=str(price), vat_category=category[0], vat_rate=category[1]
    ),
    decimals(-999_999_999, 999_999_999, 4).filter(bool),
    decimals(0, 999_999_999, 4),
    CATEGORIES,
)


@pytest.mark.parametrize(
    ("quantity", "price", "net"),
    [
        ("10000", "4.50", "45000.00"),
        ("3", "0.335", "1.01"),  # 1.005, half up; a float would have 1.00
        ("1", "0.0049", "0.00"),
        ("1", "0.0050", "0.01"),
        ("-3", "0.335", "-1.01"),  # half up is away from zero
        ("0.25", "9.98", "2.50"),
    ],
)
def test_a_line_is_rounded_half_up(quantity: str, price: str, net: str) -> None:
    assert str(line(quantity=quantity, price=price).net_amount) == net


def test_an_invoice_of_two_rates_as_added_up_by_hand() -> None:
    totals = totals_of(
        [
            line(quantity="10", price="147.50", vat_rate=Decimal(20)),  # 1475.00
            line(quantity="3", price="33.333", vat_rate=Decimal(20)),  # 99.999 -> 100.00
            line(quantity="7", price="1.05", vat_rate=Decimal("5.5")),  # 7.35
        ]
    )
    assert [(str(part.rate), str(part.taxable_amount), str(part.tax_amount)) for part in totals.breakdown] == [
        ("5.5", "7.35", "0.40"),  # 0.40425
        ("20", "1575.00", "315.00"),
    ]
    assert (str(totals.lines_net), str(totals.net)) == ("1582.35", "1582.35")
    assert (str(totals.vat), str(totals.gross), str(totals.payable)) == ("315.40", "1897.75", "1897.75")


def test_every_category_stands_apart_and_says_why_it_is_exempt() -> None:
    free = [each for each in VatCategory if each is not VatCategory.STANDARD]
    totals = totals_of([line(price="10", quantity="1", vat_category=each, vat_rate=Decimal(0)) for each in free])
    assert {(part.category, str(part.taxable_amount), str(part.tax_amount)) for part in totals.breakdown} == {
        (each, "10.00", "0.00") for each in free
    }
    reasons = {part.category: part.exemption_reason for part in totals.breakdown}
    assert reasons.pop(VatCategory.ZERO) is None
    assert all(reasons.values())
    assert str(totals.payable) == "60.00"


def test_vat_is_rounded_once_per_category_and_not_per_line() -> None:
    lines = [line(quantity="1", price="0.03", vat_rate=Decimal(20)) for _ in range(10)]
    assert str(totals_of(lines).vat) == "0.06"  # each line alone would give 0.01


def test_goods_taken_back_count_negative() -> None:
    totals = totals_of([line(quantity="5", price="10"), line(quantity="-6", price="10")])
    assert (str(totals.net), str(totals.vat), str(totals.payable)) == ("-10.00", "-1.90", "-11.90")


def test_rates_that_are_written_differently_are_one_rate() -> None:
    totals = totals_of([line(vat_rate=Decimal("19.0")), line(vat_rate=Decimal(19))])
    assert len(totals.breakdown) == 1


@given(st.lists(LINES, min_size=1, max_size=30))
def test_the_sums_agree_with_each_other(lines: list[Line]) -> None:
    totals = totals_of(lines)
    assert totals.lines_net == sum(each.net_amount for each in lines)  # BR-CO-10
    assert totals.net == totals.lines_net == sum(part.taxable_amount for part in totals.breakdown)  # BR-CO-13
    assert totals.vat == sum(part.tax_amount for part in totals.breakdown)  # BR-CO-14
    assert totals.gross == totals.net + totals.vat  # BR-CO-15
    assert totals.payable == totals.gross  # BR-CO-16


@given(st.lists(LINES, min_size=1, max_size=30))
def test_each_category_and_rate_is_taxed_on_its_own_lines(lines: list[Line]) -> None:
    def group(each: Line) -> tuple[str, Decimal]:
        return each.vat_category, each.vat_rate

    expected = [
        (*key, net, (net * key[1] / 100).quantize(CENT, ROUND_HALF_UP))  # BR-S-8, BR-CO-17
        for key, members in groupby(sorted(lines, key=group), group)
        for net in [sum(each.net_amount for each in members)]
    ]
    breakdown = totals_of(lines).breakdown
    assert [(part.category, part.rate, part.taxable_amount, part.tax_amount) for part in breakdown] == expected


@given(st.lists(LINES, min_size=2, max_size=10), st.randoms())
def test_the_order_of_lines_changes_no_sum(lines: list[Line], chance: Random) -> None:
    shuffled = list(lines)
    chance.shuffle(shuffled)
    assert totals_of(shuffled) == totals_of(lines)


@given(LINES)
def test_every_amount_has_two_decimals(each: Line) -> None:
    totals = totals_of([each])
    amounts = [each.net_amount, totals.net, totals.vat, totals.payable, totals.breakdown[0].taxable_amount]
    assert {amount.as_tuple().exponent for amount in amounts} == {-2}


@pytest.mark.parametrize("rate", ["0.01", "33.33", "99.99", "100"])
def test_the_longest_invoice_of_the_largest_amounts_is_exact(rate: str) -> None:
    largest = MAX_UNITS - Decimal("0.0001")
    lines = [line(quantity=str(largest), price=str(largest), vat_rate=Decimal(rate)) for _ in range(MAX_LINES)]
    totals = totals_of(lines)
    with localcontext(prec=100):
        # (10^9 - 10^-4)^2 = 10^18 - 2 * 10^5 + 10^-8
        assert str(totals.net) == "999999999999800000000.00"
        assert totals.vat == (totals.net * Decimal(rate) / 100).quantize(CENT, ROUND_HALF_UP)
        assert totals.payable == totals.net + totals.vat
