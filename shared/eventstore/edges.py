"""Edges read ahead: the end of the tree that a command's first event makes, read in the same round trip as the append.

A command's reply carries the receipt of that event (`LogAccess.receipt`), which would be a round trip of its own. Where
the event will land is known from the look that the command was decided on, unless somebody else appends in between;
then what was read is not used, and the edge is read as always. The edge of the tree of a size never changes, so one
that was kept cannot be wrong; it is kept until it is asked for, and a few hundred at most.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import Any, Generic, TypeVar

from psycopg.rows import args_row, scalar_row

from shared.eventstore.model import Edge, StoredEvent
from shared.eventstore.queries import LEAF_HASHES, READ_EVENTS, TILE_ROOTS
from shared.eventstore.session import Statement
from shared.merkle.tiles import WIDTH, Tile, edge_of

_KEPT = 512
_EVENT = READ_EVENTS + "WHERE tenant = %s AND position = %s"
_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")


class EdgesAhead:
    """What the process knows of where logs will go on, and edges that were read before they were asked for."""

    def __init__(self) -> None:
        self._sizes, self._edges = _Few[str, int](), _Few[tuple[str, int], Edge]()

    def seen(self, tenant: str, size: int) -> None:
        """Remember how long a log was when a command was decided on."""
        self._sizes.put(tenant, size)

    def next(self, tenant: str) -> int | None:
        """Return how long the log is with the next event, once for each look; None: nobody looked."""
        size = self._sizes.take(tenant)
        return None if size is None else size + 1

    def keep(self, tenant: str, size: int, edge: Edge | None) -> None:
        """Keep the edge of the tree of so many events."""
        if edge is not None:
            self._edges.put((tenant, size), edge)

    def take(self, tenant: str, size: int) -> Edge | None:
        """Return the edge if it was kept; it is not any more."""
        return self._edges.take((tenant, size))


def edge_statements(tenant: str, size: int) -> list[Statement]:
    """Return what reads the edge of the tree of `size` events, for `edge_found`."""
    event = Statement(_EVENT, (tenant, size - 1), args_row(StoredEvent))
    return [event, *(_hashes_of(tenant, place) for place in edge_of(size))]


def edge_found(rows: Sequence[Sequence[Any]]) -> Edge | None:
    """Return the edge that these statements found; None when there are fewer events."""
    events, *tiles = rows
    return Edge(events[0], [b"".join(hashes) for hashes in tiles]) if events else None


def _hashes_of(tenant: str, tile: Tile) -> Statement:
    first, end = tile.index * WIDTH, tile.index * WIDTH + tile.width
    if tile.level == 0:
        return Statement(LEAF_HASHES, (tenant, first, end), scalar_row)
    return Statement(TILE_ROOTS, (tenant, tile.level - 1, first, end), scalar_row)


class _Few(Generic[_Key, _Value]):
    """A bounded dictionary whose entries are taken out once; the oldest go first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: OrderedDict[_Key, _Value] = OrderedDict()

    def put(self, key: _Key, value: _Value) -> None:
        with self._lock:
            self._entries[key] = value
            self._entries.move_to_end(key)
            if len(self._entries) > _KEPT:
                self._entries.popitem(last=False)

    def take(self, key: _Key) -> _Value | None:
        with self._lock:
            return self._entries.pop(key, None)
