"""Rebuilding a read model beside the live one: nobody waits, nothing is lost when it is killed.

The idle copy is emptied and filled from the whole log while queries go on reading the live one, which goes on
following. When the two are level they swap in one transaction. Killed at any moment before that, the live copy is as
it was, and the next rebuild starts with an empty copy again. A swap never takes a tenant back: it is refused when the
new copy stopped at an event that the live one has passed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import structlog

from shared.eventstore import halts
from shared.eventstore.copies import IdleCopy, RebuildOvertaken, RebuildRefused, enter_copy, other
from shared.eventstore.following import BATCH, Follower, Projection
from shared.eventstore.halts import Poison
from shared.eventstore.log import TenantLog
from shared.eventstore.pool import Pool

__all__ = ["Progress", "Rebuild", "RebuildRefused", "RebuildRunning", "RebuildStopped", "show_nothing"]

Progress = Callable[[int, int], None]
"""Is told how many positions are done, and of how many."""

_ONLY_ONE = "SELECT pg_try_advisory_lock(hashtextextended('rebuild ' || %s, 0))"
_LET_GO = "SELECT pg_advisory_unlock(hashtextextended('rebuild ' || %s, 0))"
_KNOW = "INSERT INTO read.projections (projection, live, generation) VALUES (%s, 'read_a', 0) ON CONFLICT DO NOTHING"
_IN_SHAPE = "SELECT live, read.first_copy() FROM read.projections WHERE projection = %s"
_BEGIN = """
    UPDATE read.projections SET generation = generation + 1 WHERE projection = %s
    RETURNING live, generation, read.first_copy()
"""
_FORGET = "DELETE FROM projection_checkpoints WHERE projection = %s"
_TOTAL = "SELECT coalesce(sum(size), 0)::bigint FROM log.heads"
# Queries that began before hold the lock for milliseconds; those that come meanwhile queue behind this one, so it gives
# up soon and tries again rather than make them wait for one that is slow.
_PATIENCE = "SELECT set_config('lock_timeout', '2s', true)"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('projection ' || %s, 0))"
_TAKEN_BACK = """
    SELECT l.tenant::text FROM {live}.projection_checkpoints l
    LEFT JOIN {idle}.projection_checkpoints i USING (projection, tenant)
    WHERE projection = %s AND l.position > coalesce(i.position, -1) ORDER BY l.tenant LIMIT 1
"""
_SWAP = "UPDATE read.projections SET live = %s WHERE projection = %s AND generation = %s"

_log = structlog.get_logger(__name__)


class RebuildRunning(RebuildRefused):
    """Another rebuild of this projection is running."""


class RebuildStopped(RebuildRefused):
    """The new copy stopped at an event that the live one has passed: they were not swapped. Names ids only."""


def show_nothing(_done: int, _total: int) -> None:
    """Show no progress."""


class Rebuild:
    """One rebuild of one projection, for all tenants."""

    def __init__(self, pool: Pool, log: TenantLog, projection: Projection) -> None:
        self._pool, self._log, self._projection = pool, log, projection
        self._live = ""
        self._poisons: dict[str, Poison] = {}
        self._done = 0

    def run(self, show: Progress = show_nothing) -> None:
        """Fill and swap. Raises RebuildRefused, psycopg.Error."""
        with self._only_one() as connection:
            copy = self._begin(connection)
            _log.info("rebuild_begun", projection=copy.projection, copy=copy.name)
            total = self._total(connection)

            def moved(positions: int) -> None:
                self._done += positions
                show(self._done, max(total, self._done))

            follower = Follower(self._log, self._projection, copy, moved)
            while self._catch_up(follower, copy) >= BATCH:
                pass
            while not self._swap(connection, follower, copy):
                self._catch_up(follower, copy)
            _log.info("rebuild_swapped", projection=copy.projection, copy=copy.name, events=self._done)

    @contextmanager
    def _only_one(self) -> Iterator[psycopg.Connection]:
        """Hold the rebuild's lock, which the server frees when this process dies; RebuildRunning."""
        name = self._projection.name
        with self._pool.connection() as connection:
            if connection.execute(_ONLY_ONE, (name,)).fetchone() != (True,):
                raise RebuildRunning(f"{name} is being rebuilt already")
            try:
                yield connection
            finally:
                if not connection.broken:
                    connection.execute(_LET_GO, (name,))

    def _begin(self, connection: psycopg.Connection) -> IdleCopy:
        """Empty the idle copy, and put an end to whatever an earlier rebuild may still be writing."""
        name = self._projection.name
        with connection.transaction(), connection.cursor() as cursor:
            cursor.execute(_KNOW, (name,))
            row = cursor.execute(_BEGIN, (name,)).fetchone()
            if row is None:
                raise LookupError(f"{name} vanished from read.projections")
            self._live, generation, first = row
            # A live copy of another shape has no idle one beside it: the first of the present shape is filled.
            idle = other(self._live) if self._live in {first, other(first)} else first
            enter_copy(connection, idle)
            self._projection.reset(cursor)
            cursor.execute(_FORGET, (name,))
        return IdleCopy(self._pool, name, idle, generation)

    def _catch_up(self, follower: Follower, copy: IdleCopy) -> int:
        """Bring the copy up to the log's end, as far as poison lets it; return by how many positions."""
        before = self._done
        for tenant, position in copy.lagging():
            if tenant not in self._poisons:
                _, poison = follower.follow(tenant, position)
                if poison is not None:
                    self._poisons[tenant] = poison
        return self._done - before

    def _swap(self, connection: psycopg.Connection, follower: Follower, copy: IdleCopy) -> bool:
        """Make the copy the live one; False when queries did not let go of the lock in time."""
        name = self._projection.name
        try:
            with connection.transaction():
                connection.execute(_PATIENCE)
                connection.execute(_LOCK, (name,))
                # From here on the live copy stands still; the little that is missing is followed now.
                self._catch_up(follower, copy)
                self._refuse_to_take_back(connection, copy)
                if connection.execute(_SWAP, (copy.name, name, copy.generation)).rowcount != 1:
                    raise RebuildOvertaken(f"{name} is being rebuilt by somebody else")
                halts.clear(connection, name)
                for tenant, poison in self._poisons.items():
                    halts.halt(connection, name, tenant, poison)
        except psycopg.errors.LockNotAvailable:
            return False
        return True

    def _refuse_to_take_back(self, connection: psycopg.Connection, copy: IdleCopy) -> None:
        query = _TAKEN_BACK.format(live=self._live, idle=copy.name)  # two names from COPIES, no input
        row = connection.execute(query.encode(), (copy.projection,)).fetchone()
        if row is None:
            return
        poison = self._poisons.get(row[0])
        where = "an unknown position" if poison is None else f"position {poison.position} ({poison.kind})"
        raise RebuildStopped(f"{copy.projection} of tenant {row[0]} stopped at {where}, which the live one has passed")

    @staticmethod
    def _total(connection: psycopg.Connection) -> int:
        row = connection.execute(_TOTAL).fetchone()
        return 0 if row is None else int(row[0])


def is_in_shape(pool: Pool, projection: str) -> bool:
    """Tell whether the live copy has the tables that the present version works with; psycopg.Error.

    From then on the projection is known to have tables, wherever it lives.
    """
    with pool.connection() as connection:
        connection.execute(_KNOW, (projection,))
        row = connection.execute(_IN_SHAPE, (projection,)).fetchone()
    return row is not None and row[0] in {row[1], other(row[1])}
