"""Versions of rows: what was so from one position of the log to the next change, so that it can be asked for again.

A change closes the version that stands and adds the next one, in one statement. Which version counts as of a position
is one condition, the same for the present and for the past (`as_of`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from services.invoices.read_models.cells import SealedCell
from shared.eventstore.following import row_found
from shared.eventstore.model import RecordedEvent


def as_of(alias: str) -> str:
    """Return the condition that picks the version of a row that stood at the position `as_of`."""
    return f"{alias}.since <= %(as_of)s AND ({alias}.until IS NULL OR {alias}.until > %(as_of)s)"


def version_id(row_id: str, since: int) -> str:
    """Return what binds a cell to its version of its row: an earlier one in its place does not open."""
    return f"{row_id}/{since}"


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of one table's rows; each statement is about the rows of one business."""

    table: str
    row: str
    """The column with the row's id."""
    kept: Sequence[str]
    """Columns that a change leaves as they are, unless it gives a new value."""

    def standing(self, cursor: psycopg.Cursor, tenant: str, row_id: str) -> tuple[int, SealedCell] | None:
        """Return since when the present version stands, and its cell; None when there is none."""
        query = (
            f"SELECT since, key::text, sealed FROM {self.table} "  # noqa: S608 -- names from this service's code
            f"WHERE tenant = %s AND {self.row} = %s AND until IS NULL"
        )
        row = row_found(cursor, query.encode(), (tenant, row_id))
        return None if row is None else (row[0], SealedCell(row[1], row[2]))

    def add(self, cursor: psycopg.Cursor, event: RecordedEvent, row_id: str, cell: SealedCell, *values: object) -> None:
        """Add the first version; `values` in the order of `kept`."""
        columns = ", ".join(("tenant", self.row, "since", "key", "sealed", *self.kept))
        places = ", ".join(["%s"] * (5 + len(self.kept)))
        query = f"INSERT INTO {self.table} ({columns}) VALUES ({places})"  # noqa: S608 -- as above
        cursor.execute(query.encode(), (event.tenant, row_id, event.position, cell.key, cell.sealed, *values))

    def change(
        self, cursor: psycopg.Cursor, event: RecordedEvent, row_id: str, cell: SealedCell, **values: object
    ) -> None:
        """Close the version that stands and add the next one; without one that stands nothing happens."""
        kept = ", ".join(self.kept)
        chosen = ", ".join(f"coalesce(%({name})s, {name})" if name in values else name for name in self.kept)
        query = (
            f"WITH closed AS (UPDATE {self.table} SET until = %(at)s "  # noqa: S608 -- as above
            f"WHERE tenant = %(tenant)s AND {self.row} = %(id)s AND until IS NULL RETURNING {kept}) "
            f"INSERT INTO {self.table} (tenant, {self.row}, since, key, sealed, {kept}) "
            f"SELECT %(tenant)s::uuid, %(id)s::uuid, %(at)s, %(key)s::uuid, %(sealed)s, {chosen} FROM closed"
        )
        place = {"tenant": event.tenant, "id": row_id, "at": event.position}
        cursor.execute(query.encode(), {**place, "key": cell.key, "sealed": cell.sealed, **values})
