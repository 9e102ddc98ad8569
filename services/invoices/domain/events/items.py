"""What can happen to items. Sealed for the business: they are about nobody."""

from dataclasses import dataclass, field
from decimal import Decimal

from services.invoices.domain.document.content import Prices
from services.invoices.domain.document.lines import PIECE
from services.invoices.domain.document.vat import VatCategory


@dataclass(frozen=True, slots=True)
class ItemParticulars:
    """Everything that is said of an item, without the id; the fields mean what those of a line do."""

    name: str
    """BT-153."""
    unit_price: Decimal
    """Price of `base_quantity` units, with or without VAT as `prices` says."""
    currency: str
    """ISO 4217."""
    vat_category: VatCategory
    """BT-151."""
    vat_rate: Decimal
    """BT-152, in percent."""
    prices: Prices = Prices.NET
    number: str | None = None
    """The business's article number (BT-155); two items may have the same."""
    description: str | None = None
    """BT-154."""
    unit: str = PIECE
    """BT-130."""
    base_quantity: Decimal = Decimal(1)
    """BT-149."""


@dataclass(frozen=True, slots=True)
class Item(ItemParticulars):
    """Something that is sold again and again."""

    item_id: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class ItemRegistered:
    """An item became known."""

    item: Item


@dataclass(frozen=True, slots=True)
class ItemChanged:
    """An item is described or priced otherwise, for lines that are written from here on; the last one counts."""

    item: Item


@dataclass(frozen=True, slots=True)
class ItemRetired:
    """No new line takes from it any more."""

    item_id: str


ItemEvent = ItemRegistered | ItemChanged | ItemRetired
