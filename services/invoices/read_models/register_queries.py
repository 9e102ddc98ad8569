"""Answers from the number register."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from services.invoices.domain.series import Counter, counter_id
from services.invoices.read_models.cells import Cells, SealedCell
from services.invoices.read_models.documents import INVOICES
from services.invoices.read_models.reading import Asked, Reader, Reading, Row
from services.invoices.read_models.register import NUMBERS, row_id
from services.invoices.read_models.versions import as_of, version_id
from shared.crypto.keyring import KeyShredded
from shared.eventstore.pool import Pool
from shared.eventstore.projection import ProjectionRunner

_FORGOTTEN = "forgotten"
_PAGE = f"""
    SELECT n.place, n.invoice_id::text, n.key::text, n.sealed,
        EXISTS (SELECT FROM numbers other WHERE other.tenant = n.tenant AND other.number_index = n.number_index
            AND other.since <= %(as_of)s AND (other.counter, other.place) <> (n.counter, n.place)),
        i.customer_id::text, i.state, i.since, i.key::text, i.sealed
    FROM numbers n LEFT JOIN invoices i ON i.tenant = n.tenant AND i.invoice_id = n.invoice_id AND {as_of("i")}
    WHERE n.tenant = %(tenant)s AND n.counter = %(counter)s AND n.place > %(page_after)s AND n.since <= %(as_of)s
    ORDER BY n.place LIMIT %(limit)s
"""  # noqa: S608 -- parts are this service's own
# How many of the log's numbers came later: those at the places from the first of them on.
_LATER = """
    SELECT min(place) FROM numbers WHERE tenant = %(tenant)s AND counter = %(counter)s AND since > %(as_of)s
"""
_CORRECTED = """
    SELECT c.invoice_id::text, n.counter::text, n.place, n.key::text, n.sealed
    FROM corrections c JOIN numbers n ON n.tenant = c.tenant AND n.invoice_id = c.corrected_by
    WHERE c.tenant = %(tenant)s AND c.invoice_id = ANY (%(invoice_ids)s::uuid[]) AND c.since <= %(as_of)s
    ORDER BY n.counter, n.place
"""
_REGISTERS = """
    SELECT counter::text, place, key::text, sealed, (SELECT count(*) FROM numbers each
        WHERE each.tenant = numbers.tenant AND each.counter = numbers.counter AND each.since <= %(as_of)s)
    FROM numbers WHERE tenant = %(tenant)s AND place = 1 AND since <= %(as_of)s
"""


@dataclass(frozen=True, slots=True)
class RegisterQueries:
    """Reads one tenant's numbers."""

    pool: Pool
    cells: Cells
    runner: ProjectionRunner

    @property
    def reader(self) -> Reader:
        """Return what reads rows as of a position."""
        return Reader(self.pool, self.cells, self.runner)

    def registers(self, tenant: str, after: int | None, as_of: int | None = None) -> list[dict[str, Any]]:
        """Return every counter that has numbers, and how many. Raises PublicError as `Reader.at`."""
        rows = self.reader.at(tenant, Asked(after, as_of)).look(_REGISTERS, {})
        found = [(self._number(tenant, *row[:4]), row[4]) for row in rows]
        registers = [
            {**{name: number[name] for name in ("series", "year") if name in number}, "taken": taken}
            for number, taken in found
        ]
        return sorted(registers, key=lambda each: (each["series"], each.get("year", 0)))

    def page(
        self,
        tenant: str,
        counter: Counter,
        *,
        first: int,
        taken: int,
        known: int,
        page_after: int,
        limit: int,
        as_of: int | None = None,
    ) -> dict[str, Any]:
        """Return a page, once the read model holds position `known`, at which the counter had given `taken` numbers.

        `first` is the counter's first number. What cannot be is a fault in the answer, and is shown as it is. Raises
        PublicError as `Reader.at`.
        """
        reading = self.reader.at(tenant, Asked(known, as_of))
        counter_key = counter_id(tenant, counter)
        asked = {"counter": counter_key, "page_after": page_after, "limit": limit + 1}
        rows = reading.look(_PAGE, asked)
        if as_of is not None:
            [(later,)] = reading.look(_LATER, asked)
            taken = taken if later is None else later - 1
        page = rows[:limit]
        corrected = self._corrected(reading, [row[1] for row in page])
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
        customer_id, state, since, key, sealed = row
        if customer_id is None:
            return {}
        with suppress(KeyShredded):
            place = version_id(invoice_id, since)
            brief = self.cells.open(INVOICES, tenant, place, SealedCell(key, sealed))
            return {
                "state": state,
                "customer_id": customer_id,
                **{name: brief[name] for name in ("customer_name", "currency", "payable")},
            }
        return {}

    def _corrected(self, reading: Reading, invoice_ids: Sequence[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for invoice_id, *cell in reading.look(_CORRECTED, {"invoice_ids": list(invoice_ids)}):
            found.setdefault(invoice_id, []).append(self._number(reading.tenant, *cell)["number"])
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
