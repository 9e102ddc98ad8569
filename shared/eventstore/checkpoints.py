"""Signed checkpoints that were given out: kept, so that what a log once said about itself can be held against it."""

from typing import Protocol

from shared.eventstore.pool import Pool

_KEEP = "INSERT INTO log.checkpoints (tenant, size, note) VALUES (%s, %s, %s) ON CONFLICT (tenant, size) DO NOTHING"
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
        with self._pool.connection() as connection:
            row = connection.execute(_KEPT, (tenant, size)).fetchone()
        return None if row is None else str(row[0])

    def keep(self, tenant: str, size: int, note: str) -> str:
        """Keep a note; the first one for a size stays. Return the one that is kept."""
        with self._pool.connection() as connection:
            connection.execute(_KEEP, (tenant, size, note))
            # A statement of its own: in one, a note that another call keeps at this moment would not be seen.
            row = connection.execute(_KEPT, (tenant, size)).fetchone()
        if row is None:
            raise RuntimeError("a note that was kept is not there")
        return str(row[0])
