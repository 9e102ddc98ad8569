"""Days as CII writes them."""

from datetime import date

from services.invoices.adapters.xml.tree import Node, leaf

_YEAR_MONTH_DAY = "102"
"""UNTDID 2379: YYYYMMDD."""


def moment(day: date | None, prefix: str = "udt") -> Node:
    """Return a day as `20261122`; the prefix is that of the data type which the schema wants at that place."""
    text = None if day is None else day.strftime("%Y%m%d")
    return leaf(f"{prefix}:DateTimeString", text, format=_YEAR_MONTH_DAY)


def day(day: date | None) -> Node:
    """Return a day where the schema has no time beside it."""
    return leaf("udt:DateString", None if day is None else day.strftime("%Y%m%d"), format=_YEAR_MONTH_DAY)
