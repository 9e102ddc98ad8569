"""The rows of the number register: every number that was taken, and which documents come after which."""

from collections.abc import Iterable

import psycopg

from services.invoices.domain.events import Issued, NumberTaken
from services.invoices.domain.series import counter_of
from services.invoices.read_models import search
from services.invoices.read_models.cells import Cells
from services.invoices.read_models.search import SearchIndex
from shared.eventstore.model import RecordedEvent

NUMBERS = "numbers"

_TAKE = """
    INSERT INTO numbers (tenant, counter, place, since, invoice_id, number_index, key, sealed)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
_CORRECT = """
    INSERT INTO corrections (tenant, invoice_id, corrected_by, since, customer_id) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT DO NOTHING
"""


class RegisterRows:
    """Part of the projection of invoices, whose rows the register shows as well."""

    def __init__(self, cells: Cells, search: SearchIndex) -> None:
        self._cells, self._search = cells, search

    def take(self, cursor: psycopg.Cursor, event: RecordedEvent, taken: NumberTaken) -> None:
        """Write a number down at its place; sealed for the tenant, as its event is, it outlives the customer."""
        number, counter = taken.number, counter_of(event.stream)
        content = {
            "number": number.number,
            "series": number.series,
            "sequence": number.sequence,
            **({} if number.year is None else {"year": number.year}),
            "document_type": taken.document_type.value,
            "issue_date": taken.issue_date.isoformat(),
            "taken_at": event.at,
        }
        cell = self._cells.seal(NUMBERS, event.tenant, row_id(counter, event.version), event.key, content)
        index = self._search.of(event.tenant, search.NUMBER, number.number)
        place = (event.tenant, counter, event.version, event.position)
        row = (*place, taken.invoice_id, index, cell.key, cell.sealed)
        cursor.execute(_TAKE, row)

    @staticmethod
    def correct(cursor: psycopg.Cursor, event: RecordedEvent, issued: Issued, preceding: Iterable[str]) -> None:
        """Note which documents of this business an issued one comes after."""
        for earlier in preceding:
            row = (event.tenant, earlier, issued.invoice_id, event.position, issued.customer.customer_id)
            cursor.execute(_CORRECT, row)


def row_id(counter: str, place: int) -> str:
    """Return what binds a cell to its row."""
    return f"{counter}/{place}"
