"""What callers ask about items."""

from dataclasses import dataclass, fields

from services.invoices.domain.events.items import Item, ItemParticulars


@dataclass(frozen=True, slots=True)
class RegisterItem(ItemParticulars):
    """Make an item known."""

    def named(self, item_id: str) -> Item:
        """Return the item of this id that is described."""
        return Item(item_id=item_id, **{each.name: getattr(self, each.name) for each in fields(self)})


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
