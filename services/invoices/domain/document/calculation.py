"""The amounts of a document, computed as EN 16931 defines them. A pure function: the same content, the same totals.

Rounding, all of it:
- Every amount has two decimals, in every currency: the syntaxes permit no more (BR-DEC-01 to BR-DEC-28), and with fewer
  the VAT of a category would not be what BR-CO-17 says. So an amount in dinars is one of whole hundredths; where a
  currency has no such coins (yen), what is due is rounded to what can be paid; the difference is the rounding amount
  (BT-114).
- Half up, away from zero, once for each amount: a line's price x quantity, each allowance and charge, each category's
  VAT (never per line), the tax in the accounting currency, the amount due. Sums are sums of rounded amounts.
- EN 16931 knows net prices only. A gross price becomes the net price with so many decimals that what was cut off moves
  no line by a tenth of a cent; from there on all is as with net prices. What the customer agreed to is the sum of the
  gross lines, each in cents; what differs from it goes to BT-114, so that exactly the agreed amount is due.

Nothing is rounded in between: what `check` lets through is bounded, so that no product or sum needs more than the 60
digits of the context below, and no setting of the caller's context takes part. Divisions (by a base quantity, by
1 + rate) are cut at 60 digits and then rounded to cents; a quotient of numbers this short is either exactly a half or
further from one than the 60th digit, so rounding twice is rounding once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from services.invoices.domain.document.content import Content, Prices
from services.invoices.domain.document.lines import Adjustment, AdjustmentKind, DocumentAdjustment, Line
from services.invoices.domain.document.totals import LineAmounts, Totals, VatBreakdown
from services.invoices.domain.document.vat import EXEMPTION_REASONS, Exemption, VatCategory
from shared.contracts.codes import minor_unit

CENT = Decimal("0.01")
_ZERO = Decimal("0.00")
_HUNDRED = Decimal(100)
_CONTEXT = Context(prec=60, rounding=ROUND_HALF_UP)
_PRICE_DECIMALS = 5
"""Of a net price that follows from a gross one, below ten units; one more for each further digit of the quantity."""


@dataclass(frozen=True, slots=True)
class _Adjusted:
    """An allowance or charge, in cents."""

    net: Decimal
    agreed: Decimal
    """What the customer agreed to; with gross prices it contains the VAT."""


def calculate(content: Content) -> Totals:
    """Compute all amounts of a document that `checking.check` let through."""
    with localcontext(_CONTEXT):
        return _totals(content)


def sign_of(adjustment: Adjustment) -> int:
    """Return -1 for an allowance, 1 for a charge."""
    return -1 if adjustment.kind is AdjustmentKind.ALLOWANCE else 1


def _totals(content: Content) -> Totals:
    gross_prices = content.prices is Prices.GROSS
    lines = tuple(_line(line, gross_prices=gross_prices) for line in content.lines)
    lines_net = _sum(line.net for line in lines)
    lines_agreed = _sum(line.agreed for line in lines)
    adjusted = [
        _adjusted(each, lines_net, lines_agreed, _factor(each.vat_rate) if gross_prices else None)
        for each in content.adjustments
    ]
    signed = list(zip(map(sign_of, content.adjustments), adjusted, strict=True))
    allowances = _sum(each.net for sign, each in signed if sign < 0)
    charges = _sum(each.net for sign, each in signed if sign > 0)
    breakdown = _breakdown(content, lines, [sign * each.net for sign, each in signed])
    net = lines_net - allowances + charges
    vat = _sum(part.tax_amount for part in breakdown)
    gross, prepaid = net + vat, _cents(content.prepaid)
    agreed = lines_agreed + _sum(sign * each.agreed for sign, each in signed) if gross_prices else gross
    payable = _payable(content, agreed - prepaid)
    return Totals(
        lines_net=lines_net,
        allowances=allowances,
        charges=charges,
        net=net,
        vat=vat,
        gross=gross,
        prepaid=prepaid,
        rounding=payable - (gross - prepaid),
        payable=payable,
        breakdown=breakdown,
        lines=lines,
        adjustments=tuple(each.net for each in adjusted),
        accounting_vat=None if content.exchange_rate is None else _cents(vat * content.exchange_rate.rate),
    )


def _line(line: Line, *, gross_prices: bool) -> LineAmounts:
    factor = _factor(line.vat_rate) if gross_prices else None
    units = line.quantity / line.base_quantity
    net_price = _plain(line.unit_price) if factor is None else _net_price(line.unit_price / factor, units)
    # Multiplied before it is divided: a third of a price times three is that price.
    base = _cents(line.quantity * net_price / line.base_quantity)
    base_agreed = base if factor is None else _cents(line.quantity * line.unit_price / line.base_quantity)
    adjusted = [_adjusted(each, base, base_agreed, factor) for each in line.adjustments]
    signed = list(zip(map(sign_of, line.adjustments), adjusted, strict=True))
    return LineAmounts(
        net_price=net_price,
        adjustments=tuple(each.net for each in adjusted),
        net=base + _sum(sign * each.net for sign, each in signed),
        agreed=base_agreed + _sum(sign * each.agreed for sign, each in signed),
    )


def _adjusted(adjustment: Adjustment, base: Decimal, base_agreed: Decimal, factor: Decimal | None) -> _Adjusted:
    """Return an allowance or charge on a base; `factor` is 1 + rate with gross prices, None with net ones."""
    if adjustment.percentage is not None:
        part = adjustment.percentage / _HUNDRED
        return _Adjusted(_cents(base * part), _cents(base_agreed * part))
    amount = _cents(adjustment.amount or _ZERO)
    return _Adjusted(amount if factor is None else _cents(amount / factor), amount)


def _net_price(exact: Decimal, units: Decimal) -> Decimal:
    decimals = max(_PRICE_DECIMALS, _PRICE_DECIMALS + units.adjusted())
    return _plain(exact.quantize(Decimal(1).scaleb(-decimals)))


def _breakdown(
    content: Content, lines: Sequence[LineAmounts], adjustments: Sequence[Decimal]
) -> tuple[VatBreakdown, ...]:
    taxable: dict[tuple[VatCategory, Decimal], Decimal] = {}
    for each, amount in _taxed(content, lines, adjustments):
        group = (each.vat_category, each.vat_rate)
        taxable[group] = taxable.get(group, _ZERO) + amount
    given = {exemption.category: exemption for exemption in content.exemptions}
    return tuple(
        _part(category, rate, amount, given.get(category)) for (category, rate), amount in sorted(taxable.items())
    )


def _taxed(
    content: Content, lines: Sequence[LineAmounts], adjustments: Sequence[Decimal]
) -> Iterable[tuple[Line | DocumentAdjustment, Decimal]]:
    yield from zip(content.lines, (line.net for line in lines), strict=True)
    yield from zip(content.adjustments, adjustments, strict=True)


def _part(category: VatCategory, rate: Decimal, taxable: Decimal, exemption: Exemption | None) -> VatBreakdown:
    why = exemption or EXEMPTION_REASONS.get(category)
    return VatBreakdown(
        category=category,
        rate=_plain(rate),
        taxable_amount=taxable,
        tax_amount=_cents(taxable * rate / _HUNDRED),
        exemption_reason=None if why is None else why.reason,
        exemption_code=None if why is None else why.code,
    )


def _payable(content: Content, due: Decimal) -> Decimal:
    unit = payable_unit(content)
    return _cents((due / unit).quantize(Decimal(1)) * unit)


def payable_unit(content: Content) -> Decimal:
    """Return what the amount due is a multiple of: what the content says, or what can be paid in its currency."""
    return content.payable_rounded_to or max(CENT, minor_unit(content.currency))


def _factor(rate: Decimal) -> Decimal:
    return 1 + rate / _HUNDRED


def _plain(value: Decimal) -> Decimal:
    """Return a price or rate without padding and exponent: whoever wrote 19.00 meant 19; both give the same bytes."""
    text = f"{value:f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def _cents(amount: Decimal) -> Decimal:
    # A sum of nothing and minus nothing is nothing: a zero has no sign on a document.
    return amount.quantize(CENT) + _ZERO


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, _ZERO)
