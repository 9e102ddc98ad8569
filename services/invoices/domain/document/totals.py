"""The computed amounts of a document. Nobody writes them: they come from `calculation` alone."""

from dataclasses import dataclass
from decimal import Decimal

from services.invoices.domain.document.vat import VatCategory


@dataclass(frozen=True, slots=True)
class LineAmounts:
    """What was computed of one line."""

    net_price: Decimal
    """Item net price (BT-146) for the line's base quantity; with gross prices it is what is left without the VAT."""
    adjustments: tuple[Decimal, ...]
    """Amounts of the line's allowances and charges in their order (BT-136, BT-141), without VAT. Below zero only where
    a percentage is of less than zero: goods taken back take their discount back."""
    net: Decimal
    """Invoice line net amount (BT-131)."""
    agreed: Decimal
    """What the customer agreed to pay for the line: with gross prices its amount with VAT, with net prices `net`."""


@dataclass(frozen=True, slots=True)
class VatBreakdown:
    """The parts of a document that have one VAT category and rate together (BG-23)."""

    category: VatCategory
    """BT-118."""
    rate: Decimal
    """BT-119, in percent."""
    taxable_amount: Decimal
    """BT-116."""
    tax_amount: Decimal
    """BT-117 (BR-CO-17)."""
    exemption_reason: str | None = None
    """BT-120."""
    exemption_code: str | None = None
    """BT-121."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Document totals (BG-22)."""

    lines_net: Decimal
    """Sum of invoice line net amounts (BT-106, BR-CO-10)."""
    allowances: Decimal
    """Sum of allowances on document level (BT-107, BR-CO-11)."""
    charges: Decimal
    """Sum of charges on document level (BT-108, BR-CO-12)."""
    net: Decimal
    """Invoice total amount without VAT (BT-109, BR-CO-13)."""
    vat: Decimal
    """Invoice total VAT amount (BT-110, BR-CO-14)."""
    gross: Decimal
    """Invoice total amount with VAT (BT-112, BR-CO-15)."""
    prepaid: Decimal
    """Paid amount (BT-113)."""
    rounding: Decimal
    """Rounding amount (BT-114)."""
    payable: Decimal
    """Amount due for payment (BT-115, BR-CO-16)."""
    breakdown: tuple[VatBreakdown, ...]
    """By category and rate (BR-CO-18), in that order."""
    lines: tuple[LineAmounts, ...]
    """In the order of the content's lines."""
    adjustments: tuple[Decimal, ...]
    """Amounts of the document's allowances and charges in their order (BT-92, BT-99), without VAT. Below zero only
    where a percentage is of less than zero."""
    accounting_vat: Decimal | None = None
    """Invoice total VAT amount in accounting currency (BT-111)."""
