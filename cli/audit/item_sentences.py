"""What is said of items."""

from collections.abc import Callable, Mapping
from typing import Any

Payload = Mapping[str, Any]


def _priced(payload: Payload) -> str:
    item = payload["item"]
    number = f" {item['number']}" if item.get("number") else ""
    vat = "with" if item.get("prices") == "gross" else "without"
    return f"item{number} {item['name']} at {item['currency']} {item['unit_price']} {vat} VAT"


ITEM_DEEDS: Mapping[str, Callable[[Payload], str]] = {
    "ItemRegistered": lambda payload: f"registered {_priced(payload)}",
    "ItemChanged": lambda payload: f"described otherwise: {_priced(payload)}",
    "ItemRetired": lambda payload: f"retired item {payload['item_id']}",
}
