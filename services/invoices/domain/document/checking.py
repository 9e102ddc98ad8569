"""What no document may say: EN 16931's rules that can be judged before anything is computed, each with its id.

Numbers are bounded so that the amounts come out exact, whatever the caller's decimal context is (see calculation.py).
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from services.invoices.domain import refusals
from services.invoices.domain.document.calculation import CENT
from services.invoices.domain.document.content import Content, PaymentTerms, Preceding, Prices
from services.invoices.domain.document.file_names import file_name_faults
from services.invoices.domain.document.lines import Adjustment, AdjustmentKind, Line, Period
from services.invoices.domain.document.vat import Exemption, VatCategory
from shared.contracts.codes import minor_unit

MAX_UNITS = Decimal(1_000_000_000)
MAX_DECIMALS = 4
AMOUNT_DECIMALS = 2
RATE_DECIMALS = 2
EXCHANGE_DECIMALS = 10
MAX_LINES = 1000
MAX_ADJUSTMENTS = 100
"""Of one line, or of the whole document."""
_HUNDRED = Decimal(100)
_LEAST_RATE = Decimal("0.5")
_MOST_DAYS = 3650
_LARGEST_CASH = {"HUF": Decimal(5), "KRW": Decimal(10), "CLP": Decimal(10)}
_LARGEST_CASH_ELSEWHERE = Decimal(1)
"""To which multiple cash is rounded at most: one crown, franc or yen; more only where nothing smaller is in use."""

Fault = tuple[str, str]
"""A field's path and why it is refused, in words."""


def check(content: Content) -> None:
    """Refuse content that no document may carry; sentences never repeat what was refused.

    Raises PublicError invoice_empty, line_invalid (`line` from 0, `field`), document_invalid (`field`).
    """
    if not content.lines:
        raise refusals.invoice_empty()
    if len(content.lines) > MAX_LINES:
        raise refusals.line_invalid(MAX_LINES, "lines", f"A document has at most {MAX_LINES} lines.")
    for index, line in enumerate(content.lines):
        for field, reason in line_faults(line):
            raise refusals.line_invalid(index, field, reason)
    for field, reason in _document_faults(content):
        raise refusals.document_invalid(field, reason)


def line_faults(line: Line) -> Iterator[Fault]:
    """Yield what no line may say."""
    yield from _size("quantity", line.quantity)
    yield from _size("unit_price", line.unit_price)
    yield from _size("base_quantity", line.base_quantity)
    if not line.name.strip():
        yield "name", "A line needs a name (BR-25)."
    if line.quantity == 0:
        yield "quantity", "The quantity is zero."
    if line.unit_price < 0:
        yield "unit_price", "The unit price is negative (BR-27)."
    if line.base_quantity <= 0:
        yield "base_quantity", "The base quantity is not above zero (PEPPOL-EN16931-R121)."
    yield from _rate("vat_rate", line.vat_category, line.vat_rate)
    yield from _adjustments(line.adjustments, "BR-42", "BR-44")
    yield from _period("period", line.period, "BR-30", "BR-CO-20")


def _document_faults(content: Content) -> Iterator[Fault]:
    yield from _adjustments(content.adjustments, "BR-33", "BR-38")
    for index, adjustment in enumerate(content.adjustments):
        yield from _rate(f"adjustments.{index}.vat_rate", adjustment.vat_category, adjustment.vat_rate)
    yield from _categories(content)
    yield from _exemptions(content)
    yield from _gross_percentages(content)
    yield from _payment(content)
    yield from _exchange(content)
    yield from _tax_point(content)
    yield from _period("period", content.period, "BR-29", "BR-CO-19")
    yield from _lines_within(content)
    yield from _preceding(content.preceding)
    yield from file_name_faults(content.attachments)


def _size(field: str, value: Decimal, decimals: int = MAX_DECIMALS) -> Iterator[Fault]:
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -decimals or value.copy_abs() >= MAX_UNITS:
        yield field, f"Up to 9 digits and {decimals} decimals."


def _tax_point(content: Content) -> Iterator[Fault]:
    if content.tax_point_date is not None and content.tax_point is not None:
        yield "tax_point", "Either the day of the VAT or what it follows, not both (BR-CO-3)."


def _rate(field: str, category: VatCategory, rate: Decimal) -> Iterator[Fault]:
    yield from _size(field, rate, RATE_DECIMALS)
    if not 0 <= rate <= _HUNDRED:
        yield field, "A rate is between 0 and 100."
    if category is VatCategory.STANDARD and rate == 0:
        yield field, "Category S needs a rate above 0 and up to 100 (BR-S-5, BR-S-6, BR-S-7)."
    if category is VatCategory.CANARY_ISLANDS and rate == 0:
        yield field, "The official rules for CII take category L with a rate above 0 only (BR-AF-05): zero is Z or E."
    if category.charges and 0 < rate < _LEAST_RATE:
        yield field, f"The official rules take a rate below {_LEAST_RATE} percent for none (BR-CO-17)."
    if not category.charges and rate != 0:
        rules = _FAMILIES[category]
        yield field, f"Category {category} needs the rate 0 (BR-{rules}-5, BR-{rules}-6, BR-{rules}-7)."


_FAMILIES = {
    VatCategory.ZERO: "Z",
    VatCategory.EXEMPT: "E",
    VatCategory.REVERSE_CHARGE: "AE",
    VatCategory.INTRA_COMMUNITY: "IC",
    VatCategory.EXPORT: "G",
    VatCategory.OUTSIDE_SCOPE: "O",
}


def _adjustments(adjustments: Sequence[Adjustment], allowance_rule: str, charge_rule: str) -> Iterator[Fault]:
    if len(adjustments) > MAX_ADJUSTMENTS:
        yield "adjustments", f"At most {MAX_ADJUSTMENTS} allowances and charges."
    for index, adjustment in enumerate(adjustments):
        path = f"adjustments.{index}"
        yield from _amount_or_percentage(path, adjustment)
        rule = allowance_rule if adjustment.kind is AdjustmentKind.ALLOWANCE else charge_rule
        if not (adjustment.reason or "").strip() and not adjustment.reason_code:
            yield f"{path}.reason", f"An {adjustment.kind.value} needs a reason or its code ({rule})."


def _amount_or_percentage(path: str, adjustment: Adjustment) -> Iterator[Fault]:
    amount, percentage = adjustment.amount, adjustment.percentage
    if (amount is None) is (percentage is None):
        yield f"{path}.amount", "Either an amount or a percentage is needed, and not both."
    if amount is not None:
        yield from _size(f"{path}.amount", amount, AMOUNT_DECIMALS)
        if amount < 0:
            yield f"{path}.amount", "The amount is negative: an allowance below zero is a charge."
    if percentage is not None:
        yield from _size(f"{path}.percentage", percentage)
        if not 0 <= percentage <= _HUNDRED:
            yield f"{path}.percentage", "A percentage is between 0 and 100."


def _categories(content: Content) -> Iterator[Fault]:
    """Whatever is outside the scope of VAT stands alone; what crosses a border inside the EU says when and where to."""
    found = _used(content)
    if VatCategory.OUTSIDE_SCOPE in found and len(found) > 1:
        yield "lines", "Category O stands with no other on a document (BR-O-11, BR-O-12, BR-O-13, BR-O-14)."
    if VatCategory.INTRA_COMMUNITY in found:
        delivered = content.delivery is not None and content.delivery.day is not None
        if not delivered and content.period is None:
            yield "delivery.day", "Category K needs the day of delivery or an invoicing period (BR-IC-11)."
        if content.delivery is None or not content.delivery.country_code:
            yield "delivery.country_code", "Category K needs the country that it was delivered to (BR-IC-12)."


def _exemptions(content: Content) -> Iterator[Fault]:
    found, seen = _used(content), set[VatCategory]()
    for index, exemption in enumerate(content.exemptions):
        path = f"exemptions.{index}"
        if exemption.category in seen:
            yield f"{path}.category", "Each category gives one reason."
        seen.add(exemption.category)
        if exemption.category not in found:
            yield f"{path}.category", "No line, allowance or charge has this category."
        yield from _exemption(path, exemption)


def _exemption(path: str, exemption: Exemption) -> Iterator[Fault]:
    if not exemption.category.needs_reason:
        yield f"{path}.category", "This category has no exemption reason (BR-S-10, BR-Z-10, BR-AF-10, BR-AG-10)."
    if not (exemption.reason or "").strip() and not exemption.code:
        yield f"{path}.reason", "A reason or its code is needed (BR-E-10, BR-AE-10, BR-IC-10, BR-G-10, BR-O-10)."
    if exemption.category is VatCategory.EXEMPT and exemption.code in _RESERVED_CODES:
        yield f"{path}.code", "This code belongs to another category (PEPPOL-EN16931-P0104 to P0107)."
    fixed = _FIXED_CODES.get(exemption.category, ())
    if fixed and exemption.code not in {None, *fixed}:
        yield f"{path}.code", f"Category {exemption.category} has the code {' or '.join(fixed)}."


_FIXED_CODES = {
    VatCategory.REVERSE_CHARGE: ("VATEX-EU-AE", "VATEX-FR-AE"),
    VatCategory.INTRA_COMMUNITY: ("VATEX-EU-IC",),
    VatCategory.EXPORT: ("VATEX-EU-G",),
    VatCategory.OUTSIDE_SCOPE: ("VATEX-EU-O",),
}
_RESERVED_CODES = frozenset({"VATEX-EU-AE", "VATEX-EU-IC", "VATEX-EU-G", "VATEX-EU-O"})


def _gross_percentages(content: Content) -> Iterator[Fault]:
    """Yield percentages of an agreed sum whose VAT nobody knows, because its lines have several rates."""
    if content.prices is not Prices.GROSS:
        return
    taxed = {(line.vat_category, line.vat_rate) for line in content.lines}
    for index, adjustment in enumerate(content.adjustments):
        if adjustment.percentage is not None and taxed != {(adjustment.vat_category, adjustment.vat_rate)}:
            yield (
                f"adjustments.{index}.percentage",
                "With gross prices a percentage of the document needs lines of its category and rate alone.",
            )


def _payment(content: Content) -> Iterator[Fault]:
    yield from _size("prepaid", content.prepaid, AMOUNT_DECIMALS)
    if content.prepaid < 0:
        yield "prepaid", "The paid amount is negative."
    unit = content.payable_rounded_to
    if unit is not None:
        yield from _size("payable_rounded_to", unit, AMOUNT_DECIMALS)
        # As fractions: the remainder of decimals would depend on the context.
        if unit <= 0 or Fraction(unit) % Fraction(max(CENT, minor_unit(content.currency))):
            yield "payable_rounded_to", "Amounts are rounded to a multiple of what can be paid in this currency."
        if unit > _LARGEST_CASH.get(content.currency, _LARGEST_CASH_ELSEWHERE):
            yield "payable_rounded_to", "No cash of this currency is that coarse: the sum would change, not be rounded."
    if content.due_date is not None and content.due_date < content.issue_date:
        yield "due_date", "It is due before it is issued."
    if content.payment_terms is not None:
        yield from _terms(content.payment_terms)


def _terms(terms: PaymentTerms) -> Iterator[Fault]:
    if terms.days is not None and not 0 <= terms.days <= _MOST_DAYS:
        yield "payment_terms.days", f"Between 0 and {_MOST_DAYS} days."
    for index, discount in enumerate(terms.discounts):
        path = f"payment_terms.discounts.{index}"
        yield from _size(f"{path}.percentage", discount.percentage, RATE_DECIMALS)
        if not 0 < discount.percentage < _HUNDRED:
            yield f"{path}.percentage", "A discount is above 0 and below 100 percent."
        if not 0 <= discount.days <= (_MOST_DAYS if terms.days is None else terms.days):
            yield f"{path}.days", "A discount ends when payment is due, or before."


def _exchange(content: Content) -> Iterator[Fault]:
    exchange = content.exchange_rate
    if exchange is None:
        return
    yield from _size("exchange_rate.rate", exchange.rate, EXCHANGE_DECIMALS)
    if exchange.rate <= 0:
        yield "exchange_rate.rate", "An exchange rate is above zero."
    if exchange.currency == content.currency:
        yield "exchange_rate.currency", "The accounting currency is another than the document's (PEPPOL-EN16931-R005)."


def _period(path: str, period: Period | None, order_rule: str, presence_rule: str) -> Iterator[Fault]:
    if period is None:
        return
    if period.start is None and period.end is None:
        yield path, f"A period has a first day, a last day or both ({presence_rule})."
    if period.start is not None and period.end is not None and period.end < period.start:
        yield f"{path}.end", f"The period ends before it begins ({order_rule})."


def _lines_within(content: Content) -> Iterator[Fault]:
    """Yield the periods of lines that reach out of the document's."""
    whole = content.period
    if whole is None:
        return
    for index, line in enumerate(content.lines):
        part = line.period
        if part is not None and part.start and whole.start and part.start < whole.start:
            yield f"lines.{index}.period.start", "It begins before the invoicing period (PEPPOL-EN16931-R110)."
        if part is not None and part.end and whole.end and part.end > whole.end:
            yield f"lines.{index}.period.end", "It ends after the invoicing period (PEPPOL-EN16931-R111)."


def _preceding(named: Sequence[Preceding]) -> Iterator[Fault]:
    """Yield earlier documents that are named twice (BG-3): two with one number are told apart by their days (BT-26)."""
    for index, each in enumerate(named):
        if any(_is_same(each, other) for other in named[:index]):
            yield f"preceding.{index}.number", "This document is named already."


def _is_same(one: Preceding, other: Preceding) -> bool:
    if one.invoice_id is not None and one.invoice_id == other.invoice_id:
        return True
    days = {one.issue_date, other.issue_date} - {None}
    return len(days) <= 1 and _plain(one.number) == _plain(other.number)


def _plain(number: str) -> str:
    return " ".join(number.casefold().split())


def _used(content: Content) -> set[VatCategory]:
    return {line.vat_category for line in content.lines} | {each.vat_category for each in content.adjustments}
