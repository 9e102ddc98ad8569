"""Items as a list: ids in the clear, everything else sealed for the business."""

from dataclasses import dataclass
from typing import Any

import psycopg

from services.invoices.codec import written
from services.invoices.domain.events.items import Item, ItemEvent, ItemRetired
from services.invoices.read_models import search
from services.invoices.read_models.cells import Cells, SealedCell
from services.invoices.read_models.search import SearchIndex
from shared.eventstore.copies import fetch_live
from shared.eventstore.model import RecordedEvent
from shared.eventstore.pool import Pool
from shared.eventstore.projection import ProjectionRunner

ITEMS = "items"

_WAIT_SECONDS = 5.0
_PUT = """
    INSERT INTO items (tenant, item_id, position, version, retired, number_index, key, sealed)
    VALUES (%s, %s, %s, %s, false, %s, %s, %s)
    ON CONFLICT (tenant, item_id) DO UPDATE SET version = excluded.version, number_index = excluded.number_index,
        key = excluded.key, sealed = excluded.sealed
"""
_RETIRE = "UPDATE items SET retired = true, version = %s WHERE tenant = %s AND item_id = %s"
_PAGE = """
    SELECT position, item_id::text, version, retired, key::text, sealed FROM items
    WHERE tenant = %(tenant)s AND position > %(page_after)s
    AND (%(retired)s OR NOT retired) AND (%(number)s::bytea IS NULL OR number_index = %(number)s)
    ORDER BY position LIMIT %(limit)s
"""


class ItemRows:
    """Part of the projection of invoices."""

    def __init__(self, cells: Cells, search: SearchIndex) -> None:
        self._cells, self._search = cells, search

    def apply(self, cursor: psycopg.Cursor, event: RecordedEvent, change: ItemEvent) -> None:
        """Change the item's row."""
        if isinstance(change, ItemRetired):
            cursor.execute(_RETIRE, (event.version, event.tenant, change.item_id))
        else:
            self._put(cursor, event, change.item)

    def _put(self, cursor: psycopg.Cursor, event: RecordedEvent, item: Item) -> None:
        index = None if item.number is None else self._search.of(event.tenant, search.ITEM, item.number)
        cell = self._cells.seal(ITEMS, event.tenant, item.item_id, event.key, written(item))
        cursor.execute(_PUT, (event.tenant, item.item_id, event.position, event.version, index, cell.key, cell.sealed))


@dataclass(frozen=True, slots=True)
class ItemQueries:
    """Reads one tenant's items."""

    pool: Pool
    cells: Cells
    search: SearchIndex
    runner: ProjectionRunner
    projection: str
    """Which projection keeps the rows."""

    def page(
        self, tenant: str, *, number: str | None, retired: bool, after: int | None, page_after: int, limit: int
    ) -> dict[str, Any]:
        """Return items in the order of their registration, and where the next page begins when there is one.

        `number`: exactly this article number, case and white space aside. `retired`: those too. Raises PublicError
        read_model_behind.
        """
        if after is not None:
            self.runner.wait_for(tenant, self.projection, after, _WAIT_SECONDS)
        wanted = {
            "tenant": tenant,
            "number": None if number is None else self.search.of(tenant, search.ITEM, number),
            "retired": retired,
            "page_after": page_after,
            "limit": limit + 1,
        }
        rows = fetch_live(self.pool, self.projection, tenant, _PAGE, wanted)
        more = {"next_page": rows[limit - 1][0]} if len(rows) > limit else {}
        return {"items": [self._shown(tenant, row) for row in rows[:limit]], **more}

    def _shown(self, tenant: str, row: tuple[Any, ...]) -> dict[str, Any]:
        _, item_id, version, retired, key, sealed = row
        content = self.cells.open(ITEMS, tenant, item_id, SealedCell(key, sealed))
        particulars = {name: value for name, value in content.items() if name != "item_id"}
        return {"item_id": item_id, "version": version, "retired": retired, "particulars": particulars}
