"""An item that a business sells again and again, with its price: what a line of a draft may take its words from.

    registered -> changed, any number of times -> retired

A draft takes what an item says when it is written; from then on the two have nothing to do with one another, so that a
new price changes no draft that somebody has seen.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from services.invoices.domain import refusals_of_items
from services.invoices.domain.document.checking import line_faults
from services.invoices.domain.document.lines import Line
from services.invoices.domain.events import Event
from services.invoices.domain.events.items import Item, ItemChanged, ItemRegistered, ItemRetired


@dataclass(frozen=True, slots=True)
class ItemState:
    """The fold of an item's stream."""

    item: Item
    retired: bool = False


def fold_item(events: Iterable[Event]) -> ItemState | None:
    """Return what these events made of an item; None when there are none, ValueError for an impossible history."""
    state: ItemState | None = None
    for event in events:
        match event:
            case ItemRegistered(item) if state is None:
                state = ItemState(item)
            case ItemChanged(item) if state is not None and not state.retired:
                state = ItemState(item)
            case ItemRetired() if state is not None and not state.retired:
                state = replace(state, retired=True)
            case _:
                raise ValueError(f"{type(event).__name__} cannot follow in the history of this item")
    return state


def decide_item(item: Item) -> ItemRegistered:
    """Decide on a new item; PublicError item_invalid for what no line could say."""
    _require_sellable(item)
    return ItemRegistered(item)


def decide_item_change(state: ItemState | None, item: Item) -> ItemChanged:
    """Decide to describe an item otherwise; PublicError item_unknown, item_retired, item_invalid."""
    _require_sold(state)
    _require_sellable(item)
    return ItemChanged(item)


def decide_item_end(state: ItemState | None) -> ItemRetired:
    """Decide that no new line takes from an item; PublicError item_unknown, item_retired."""
    return ItemRetired(_require_sold(state).item.item_id)


def _require_sold(state: ItemState | None) -> ItemState:
    if state is None:
        raise refusals_of_items.item_unknown()
    if state.retired:
        raise refusals_of_items.item_retired()
    return state


def _require_sellable(item: Item) -> None:
    line = Line(
        name=item.name,
        quantity=Decimal(1),
        unit_price=item.unit_price,
        vat_category=item.vat_category,
        vat_rate=item.vat_rate,
        base_quantity=item.base_quantity,
    )
    for field, reason in line_faults(line):
        raise refusals_of_items.item_invalid(field, reason)
