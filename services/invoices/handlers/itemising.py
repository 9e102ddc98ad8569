"""Lines that name an item and say the rest themselves: filled in before they become the content of a draft.

What is taken is copied. The draft says it from then on, whatever becomes of the item.
"""

from collections.abc import Mapping
from typing import Any

from services.invoices.codec import written
from services.invoices.domain import refusals
from services.invoices.domain.document.content import Prices
from services.invoices.domain.events.items import Item
from services.invoices.domain.item import ItemState
from services.invoices.history import load_item
from services.invoices.ports import Ports
from shared.contracts.errors import PublicError
from shared.eventstore.model import CommandId

Request = Mapping[str, Any]
_VAT = ("vat_category", "vat_rate")
_PRICED = ("unit", "base_quantity")
"""What a price is for: taken with it or not at all."""


def itemised(ports: Ports, content: Request, *, tenant: str, command_id: CommandId | None = None) -> dict[str, Any]:
    """Return a content, as a request has it, with what its lines take from the items that they name.

    `command_id`: of the command that writes it down. One that was carried out before is not judged again, whatever
    became of the item since. Raises PublicError line_invalid.
    """
    lines = content["lines"]
    if not any("item_id" in line for line in lines):
        return dict(content)
    again = command_id is not None and bool(ports.log.replay_of(tenant, command_id))
    return {**content, "lines": [_filled(ports, tenant, index, content, again=again) for index in range(len(lines))]}


def _filled(ports: Ports, tenant: str, index: int, content: Request, *, again: bool) -> Request:
    line = content["lines"][index]
    if "item_id" not in line:
        return dict(line)
    state, _ = load_item(ports.log, tenant, line["item_id"])
    if state is None:
        raise _refused(index, "item_id", "This business has no such item.")
    if not again and (fault := _fault(line, state, content)) is not None:
        raise _refused(index, *fault)
    return {**_taken(line, state.item), **line}


def _fault(line: Request, state: ItemState, content: Request) -> tuple[str, str] | None:
    """Return the field and why, for a line that cannot take from this item."""
    item, priced = state.item, "unit_price" in line
    if state.retired:
        return "item_id", "This item is retired: write the line without it."
    if ("vat_category" in line) is not ("vat_rate" in line):
        return next(each for each in _VAT if each not in line), "Category and rate are said both or taken both."
    if priced:
        return None
    if item.currency != content["currency"] or item.prices != Prices(content.get("prices", Prices.NET)):
        return "unit_price", "The item is priced in another currency, or with VAT otherwise: say the price."
    if line.get("unit", item.unit) != item.unit or "base_quantity" in line:
        return "unit_price", "The item's price is for its own unit and base quantity: say the price as well."
    return None


def _taken(line: Request, item: Item) -> dict[str, Any]:
    said = {"unit": item.unit, "item_reference": item.number, **written(item)}
    taken = {name: said[name] for name in ("name", "description", "unit", "item_reference") if said.get(name)}
    if "unit_price" not in line:
        taken |= {"unit_price": said["unit_price"], "base_quantity": said.get("base_quantity", "1")}
    if "vat_category" not in line:
        taken |= {name: said[name] for name in _VAT}
    return taken


def _refused(index: int, field: str, reason: str) -> PublicError:
    return refusals.line_invalid(index, field, reason)
