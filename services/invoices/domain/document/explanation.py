"""How each amount of a document came about: the computation of calculation.py again, in words and figures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.invoices.domain.document.calculation import calculate, payable_unit, sign_of
from services.invoices.domain.document.content import Content, Prices
from services.invoices.domain.document.lines import Adjustment, Line
from services.invoices.domain.document.totals import LineAmounts, Totals, VatBreakdown


@dataclass(frozen=True, slots=True)
class Step:
    """One amount."""

    term: str
    """Which one, e.g. `BT-131`."""
    words: str
    """What it is, and of what it is made."""
    figures: str
    """The computation, e.g. `3 x 9.75 = 29.25`."""
    amount: Decimal
    """In the document's currency; BT-111 in the accounting currency, BT-146 a price."""
    line: int | None = None
    """Of which line, from 0; None for the document."""


def explain(content: Content) -> tuple[Step, ...]:
    """Return every amount in the order in which they depend on each other."""
    totals = calculate(content)
    return tuple(_steps(content, totals))


def _steps(content: Content, totals: Totals) -> Iterator[Step]:
    for index, (line, amounts) in enumerate(zip(content.lines, totals.lines, strict=True)):
        yield from _line(index, line, amounts, gross_prices=content.prices is Prices.GROSS)
    yield _added("BT-106", "Sum of the lines", [line.net for line in totals.lines], totals.lines_net)
    for adjustment, amount in zip(content.adjustments, totals.adjustments, strict=True):
        yield _adjustment(("BT-92", "BT-99"), adjustment, amount, "the sum of the lines")
    signed = list(zip(content.adjustments, totals.adjustments, strict=True))
    for term, words, sign, amount in (
        ("BT-107", "Sum of the allowances of the document", -1, totals.allowances),
        ("BT-108", "Sum of the charges of the document", 1, totals.charges),
    ):
        parts = [part for adjustment, part in signed if sign_of(adjustment) == sign]
        if parts:
            yield _added(term, words, parts, amount)
    yield Step(
        "BT-109",
        "Total without VAT: the lines, less allowances, plus charges",
        f"{totals.lines_net} - {totals.allowances} + {totals.charges} = {totals.net}",
        totals.net,
    )
    for part in totals.breakdown:
        yield from _category(part)
    yield _added("BT-110", "VAT of all categories", [part.tax_amount for part in totals.breakdown], totals.vat)
    yield from _accounting(content, totals)
    yield Step("BT-112", "Total with VAT", f"{totals.net} + {totals.vat} = {totals.gross}", totals.gross)
    yield from _due(content, totals)


def _line(index: int, line: Line, amounts: LineAmounts, *, gross_prices: bool) -> Iterator[Step]:
    if gross_prices:
        words = "Net price: the gross price without its VAT"
        figures = f"{_plain(line.unit_price)} / (1 + {_plain(line.vat_rate)} %) = {amounts.net_price}"
        yield Step("BT-146", words, figures, amounts.net_price, index)
    product = f"{_plain(line.quantity)} x {_plain(amounts.net_price)}"
    if line.base_quantity != 1:
        product += f" / {_plain(line.base_quantity)}"
    signed = [
        sign_of(adjustment) * amount for adjustment, amount in zip(line.adjustments, amounts.adjustments, strict=True)
    ]
    for adjustment, amount in zip(line.adjustments, amounts.adjustments, strict=True):
        yield _adjustment(("BT-136", "BT-141"), adjustment, amount, "quantity x price", index)
    words = "Line: quantity x price, rounded to cents"
    words += ", less its allowances, plus its charges" if signed else ""
    yield Step("BT-131", words, f"{product}{_signed(signed)} = {amounts.net}", amounts.net, index)


def _adjustment(
    terms: tuple[str, str], adjustment: Adjustment, amount: Decimal, base: str, line: int | None = None
) -> Step:
    term = terms[0] if sign_of(adjustment) < 0 else terms[1]
    name = adjustment.kind.value.capitalize()
    if adjustment.percentage is None:
        return Step(term, f"{name}: a fixed amount, without VAT", str(amount), amount, line)
    figures = f"{_plain(adjustment.percentage)} % of {base} = {amount}"
    return Step(term, f"{name}: a percentage, rounded to cents", figures, amount, line)


def _category(part: VatBreakdown) -> Iterator[Step]:
    name = f"category {part.category} at {_plain(part.rate)} %"
    yield Step("BT-116", f"Taxed in {name}", str(part.taxable_amount), part.taxable_amount)
    figures = f"{part.taxable_amount} x {_plain(part.rate)} % = {part.tax_amount}"
    yield Step("BT-117", f"VAT of {name}, rounded to cents once", figures, part.tax_amount)


def _accounting(content: Content, totals: Totals) -> Iterator[Step]:
    exchange = content.exchange_rate
    if exchange is not None and totals.accounting_vat is not None:
        words = f"VAT in {exchange.currency}, by the rate of {exchange.source} for {exchange.day.isoformat()}"
        figures = f"{totals.vat} x {_plain(exchange.rate)} = {totals.accounting_vat}"
        yield Step("BT-111", words, figures, totals.accounting_vat)


def _due(content: Content, totals: Totals) -> Iterator[Step]:
    yield Step("BT-113", "Paid already", str(totals.prepaid), totals.prepaid)
    what = "what the customer agreed to with gross prices" if content.prices is Prices.GROSS else "what is left"
    words = f"Rounding: {what} is due, as a multiple of {payable_unit(content)}"
    difference = f"{totals.payable} - ({totals.gross} - {totals.prepaid}) = {totals.rounding}"
    yield Step("BT-114", words, difference, totals.rounding)
    due = f"{totals.gross} - {totals.prepaid}{_signed([totals.rounding])} = {totals.payable}"
    yield Step("BT-115", "Amount due: total with VAT, less what is paid, plus rounding", due, totals.payable)


def _added(term: str, words: str, parts: Sequence[Decimal], total: Decimal) -> Step:
    first, *others = parts
    figures = f"{first}{_signed(others)} = {total}" if others else str(total)
    return Step(term, words, figures, total)


def _signed(amounts: Sequence[Decimal]) -> str:
    return "".join(f" {'-' if amount.is_signed() else '+'} {amount.copy_abs()}" for amount in amounts)


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
