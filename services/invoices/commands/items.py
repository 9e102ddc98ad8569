"""What callers ask about items."""

from dataclasses import dataclass
from decimal import Decimal

from services.invoices.domain.document.content import Prices
from services.invoices.domain.document.lines import PIECE
from services.invoices.domain.document.vat import VatCategory
from services.invoices.domain.events.items import Item


@dataclass(frozen=True, slots=True)
class RegisterItem:
    """Make an item known; the fields are the item's."""

    name: str
    unit_price: Decimal
    currency: str
    vat_category: VatCategory
    vat_rate: Decimal
    prices: Prices = Prices.NET
    number: str | None = None
    description: str | None = None
    unit: str = PIECE
    base_quantity: Decimal = Decimal(1)

    def named(self, item_id: str) -> Item:
        """Return the item of this id that is described."""
        return Item(
            item_id=item_id,
            name=self.name,
            unit_price=self.unit_price,
            currency=self.currency,
            vat_category=self.vat_category,
            vat_rate=self.vat_rate,
            prices=self.prices,
            number=self.number,
            description=self.description,
            unit=self.unit,
            base_quantity=self.base_quantity,
        )


@dataclass(frozen=True, slots=True)
class ChangeItem:
    """Have an item be described or priced otherwise: all of it."""

    item_id: str
    expected_version: int
    particulars: RegisterItem


@dataclass(frozen=True, slots=True)
class RetireItem:
    """Have no new line take from an item."""

    item_id: str
    expected_version: int | None = None
