"""What a CSV says, worked out without the importer: the other side of the auditor's comparison.

Deliberately a second, plainer reading of the same rules. It shares the mapping file with the importer (the question is
the same) and no code (the answers must not agree by construction).
"""

import csv
import lzma
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

CENT = Decimal("0.01")


@dataclass
class Expected:
    """Figures of a file's first documents."""

    rows: int = 0
    rows_taken: int = 0
    invoices: set[str] = field(default_factory=set)
    credit_notes: set[str] = field(default_factory=set)
    net_by_customer: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    @property
    def sum_net(self) -> Decimal:
        """Sum of all line net amounts, credit notes negative."""
        return sum(self.net_by_customer.values(), Decimal("0.00"))


def expect(data: Path, mapping_file: Path, limit: int | None) -> Expected:
    """Compute the figures of the first `limit` distinct document numbers (all when None)."""
    mapping = yaml.safe_load(mapping_file.read_text("utf-8"))
    column = mapping["columns"]
    expected, numbers, owner = Expected(), set[str](), dict[str, str]()
    for row in _rows(data):
        number = (row[column["invoice"]] or "").strip()
        if number not in numbers and limit is not None and len(numbers) == limit:
            continue
        numbers.add(number)
        expected.rows += 1
        sign = _sign(number, mapping)
        amount = _net(row, mapping, sign)
        customer = (row[column["customer"]] or "").strip()
        if amount is None or not customer or owner.setdefault(number, customer) != customer:
            continue
        expected.rows_taken += 1
        (expected.invoices if sign > 0 else expected.credit_notes).add(number)
        expected.net_by_customer[customer] += amount
    return expected


def _rows(data: Path) -> Iterator[dict[str, str]]:
    opener = lzma.open if data.suffix == ".xz" else open
    with opener(data, "rt", encoding="utf-8-sig", newline="") as stream:
        yield from csv.DictReader(stream)


def _sign(number: str, mapping: dict[str, Any]) -> int:
    if re.fullmatch(mapping["invoice_number"], number):
        return 1
    return -1 if re.fullmatch(mapping["credit_note_number"], number) else 0


def _net(row: dict[str, str], mapping: dict[str, Any], sign: int) -> Decimal | None:
    """Return the row's net amount, negative for a credit note, or None where the row cannot count."""
    value = {name: (row.get(column) or "").strip() for name, column in mapping["columns"].items()}
    try:
        quantity, price = Decimal(value["quantity"]), Decimal(value["unit_price"])
        datetime.strptime(value["date"], mapping["date_format"])  # noqa: DTZ007 - only asks whether it is a date
    except (InvalidOperation, ValueError):
        return None
    counts = (
        None not in row
        and sign != 0
        and quantity * sign > 0
        and price > 0
        and value["description"] not in ("", "?")
        and value["country"] in mapping["countries"]
    )
    return (quantity * price).quantize(CENT, ROUND_HALF_UP) if counts else None
