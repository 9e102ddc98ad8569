"""Signed checkpoints that were given out: kept, so that what a log once said about itself can be held against it."""

from typing import Protocol

from psycopg.rows import scalar_row

from shared.eventstore.pool import Pool
from shared.eventstore.session import fetch_bound

_KEEP = "SELECT log.keep_checkpoint(%s, %s, %s)"
_KEPT = "SELECT note FROM log.checkpoints WHERE tenant = %s AND size = %s"


class CheckpointStore(Protocol):
    """Keeps one signed note per tenant and tree size."""

    def kept(self, tenant: str, size: int) -> str | None:
        """Return the note that was signed for this size, or None."""
        ...

    def keep(self, tenant: str, size: int, note: str) -> str:
        """Keep a note; the first one for a size stays. Return the one that is kept."""
        ...


class InMemoryCheckpointStore:
    """A `CheckpointStore` for tests."""

    def __init__(self) -> None:
        self._notes: dict[tuple[str, int], str] = {}

    def kept(self, tenant: str, size: int) -> str | None:
        """Return the note that was signed for this size, or None."""
        return self._notes.get((tenant, size))

    def keep(self, tenant: str, size: int, note: str) -> str:
        """Keep a note; the first one for a size stays. Return the one that is kept."""
        return self._notes.setdefault((tenant, size), note)


class PostgresCheckpointStore:
    """A `CheckpointStore` over one service's database: rows can be added and never changed."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def kept(self, tenant: str, size: int) -> str | None:
        """Return the note that was signed for this size, or None."""
        notes = fetch_bound(self._pool, tenant, _KEPT, (tenant, size), scalar_row)
        return str(notes[0]) if notes else None

    def keep(self, tenant: str, size: int, note: str) -> str:
        """Keep a note; the first one for a size stays. Return the one that is kept.

        The database refuses a size that its log has not reached: psycopg.Error.
        """
        with self._pool.connection() as connection:
            (kept,) = connection.execute(_KEEP, (tenant, size, note)).fetchone() or (None,)
        return str(kept)
