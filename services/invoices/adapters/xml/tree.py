"""XML as nested calls: what has nothing in it is not written.

The tree is the standard library's, which escapes every text and attribute; prefixes are written as they are and
declared once, on the root. It writes neither time nor order of its own: equal trees give equal bytes.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element, tostring

Node = Element | None
"""An element; None is one that is left out."""

_CENTS = Decimal("0.01")


def branch(tag: str, *children: Node) -> Node:
    """Return an element around `children`; None when all of them are left out."""
    there = [child for child in children if child is not None]
    if not there:
        return None
    element = Element(tag)
    element.extend(there)
    return element


def always(tag: str, *children: Node) -> Node:
    """Return an element around `children`, empty when all of them are left out: some schemas want it nevertheless."""
    element = Element(tag)
    element.extend(child for child in children if child is not None)
    return element


def leaf(tag: str, text: str | None, **attributes: str | None) -> Node:
    """Return an element with a text; None when there is no text. An attribute that is None is left out."""
    if not text:
        return None
    element = Element(tag, {name: value for name, value in attributes.items() if value is not None})
    element.text = text
    return element


def document(tag: str, namespaces: Mapping[str, str], *children: Node) -> bytes:
    """Return a whole XML document in UTF-8; `namespaces` by prefix, the default one under the empty prefix."""
    declared = {f"xmlns:{prefix}" if prefix else "xmlns": uri for prefix, uri in namespaces.items()}
    root = Element(tag, declared)
    root.extend(child for child in children if child is not None)
    content: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return content


def amount(value: Decimal) -> str:
    """Write an amount with two decimals; what has more keeps them, and the rules refuse it (BR-DEC)."""
    return f"{value:.2f}" if value == value.quantize(_CENTS) else number(value)


def number(value: Decimal) -> str:
    """Write a quantity, price or rate without exponent and padding: 19 and 19.00 are equal and give equal bytes."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def yes_or_no(value: object) -> str:
    """Write a truth value as XML Schema does."""
    return "true" if value else "false"


def iso_day(day: date | None) -> str | None:
    """Write a day as `2026-11-22`."""
    return None if day is None else day.isoformat()
