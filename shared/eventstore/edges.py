"""Edges: the end of the tree that a command's first event makes, which is what the receipt in its reply is made of.

An append finds the tree as it was and answers with it (append.sql), so whoever appended has the edge already; it is
kept until it is asked for (`LogAccess.receipt`), a few hundred at most. The edge of the tree of a size never changes,
so one that was kept cannot be wrong. For a command that comes again it is read from the tiles.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from msgspec import structs
from psycopg.rows import args_row, scalar_row

from shared.eventstore.model import Edge, SealedEvent, StoredEvent
from shared.eventstore.queries import LEAF_HASHES, READ_EVENTS, TILE_ROOTS
from shared.eventstore.session import Statement
from shared.eventstore.tiles import EdgeTiles
from shared.merkle.tiles import WIDTH, Tile, TiledTree, edge_of

_KEPT = 512
_EVENT = READ_EVENTS + "WHERE tenant = %s AND position = %s"


class Edges:
    """Edges that came with appends and were not asked for yet; the oldest go first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, int], Edge] = OrderedDict()

    def appended(self, first: SealedEvent, position: int, leaf: bytes, before: Sequence[bytes]) -> None:
        """Keep the edge that the first event of an append made: its hash and the tree before it."""
        # A stored event that is appended anew has another place.
        last = StoredEvent(**structs.asdict(first) | {"position": position, "leaf_hash": leaf})
        with self._lock:
            self._kept[first.tenant, position + 1] = Edge(last, before)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)

    def take(self, tenant: str, size: int) -> Edge | None:
        """Return the edge if it was kept; it is not any more."""
        with self._lock:
            return self._kept.pop((tenant, size), None)


def edge_statements(tenant: str, size: int) -> list[Statement]:
    """Return what reads the edge of the tree of `size` events, for `edge_found`."""
    event = Statement(_EVENT, (tenant, size - 1), args_row(StoredEvent))
    return [event, *(_hashes_of(tenant, place) for place in edge_of(size))]


def edge_found(size: int, rows: Sequence[Sequence[Any]]) -> Edge | None:
    """Return the edge that these statements found; None when there are fewer events."""
    events, *tiles = rows
    if not events:
        return None
    tree = TiledTree(EdgeTiles(size, [b"".join(hashes) for hashes in tiles]), size)
    return Edge(events[0], tree.inclusion_proof(size - 1)[::-1])


def _hashes_of(tenant: str, tile: Tile) -> Statement:
    first, end = tile.index * WIDTH, tile.index * WIDTH + tile.width
    if tile.level == 0:
        return Statement(LEAF_HASHES, (tenant, first, end), scalar_row)
    return Statement(TILE_ROOTS, (tenant, tile.level - 1, first, end), scalar_row)
