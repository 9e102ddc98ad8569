"""A log in a database at hand, one that was just restored for instance, as verification reads it.

All goes over one connection, which answers one query at a time. The events of sixteen tiles come as one stream: the
server goes on sending while the client works, and a row costs half of what it costs in a page. Their tiles come at
once too, which saves a round trip for each.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, LiteralString, TypeVar

from psycopg import Connection
from psycopg.rows import RowFactory, args_row, scalar_row, tuple_row

from shared.eventstore.destructions import Destruction
from shared.eventstore.model import StoredEvent
from shared.eventstore.queries import HEAD, LEAF_HASHES, READ_EVENTS, TILE_ROOTS
from shared.eventstore.trust import claimed_checkpoint
from shared.merkle.checkpoint import Checkpoint
from shared.merkle.tiles import WIDTH
from shared.merkle.tree import Frontier

TILES_AHEAD = 16
"""Tiles that are read at once. Events are not: memory holds those of one tile, and of these when they have to wait."""
STREAMED_AT_ONCE = 64
"""Events that are taken from the connection at a time: few enough to stay in the processor's cache."""

Row = TypeVar("Row")

_EVENTS = READ_EVENTS + "WHERE tenant = %s AND position >= %s AND position < %s ORDER BY position"
_LAST = "SELECT coalesce(max(position), -1) FROM log.events WHERE tenant = %s"
_FULL_TILES = "SELECT index, hashes FROM log.tiles WHERE tenant = %s AND level = %s AND index >= %s AND index < %s"


class DatabaseLog:
    """A `LogCopy` of all that the database holds of a tenant's log, while nothing is appended to it.

    The connection is in a transaction that sees the tenant's rows, and is not used otherwise until `close`.
    """

    def __init__(self, connection: Connection[Any], note: str) -> None:
        """`note`: the checkpoint that the log has to have. Raises CopyUnreadable, psycopg.Error."""
        self._connection, self._note = connection, note
        self._checkpoint = claimed_checkpoint(note)
        self._tiles: dict[int, bytes] = {}
        self._stream: Iterator[StoredEvent] = iter(())
        self._next, self._stop = -1, -1
        [stored] = self._ask(_LAST, (), scalar_row)
        self.first = 0
        # What the checkpoint counts is asked for even where it is missing, and so is what stands behind it.
        self.last = max(self._checkpoint.size - 1, stored)

    def note(self) -> str:
        """Return the checkpoint."""
        return self._note

    def read(self, level: int, index: int, width: int) -> bytes:
        """Return the first `width` hashes of a tile, fewer when the database does not have them; psycopg.Error."""
        if width == WIDTH:
            if level:
                return self._full_tiles(level, index, 1).get(index, b"")
            if index not in self._tiles:
                self._tiles = self._full_tiles(level, index, TILES_AHEAD)
            return self._tiles.pop(index, b"")
        places = index * WIDTH, index * WIDTH + width
        if level:
            return b"".join(self._ask(TILE_ROOTS, (level - 1, *places), scalar_row))
        return b"".join(self._ask(LEAF_HASHES, places, scalar_row))

    def events(self, first: int, last: int) -> Sequence[StoredEvent]:
        """Return the events at these positions, all of one tile; raises psycopg.Error."""
        if first != self._next:
            self.close()
            self._stop = first + TILES_AHEAD * WIDTH
            self._stream = self._streamed(first, self._stop)
        page = list(islice(self._stream, last - first + 1))
        self._next = last + 1 if last + 1 < self._stop else -1
        if page and page[-1].position > last:
            # Rows are missing, and later ones came in their stead: they are asked for anew in their turn.
            self._next = -1
            page = [event for event in page if event.position <= last]
        return page

    def contradictions(self, checkpoint: Checkpoint) -> Iterator[str]:
        """Yield where the head, from which the log grows, does not belong to the checkpoint; raises psycopg.Error."""
        size, frontier = next(iter(self._ask(HEAD, (), tuple_row)), (0, ()))
        try:
            root = Frontier(size, tuple(frontier)).root()
        except ValueError as error:
            yield f"the head of the log is none: {error}"
            return
        if (size, root) != (checkpoint.size, checkpoint.root):
            yield f"the head of the log is of {size} events with root {root.hex()}, not that of the checkpoint"

    def destructions(self) -> Sequence[Destruction]:
        """Return nothing: all that the database holds is in the range."""
        return ()

    def surplus(self) -> int | None:
        """Return None: what stands behind the head is in the range."""
        return None

    def close(self) -> None:
        """Take over what is still on its way: the connection is free again. The log can still be read."""
        self._stream = iter(list(self._stream))

    def _full_tiles(self, level: int, index: int, count: int) -> dict[int, bytes]:
        return dict(self._ask(_FULL_TILES, (level, index, index + count), tuple_row))

    def _streamed(self, first: int, stop: int) -> Iterator[StoredEvent]:
        with self._connection.cursor(binary=True, row_factory=args_row(StoredEvent)) as cursor:
            yield from cursor.stream(_EVENTS, (self._tenant, first, stop), size=STREAMED_AT_ONCE)

    def _ask(self, query: LiteralString, values: Sequence[object], row_factory: RowFactory[Row]) -> list[Row]:
        self.close()
        with self._connection.cursor(binary=True, row_factory=row_factory) as cursor:
            return cursor.execute(query, (self._tenant, *values)).fetchall()

    @property
    def _tenant(self) -> str:
        return self._checkpoint.origin.rpartition("/")[2]
