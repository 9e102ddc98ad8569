"""What is sold, as the business wrote it: lines, and what is taken off or added. Sums are computed, never written."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from services.invoices.domain.document.vat import VatCategory

PIECE = "C62"
"""The unit `one` (UN/ECE Recommendation 20)."""


class AdjustmentKind(StrEnum):
    """Whether an adjustment lowers or raises."""

    ALLOWANCE = "allowance"
    CHARGE = "charge"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An allowance or charge of a line (BG-27, BG-28): a fixed amount, or a percentage of what it applies to."""

    kind: AdjustmentKind
    amount: Decimal | None = None
    """Fixed amount (BT-136, BT-141); exactly one of `amount` and `percentage` is given."""
    percentage: Decimal | None = None
    """BT-138, BT-143; of the line's quantity x price before adjustments (BT-137, BT-142)."""
    reason: str | None = None
    """BT-139, BT-144; a reason or a code must be given (BR-42, BR-44)."""
    reason_code: str | None = None
    """BT-140 (UNCL 5189), BT-145 (UNCL 7161)."""


@dataclass(frozen=True, slots=True)
class DocumentAdjustment(Adjustment):
    """An allowance or charge of the whole document (BG-20, BG-21); a percentage is of the sum of its lines (BT-106)."""

    vat_category: VatCategory = field(kw_only=True)
    """BT-95, BT-102."""
    vat_rate: Decimal = field(kw_only=True)
    """BT-96, BT-103, in percent."""


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last day, both included (BG-14, BG-26)."""

    start: date | None = None
    """BT-73, BT-134."""
    end: date | None = None
    """BT-74, BT-135."""


@dataclass(frozen=True, slots=True)
class Line:
    """One invoice line (BG-25)."""

    name: str
    """Item name (BT-153)."""
    quantity: Decimal
    """Invoiced quantity (BT-129); negative for goods taken back on the same document, never zero."""
    unit_price: Decimal
    """Price of `base_quantity` units, never negative (BR-27). In documents with net prices the item net price (BT-146),
    in those with gross prices it contains the VAT."""
    vat_category: VatCategory
    """Invoiced item VAT category code (BT-151)."""
    vat_rate: Decimal
    """Invoiced item VAT rate in percent (BT-152); zero for every category that charges nothing."""
    item_reference: str | None = None
    """Item Seller's identifier (BT-155)."""
    unit: str = PIECE
    """Unit of measure code (BT-130, UN/ECE Recommendation 20 and 21)."""
    base_quantity: Decimal = Decimal(1)
    """Item price base quantity (BT-149), above zero."""
    description: str | None = None
    """Item description (BT-154)."""
    note: str | None = None
    """Invoice line note (BT-127)."""
    adjustments: tuple[Adjustment, ...] = ()
    """BG-27, BG-28."""
    period: Period | None = None
    """Invoice line period (BG-26)."""
    order_line: str | None = None
    """Referenced purchase order line (BT-132)."""
    buyer_item_reference: str | None = None
    """Item Buyer's identifier (BT-156)."""
    standard_item_id: str | None = None
    """Item standard identifier (BT-157), a GTIN (scheme 0160)."""
    origin_country: str | None = None
    """Item country of origin (BT-159)."""
    item_id: str | None = None
    """Which of the business's items it took from when it was written; stays in the business."""
