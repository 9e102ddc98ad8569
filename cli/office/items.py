"""`tallystick items`: what the business sells again and again (docs/items.md)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import click

from cli.office.parameters import ITEM, as_of, from_file, text, this
from cli.office.request_files import change_in, request_in
from cli.office.verbs import Noun
from shared.contracts.items import ChangeItemRequest, RegisterItemRequest

items = click.Group("items", help="Say what the business sells again and again, and at which price.")
_noun = Noun(items)
TEMPLATE = """\
# What a line can take. Change it, then: tallystick items add FILE
name: Brass bell, two-tone
unit_price: "975.00"   # of base_quantity units
currency: EUR
vat_category: S        # BT-151
vat_rate: "19"
# Whatever follows may be left out.
number: B-17           # your article number (BT-155)
description: Rings twice.
unit: C62              # UN/ECE Recommendation 20; C62 is a piece
base_quantity: "100"
prices: net            # or gross: unit_price has the VAT in it
"""


def _line(row: Mapping[str, Any]) -> str:
    item = row["particulars"]
    number = f"  {item['number']}" if "number" in item else ""
    base = item.get("base_quantity", "1")
    price = f"{item['unit_price']} {item['currency']}" + ("" if Decimal(base) == 1 else f" per {base}")
    ended = "  (retired)" if row["retired"] else ""
    return f"{row['item_id']}{number}  {item['name']}  {price}{ended}"


_noun.template(TEMPLATE, "add")
_noun.does(
    "add",
    "register_item",
    "Make the item in FILE known.",
    from_file(),
    build=lambda typed: request_in(typed, RegisterItemRequest()),
    said="registered {item_id}",
    example="add bell.yaml",
)
_noun.shows(
    "show",
    "get_item",
    "Print an item, as a file that `change` takes.",
    this("item_id", ITEM),
    as_of(),
    example="show 019aa0e5-0000-7000-8000-00000000000d > bell.yaml",
)
_noun.does(
    "change",
    "change_item",
    "Describe or price an item as FILE does: what `show` printed, changed. Drafts stay as they are.",
    from_file(),
    build=lambda typed: change_in(typed, ChangeItemRequest()),
    said="changed {item_id}",
    example="change bell.yaml",
)
_noun.does(
    "retire",
    "retire_item",
    "Have no new line take from an item; nobody can undo it.",
    this("item_id", ITEM),
    said="retired {item_id}",
    example="retire 019aa0e5-0000-7000-8000-00000000000d",
)
_noun.lists(
    "list",
    "list_items",
    "Print items, a line each, ids first.",
    text("--number", "number", "Only those with exactly this article number."),
    click.Option(["--retired", "retired"], is_flag=True, help="Those too that are retired."),
    as_of(),
    rows="items",
    line=_line,
    none="There is no such item; make one known with: tallystick items add FILE",
    example="list\nlist --number B-17",
)
