"""Answers from the number register."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg

from services.invoices.domain.series import Counter, counter_id
from services.invoices.read_models.cells import Cells, SealedCell
from services.invoices.read_models.invoices import INVOICES, NAME
from services.invoices.read_models.register import NUMBERS, row_id
from shared.crypto.keyring import KeyShredded
from shared.eventstore.copies import live_session
from shared.eventstore.pool import Pool
from shared.eventstore.projection import ProjectionRunner

Row = tuple[Any, ...]

_WAIT_SECONDS = 5.0
_FORGOTTEN = "forgotten"
_PAGE = """
    SELECT n.place, n.invoice_id::text, n.key::text, n.sealed,
        EXISTS (SELECT FROM numbers other WHERE other.tenant = n.tenant AND other.number_index = n.number_index
            AND (other.counter, other.place) <> (n.counter, n.place)),
        i.customer_id::text, i.state, i.key::text, i.sealed
    FROM numbers n LEFT JOIN invoices i USING (tenant, invoice_id)
    WHERE n.tenant = %s AND n.counter = %s AND n.place > %s ORDER BY n.place LIMIT %s
"""
_CORRECTED = """
    SELECT c.invoice_id::text, n.counter::text, n.place, n.key::text, n.sealed
    FROM corrections c JOIN numbers n ON n.tenant = c.tenant AND n.invoice_id = c.corrected_by
    WHERE c.tenant = %s AND c.invoice_id = ANY (%s::uuid[]) ORDER BY n.counter, n.place
"""
_REGISTERS = """
    SELECT counter::text, place, key::text, sealed, (SELECT count(*) FROM numbers each
        WHERE each.tenant = numbers.tenant AND each.counter = numbers.counter)
    FROM numbers WHERE tenant = %s AND place = 1
"""


@dataclass(frozen=True, slots=True)
class RegisterQueries:
    """Reads one tenant's numbers."""

    pool: Pool
    cells: Cells
    runner: ProjectionRunner

    def registers(self, tenant: str, after: int | None) -> list[dict[str, Any]]:
        """Return every counter that has numbers, and how many. Raises PublicError read_model_behind."""
        if after is not None:
            self.runner.wait_for(tenant, NAME, after, _WAIT_SECONDS)
        with live_session(self.pool, NAME, tenant) as connection:
            rows = connection.execute(_REGISTERS, (tenant,)).fetchall()
        found = [(self._number(tenant, *row[:4]), row[4]) for row in rows]
        registers = [
            {**{name: number[name] for name in ("series", "year") if name in number}, "taken": taken}
            for number, taken in found
        ]
        return sorted(registers, key=lambda each: (each["series"], each.get("year", 0)))

    def page(
        self, tenant: str, counter: Counter, *, first: int, taken: int, known: int, page_after: int, limit: int
    ) -> dict[str, Any]:
        """Return a page, once the read model holds position `known`, at which the counter had given `taken` numbers.

        `first` is the counter's first number. What cannot be is a fault in the answer, and is shown as it is. Raises
        PublicError read_model_behind.
        """
        self.runner.wait_for(tenant, NAME, known, _WAIT_SECONDS)
        counter_key = counter_id(tenant, counter)
        with live_session(self.pool, NAME, tenant) as connection:
            rows = connection.execute(_PAGE, (tenant, counter_key, page_after, limit + 1)).fetchall()
            page = rows[:limit]
            corrected = self._corrected(connection, tenant, [row[1] for row in page])
        numbers = [self._shown(tenant, counter_key, row, corrected.get(row[1], [])) for row in page]
        doubles = {row[0] for row in page if row[4]}
        more = len(rows) > limit
        last = page[-1][0] if more else max(taken, page_after)
        return {
            "numbers": numbers,
            "taken": taken,
            "faults": faults(numbers, doubles, range(page_after + 1, last + 1), first),
            **({"next_page": numbers[-1]["place"]} if more else {}),
        }

    def _shown(self, tenant: str, counter: str, row: Row, corrected_by: Sequence[str]) -> dict[str, Any]:
        place, invoice_id, key, sealed, _, *invoice = row
        number = self._number(tenant, counter, place, key, sealed)
        return {
            **{name: value for name, value in number.items() if name not in {"series", "year"}},
            "place": place,
            "invoice_id": invoice_id,
            "state": _FORGOTTEN,
            **({"corrected_by": list(corrected_by)} if corrected_by else {}),
            **self._document(tenant, invoice_id, invoice),
        }

    def _document(self, tenant: str, invoice_id: str, row: Sequence[Any]) -> dict[str, Any]:
        """Return what is about the customer; nothing when they were forgotten, also while the rows are going."""
        customer_id, state, key, sealed = row
        if customer_id is None:
            return {}
        with suppress(KeyShredded):
            content = self.cells.open(INVOICES, tenant, invoice_id, SealedCell(key, sealed))
            return {
                "state": state,
                "customer_id": customer_id,
                "customer_name": content["customer_name"],
                "currency": content["content"]["currency"],
                "payable": content["totals"]["payable"],
            }
        return {}

    def _corrected(
        self, connection: psycopg.Connection, tenant: str, invoice_ids: Sequence[str]
    ) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for invoice_id, *cell in connection.execute(_CORRECTED, (tenant, list(invoice_ids))).fetchall():
            found.setdefault(invoice_id, []).append(self._number(tenant, *cell)["number"])
        return found

    def _number(self, tenant: str, counter: str, place: int, key: str, sealed: bytes) -> dict[str, Any]:
        return self.cells.open(NUMBERS, tenant, row_id(counter, place), SealedCell(key, sealed))


def faults(
    numbers: Sequence[dict[str, Any]], doubles: Iterable[int], places: range, first: int
) -> list[dict[str, Any]]:
    """Return what is wrong with numbers that should be at these places, in order."""
    there = {number["place"]: number["sequence"] for number in numbers}
    wrong = [(place, "missing") for place in places if place not in there]
    wrong += [(place, "misnumbered") for place, sequence in there.items() if sequence != first - 1 + place]
    wrong += [(place, "double") for place in doubles]
    return [{"place": place, "kind": kind} for place, kind in sorted(wrong)]
