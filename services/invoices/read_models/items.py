"""Items as a list: ids in the clear, everything else sealed for the business."""

import psycopg

from services.invoices.codec import written
from services.invoices.domain.events.items import Item, ItemEvent, ItemRegistered, ItemRetired
from services.invoices.read_models import search
from services.invoices.read_models.cells import Cells
from services.invoices.read_models.search import SearchIndex
from services.invoices.read_models.versions import Versions, version_id
from shared.eventstore.model import RecordedEvent

ITEMS = "items"

_VERSIONS = Versions(ITEMS, "item_id", ("position", "version", "retired", "number_index"))
_NO_NUMBER = b""


class ItemRows:
    """Part of the projection of invoices."""

    def __init__(self, cells: Cells, search: SearchIndex) -> None:
        self._cells, self._search = cells, search

    def apply(self, cursor: psycopg.Cursor, event: RecordedEvent, change: ItemEvent) -> None:
        """Change the item's row."""
        if isinstance(change, ItemRetired):
            self._retire(cursor, event, change.item_id)
            return
        item, tenant = change.item, event.tenant
        cell = self._cells.seal(ITEMS, tenant, version_id(item.item_id, event.position), event.key, written(item))
        if isinstance(change, ItemRegistered):
            values = (event.position, event.version, False, self._index(tenant, item))
            _VERSIONS.add(cursor, event, item.item_id, cell, *values)
        else:
            columns = {"version": event.version, "number_index": self._index(tenant, item)}
            _VERSIONS.change(cursor, event, item.item_id, cell, **columns)

    def _retire(self, cursor: psycopg.Cursor, event: RecordedEvent, item_id: str) -> None:
        standing = _VERSIONS.standing(cursor, event.tenant, item_id)
        if standing is not None:
            since, cell = standing
            said = self._cells.open(ITEMS, event.tenant, version_id(item_id, since), cell)
            cell = self._cells.seal(ITEMS, event.tenant, version_id(item_id, event.position), event.key, said)
            _VERSIONS.change(cursor, event, item_id, cell, version=event.version, retired=True)

    def _index(self, tenant: str, item: Item) -> bytes:
        return _NO_NUMBER if item.number is None else self._search.of(tenant, search.ITEM, item.number)
