"""Reading: every answer is as of a position of the log, the present one where no other was asked for.

What stood at a position never changes again (but for forgetting), so an answer may be put together from several looks:
no transaction stays open and no connection is held while cells are opened, and pages that follow one another fit.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString

from psycopg.rows import scalar_row

from services.invoices.domain import refusals
from services.invoices.read_models.cells import Cells
from services.invoices.read_models.invoices import NAME
from services.invoices.read_models.versions import version_id
from shared.eventstore.copies import SETTLED, fetch_live, fetch_settled
from shared.eventstore.pool import Pool
from shared.eventstore.projection import ProjectionRunner
from shared.eventstore.session import Statement, fetch_bound

Row = tuple[Any, ...]

_WAIT_SECONDS = 5.0
_LOOK = 1000
"""Rows of one look."""
_FIRST_LOOK = 200
_SIZE: Final[LiteralString] = "SELECT size FROM log.heads WHERE tenant = %s"
_AS_OF = "%(as_of)s"


@dataclass(frozen=True, slots=True)
class Asked:
    """When an answer is about."""

    after: int | None = None
    """Wait until the read model holds this position: the caller's own write is in the answer."""
    as_of: int | None = None
    """Answer as it would have been when the log ended with this position; None: as it is now."""


NOW = Asked()


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the rows of one projection's read models, of one business at a time."""

    pool: Pool
    cells: Cells
    runner: ProjectionRunner

    def at(self, tenant: str, asked: Asked) -> "Reading":
        """Begin an answer; PublicError position_unknown, read_model_behind."""
        if asked.as_of is not None and asked.as_of >= (size := self._size(tenant)):
            raise refusals.position_unknown(size)
        for position in (asked.after, asked.as_of):
            if position is not None:
                self.runner.wait_for(tenant, NAME, position, _WAIT_SECONDS)
        return Reading(self, tenant, asked.as_of)

    def _size(self, tenant: str) -> int:
        rows = fetch_bound(self.pool, tenant, _SIZE, (tenant,), scalar_row)
        return int(rows[0]) if rows else 0


class Reading:
    """One answer's looks at the rows; all of them are as of the same position."""

    def __init__(self, reader: Reader, tenant: str, as_of: int | None) -> None:
        self._reader, self.tenant, self._as_of = reader, tenant, as_of

    @property
    def cells(self) -> Cells:
        """Return what opens the rows' cells; use it after a look, never within one: it may take a connection too."""
        return self._reader.cells

    @property
    def as_of(self) -> int:
        """Return the position that the answer is as of, -1 for an empty log; the first look settles it."""
        if self._as_of is None:
            self.look("SELECT WHERE false", {})
        return -1 if self._as_of is None else self._as_of

    def look(self, query: str, asked: Mapping[str, object]) -> list[Row]:
        """Return all rows of a query, which is given `tenant` and `as_of` besides what it asks."""
        pool, tenant = self._reader.pool, self.tenant
        given = {**asked, "tenant": tenant, "as_of": self._as_of}
        if self._as_of is not None:
            return fetch_live(pool, NAME, tenant, query.encode(), given)
        # A first look is as of the present, which is settled in the same round trip.
        present = Statement(query.replace(_AS_OF, SETTLED).encode(), given)
        self._as_of, (rows,) = fetch_settled(pool, NAME, tenant, present)
        return rows

    def walk(
        self, query: str, asked: Mapping[str, object], *, backwards: bool = False, first: int = _FIRST_LOOK
    ) -> Iterator[Sequence[Row]]:
        """Yield the rows of a query in portions; its first column is a place by which it is ordered and goes on.

        The query takes rows beyond `beyond`, at most `most`, and says `ORDER BY` in the direction meant. `first`: the
        rows of the first portion, when it is known how many may be enough.
        """
        most, beyond = first, asked.get("beyond", 2**62 if backwards else -1)
        while True:
            rows = self.look(query, {**asked, "beyond": beyond, "most": most})
            yield rows
            if len(rows) < most:
                return
            beyond, most = rows[-1][0], _LOOK

    def opened(
        self, table: str, rows: Sequence[Row], cell: Callable[[Row], Row]
    ) -> Iterator[tuple[Row, dict[str, Any]]]:
        """Yield rows with what their cells hold; `cell` returns row id, since when, key and sealed content.

        Rows whose key was destroyed and that have not gone yet are left out.
        """
        placed = [cell(row) for row in rows]
        cells = [(version_id(row_id, since), key, sealed) for row_id, since, key, sealed in placed]
        for row, content in zip(rows, self.cells.open_each(table, self.tenant, cells), strict=True):
            if content is not None:
                yield row, content
