"""In which order lists of documents can be, and by what: sealed values are compared after they were opened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import total_ordering
from typing import Any

from services.invoices.read_models import search

Key = tuple[Any, ...]
"""Whether the value is missing, the value (text or number), the place: JSON values, as pages name them."""
_Value = Callable[[Mapping[str, Any], int | None], str | int | None]

DRAFTED = "drafted"
VALUES: Mapping[str, _Value] = {
    DRAFTED: lambda _, __: 0,
    "issued": lambda _, issued: issued,
    "number": lambda brief, _: brief.get("number"),
    "issue_date": lambda brief, _: brief["issue_date"],
    "due_date": lambda brief, _: brief["due_date"],
    "payable": lambda brief, _: brief["payable"],
    "customer_name": lambda brief, _: search.normal(brief["customer_name"]),
}
_TYPES: Mapping[str, type] = {DRAFTED: int, "issued": int}
_AMOUNT = "payable"


@total_ordering
@dataclass(frozen=True, slots=True)
class _Backwards:
    value: Any

    def __lt__(self, other: "_Backwards") -> bool:
        return bool(other.value < self.value)


@dataclass(frozen=True, slots=True)
class Order:
    """By which value, and in which direction; documents without a value come last in both.

    Equal values are in the order of drafting.
    """

    by: str = DRAFTED
    backwards: bool = False

    @property
    def what(self) -> str:
        """Return how pages name it."""
        return f"{self.by}{'-' if self.backwards else '+'}"

    @property
    def kinds(self) -> tuple[type, ...]:
        """Return the types of a key."""
        return bool, _TYPES.get(self.by, str), int

    def key(self, brief: Mapping[str, Any], position: int, issued: int | None) -> Key:
        """Return the key of a document as JSON values."""
        value = VALUES[self.by](brief, issued)
        nothing = 0 if self.kinds[1] is int else ""
        return value is None, nothing if value is None else value, position

    def rank(self, key: Key) -> Key:
        """Return what keys compare by in this order."""
        missing, value, position = key
        if self.by == _AMOUNT:
            value = Decimal(value)
        if not self.backwards:
            return key[0], value, position
        return missing, _Backwards(value), -position if self.by == DRAFTED else position


BY_DRAFTING = Order()
