"""The laws that the amounts of every document keep."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import ROUND_UP, Context, Decimal, localcontext
from fractions import Fraction
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from services.invoices.domain.document.calculation import calculate, payable_unit, sign_of
from services.invoices.domain.document.checking import check
from services.invoices.domain.document.content import (
    Content,
    DocumentType,
    EarlyPayment,
    PaymentTerms,
    Prices,
)
from services.invoices.domain.document.lines import Line
from services.invoices.domain.document.vat import VatCategory
from tests.unit.invoices.contents import content, contents, lines, sold, taxes

CENT = Decimal("0.01")
GROSS = st.just(Prices.GROSS)
NET = st.just(Prices.NET)


def exact(amounts: Iterable[Decimal]) -> Fraction:
    """A sum that no context touches."""
    return sum(map(Fraction, amounts), Fraction(0))


def half_up(amount: Fraction, unit: Decimal = CENT) -> Fraction:
    """To a multiple of the unit, away from zero: by integers, as one learns it at school."""
    units = abs(amount) / Fraction(unit)
    whole = (2 * units.numerator + units.denominator) // (2 * units.denominator)
    return (whole if amount >= 0 else -whole) * Fraction(unit)


@given(contents())
def test_every_content_that_is_drawn_here_may_be_issued(drawn: Content) -> None:
    check(drawn)


@given(contents())
def test_the_sums_agree_with_each_other(drawn: Content) -> None:
    totals = calculate(drawn)
    signed = list(zip(map(sign_of, drawn.adjustments), totals.adjustments, strict=True))
    assert Fraction(totals.lines_net) == exact(line.net for line in totals.lines)  # BR-CO-10
    assert Fraction(totals.allowances) == exact(amount for sign, amount in signed if sign < 0)  # BR-CO-11
    assert Fraction(totals.charges) == exact(amount for sign, amount in signed if sign > 0)  # BR-CO-12
    assert Fraction(totals.net) == exact([totals.lines_net, -totals.allowances, totals.charges])  # BR-CO-13
    assert Fraction(totals.vat) == exact(part.tax_amount for part in totals.breakdown)  # BR-CO-14
    assert Fraction(totals.gross) == exact([totals.net, totals.vat])  # BR-CO-15
    assert Fraction(totals.payable) == exact([totals.gross, -totals.prepaid, totals.rounding])  # BR-CO-16


@given(contents())
def test_each_category_and_rate_is_taxed_once_on_all_that_has_it(drawn: Content) -> None:
    totals = calculate(drawn)
    expected: dict[tuple[VatCategory, Decimal], Fraction] = {}
    for line, amounts in zip(drawn.lines, totals.lines, strict=True):
        group = (line.vat_category, line.vat_rate)
        expected[group] = expected.get(group, Fraction(0)) + Fraction(amounts.net)
    for each, amount in zip(drawn.adjustments, totals.adjustments, strict=True):
        group = (each.vat_category, each.vat_rate)
        expected[group] = expected.get(group, Fraction(0)) + sign_of(each) * Fraction(amount)
    found = {(part.category, part.rate): Fraction(part.taxable_amount) for part in totals.breakdown}
    assert found == expected  # BR-S-8 and its like
    assert list(found) == sorted(expected)
    for part in totals.breakdown:
        assert Fraction(part.tax_amount) == half_up(Fraction(part.taxable_amount) * Fraction(part.rate) / 100)
    assert exact(part.taxable_amount for part in totals.breakdown) == Fraction(totals.net)


@given(contents(prices=NET))
def test_a_line_is_quantity_times_price_per_base_quantity_in_cents(drawn: Content) -> None:
    for line, amounts in zip(drawn.lines, calculate(drawn).lines, strict=True):
        base = half_up(Fraction(line.quantity) * Fraction(line.unit_price) / Fraction(line.base_quantity))
        signed = (
            sign_of(each) * half_up(base * Fraction(each.percentage) / 100 if each.percentage is not None
                                    else Fraction(each.amount or 0))
            for each in line.adjustments
        )  # fmt: skip
        assert Fraction(amounts.net) == base + sum(signed, Fraction(0))


@given(contents(prices=NET))
def test_with_net_prices_only_what_cannot_be_paid_is_rounded(drawn: Content) -> None:
    totals = calculate(drawn)
    due = Fraction(totals.gross) - Fraction(totals.prepaid)
    assert Fraction(totals.payable) == half_up(due, payable_unit(drawn))


@given(contents(prices=GROSS))
def test_with_gross_prices_exactly_what_was_agreed_is_due(drawn: Content) -> None:
    totals = calculate(drawn)
    agreed = sum((_agreed(line) for line in drawn.lines), Fraction(0))
    for each in drawn.adjustments:
        of_all = sum((_agreed(line) for line in drawn.lines), Fraction(0))
        amount = each.amount if each.percentage is None else None
        agreed += sign_of(each) * half_up(
            Fraction(amount) if amount is not None else of_all * Fraction(each.percentage or 0) / 100
        )
    assert Fraction(totals.payable) == half_up(agreed - Fraction(totals.prepaid), payable_unit(drawn))


def _agreed(line: Line) -> Fraction:
    """What a line costs the customer: by hand, from the gross price alone."""
    base = half_up(Fraction(line.quantity) * Fraction(line.unit_price) / Fraction(line.base_quantity))
    agreed = base
    for each in line.adjustments:
        amount = Fraction(each.amount or 0) if each.percentage is None else base * Fraction(each.percentage) / 100
        agreed += sign_of(each) * half_up(amount)
    return agreed


@given(st.lists(lines(taxes("S Z"), biggest=9_999), min_size=1, max_size=8))
def test_what_gross_prices_leave_to_rounding_is_less_than_two_cents_a_line_part(drawn: list[Line]) -> None:
    totals = calculate(content(*drawn, prices=Prices.GROSS))
    parts = sum(1 + len(line.adjustments) for line in drawn)
    # Half a cent for each net part, taxed at up to 100 %, and half a cent for each agreed part and each category's VAT.
    assert abs(totals.rounding) <= Decimal("0.0152") * parts + CENT / 2 * len(totals.breakdown)


@given(contents())
def test_what_is_due_can_be_paid(drawn: Content) -> None:
    assert Fraction(calculate(drawn).payable) % Fraction(payable_unit(drawn)) == 0


@given(contents(), st.randoms())
def test_the_order_of_lines_changes_no_sum(drawn: Content, chance: Random) -> None:
    order = list(range(len(drawn.lines)))
    chance.shuffle(order)
    shuffled = calculate(replace(drawn, lines=tuple(drawn.lines[index] for index in order)))
    totals = calculate(drawn)
    assert shuffled.lines == tuple(totals.lines[index] for index in order)
    assert replace(shuffled, lines=()) == replace(totals, lines=())


@given(st.integers(1, 99_999), st.integers(1, 99_999), st.integers(1, 9_999), taxes())
def test_a_line_in_whole_cents_may_be_split(first: int, second: int, price: int, tax: tuple[str, str]) -> None:
    def line(quantity: int) -> Line:
        return sold(str(quantity), str(Decimal(price) / 100), tax[1], tax[0])

    whole, split = calculate(content(line(first + second))), calculate(content(line(first), line(second)))
    assert replace(split, lines=()) == replace(whole, lines=())


@given(contents(biggest=9_999_999, prices=NET, currencies=st.just("EUR")))
def test_a_price_for_so_many_is_the_price_of_one(drawn: Content) -> None:
    lines_of_ten = tuple(
        replace(line, unit_price=line.unit_price * 10, base_quantity=line.base_quantity * 10) for line in drawn.lines
    )
    totals, tenfold = calculate(drawn), calculate(replace(drawn, lines=lines_of_ten))
    assert replace(tenfold, lines=()) == replace(totals, lines=())


@given(contents())
def test_a_credit_note_over_everything_equals_the_invoice(drawn: Content) -> None:
    assert calculate(replace(drawn, document_type=DocumentType.CREDIT_NOTE)) == calculate(drawn)


@given(contents().filter(lambda drawn: not any(each.percentage is None for each in drawn.adjustments)))
def test_taking_everything_back_is_the_opposite(drawn: Content) -> None:
    kept = replace(
        drawn,
        prepaid=Decimal(0),
        lines=tuple(
            replace(line, adjustments=tuple(each for each in line.adjustments if each.percentage is not None))
            for line in drawn.lines
        ),
    )
    back = replace(kept, lines=tuple(replace(line, quantity=line.quantity.copy_negate()) for line in kept.lines))
    totals, opposite = calculate(kept), calculate(back)
    assert [Fraction(each.net) for each in opposite.lines] == [-Fraction(each.net) for each in totals.lines]
    for amount in ("net", "vat", "gross", "rounding", "payable"):
        assert Fraction(getattr(opposite, amount)) == -Fraction(getattr(totals, amount))


@given(contents(), st.integers(1, 28))
def test_nothing_depends_on_the_callers_decimal_context(drawn: Content, precision: int) -> None:
    totals = calculate(drawn)
    with localcontext(Context(prec=precision, rounding=ROUND_UP)):
        check(drawn)
        again = calculate(drawn)
    assert repr(again) == repr(totals)


@given(contents())
def test_every_amount_has_two_decimals_and_no_zero_has_a_sign(drawn: Content) -> None:
    totals = calculate(drawn)
    amounts = [totals.lines_net, totals.allowances, totals.charges, totals.net, totals.vat, totals.gross]
    amounts += [totals.prepaid, totals.rounding, totals.payable, *totals.adjustments]
    amounts += [amount for line in totals.lines for amount in (line.net, line.agreed, *line.adjustments)]
    amounts += [amount for part in totals.breakdown for amount in (part.taxable_amount, part.tax_amount)]
    amounts += [totals.accounting_vat] if totals.accounting_vat is not None else []
    assert {amount.as_tuple().exponent for amount in amounts} == {-2}
    assert "-0.00" not in {str(amount) for amount in amounts}


@given(contents())
def test_the_tax_in_the_accounting_currency_follows_the_rate(drawn: Content) -> None:
    totals = calculate(drawn)
    if drawn.exchange_rate is None:
        assert totals.accounting_vat is None
    else:
        expected = half_up(Fraction(totals.vat) * Fraction(drawn.exchange_rate.rate))
        assert Fraction(totals.accounting_vat or 0) == expected


@given(contents())
def test_a_discount_for_paying_early_lowers_no_amount(drawn: Content) -> None:
    early = PaymentTerms(30, (EarlyPayment(10, Decimal(2)),))
    assert calculate(replace(drawn, payment_terms=early)) == calculate(drawn)
