"""Sums of an invoice as EN 16931 defines them. Decimals only; every amount has two decimals.

Quantities, prices and rates are bounded (`MAX_UNITS`, `MAX_DECIMALS`, `RATE_DECIMALS`) so that no product or sum of
1000 lines needs more than the 28 digits of Python's default decimal context: nothing is rounded except where the
standard says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from services.invoices.domain.refusals import line_invalid
from shared.kernel.money import line_net_amount, to_cents

MAX_UNITS = Decimal(1_000_000_000)
MAX_DECIMALS = 4
RATE_DECIMALS = 2
MAX_LINES = 1000
_HUNDRED = Decimal(100)


class VatCategory(StrEnum):
    """VAT category codes (BT-118, BT-151; UNCL 5305 as EN 16931 restricts it)."""

    STANDARD = "S"
    ZERO = "Z"
    EXEMPT = "E"
    REVERSE_CHARGE = "AE"
    INTRA_COMMUNITY = "K"
    EXPORT = "G"
    OUTSIDE_SCOPE = "O"


EXEMPTION_REASONS = {
    VatCategory.EXEMPT: "Exempt from VAT",
    VatCategory.REVERSE_CHARGE: "Reverse charge",
    VatCategory.INTRA_COMMUNITY: "Intra-Community supply",
    VatCategory.EXPORT: "Export outside the EU",
    VatCategory.OUTSIDE_SCOPE: "Not subject to VAT",
}
"""VAT exemption reason texts (BT-120); these categories must give one (BR-E-10, AE-10, IC-10, G-10, O-10)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One invoice line (BG-25)."""

    description: str
    """Item name (BT-153)."""
    quantity: Decimal
    """Invoiced quantity (BT-129); negative for goods taken back on the same document, never zero."""
    unit_price: Decimal
    """Item net price (BT-146), never negative (BR-27)."""
    vat_category: VatCategory
    """Invoiced item VAT category code (BT-151)."""
    vat_rate: Decimal
    """Invoiced item VAT rate in percent (BT-152); zero for every category but `S`."""
    item_reference: str | None = None
    """Item Seller's identifier (BT-155)."""

    @property
    def net_amount(self) -> Decimal:
        """Invoice line net amount (BT-131), rounded half up to cents."""
        return line_net_amount(self.quantity, self.unit_price)


@dataclass(frozen=True, slots=True)
class VatBreakdown:
    """The lines of one VAT category and rate together (BG-23)."""

    category: VatCategory
    rate: Decimal
    taxable_amount: Decimal
    """BT-116: the sum of the lines' net amounts."""
    tax_amount: Decimal
    """BT-117: taxable amount x rate, rounded half up to cents (BR-CO-17)."""

    @property
    def exemption_reason(self) -> str | None:
        """VAT exemption reason text (BT-120)."""
        return EXEMPTION_REASONS.get(self.category)


@dataclass(frozen=True, slots=True)
class Totals:
    """Document totals (BG-22). There are no document level allowances, charges or prepayments yet."""

    lines_net: Decimal
    """Sum of invoice line net amounts (BT-106, BR-CO-10)."""
    net: Decimal
    """Invoice total amount without VAT (BT-109, BR-CO-13)."""
    vat: Decimal
    """Invoice total VAT amount (BT-110, BR-CO-14)."""
    gross: Decimal
    """Invoice total amount with VAT (BT-112, BR-CO-15)."""
    payable: Decimal
    """Amount due for payment (BT-115, BR-CO-16)."""
    breakdown: tuple[VatBreakdown, ...]
    """By category and rate (BR-CO-18), in that order."""


def check_line(index: int, line: Line) -> None:
    """Refuse a line that no invoice may carry; `index` counts from 0. Raises PublicError line_invalid."""
    _check_size(index, "quantity", line.quantity)
    _check_size(index, "unit_price", line.unit_price)
    _check_size(index, "vat_rate", line.vat_rate, RATE_DECIMALS)
    if not line.description.strip():
        raise line_invalid(index, "description", "A line needs a description (BR-25).")
    if line.quantity == 0:
        raise line_invalid(index, "quantity", "The quantity is zero.")
    if line.unit_price < 0:
        raise line_invalid(index, "unit_price", "The unit price is negative (BR-27).")
    if line.vat_category is VatCategory.STANDARD and not 0 < line.vat_rate <= _HUNDRED:
        raise line_invalid(index, "vat_rate", "Category S needs a rate above 0 and up to 100 (BR-S-5).")
    if line.vat_category is not VatCategory.STANDARD and line.vat_rate != 0:
        raise line_invalid(index, "vat_rate", f"Category {line.vat_category} needs the rate 0.")


def totals_of(lines: Sequence[Line]) -> Totals:
    """Add up an invoice's lines."""
    taxable: dict[tuple[VatCategory, Decimal], Decimal] = {}
    for line in lines:
        group = (line.vat_category, line.vat_rate)
        taxable[group] = taxable.get(group, Decimal("0.00")) + line.net_amount
    breakdown = tuple(
        VatBreakdown(category, rate, amount, to_cents(amount * rate / _HUNDRED))
        for (category, rate), amount in sorted(taxable.items())
    )
    net = sum((part.taxable_amount for part in breakdown), Decimal("0.00"))
    vat = sum((part.tax_amount for part in breakdown), Decimal("0.00"))
    return Totals(lines_net=net, net=net, vat=vat, gross=net + vat, payable=net + vat, breakdown=breakdown)


def _check_size(index: int, field: str, value: Decimal, decimals: int = MAX_DECIMALS) -> None:
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -decimals or abs(value) >= MAX_UNITS:
        raise line_invalid(index, field, f"Up to 9 digits and {decimals} decimals.")
