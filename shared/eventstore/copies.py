"""The copies of every read model, and the one place where a transaction enters one of them.

Queries and followers work in the copy that is live; a rebuild fills the other one. SQL of projections and queries
names its tables without a schema: which copy is meant, and whose rows are seen, is settled here, for one transaction.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString, Protocol

import psycopg

from shared.eventstore import halts
from shared.eventstore.pool import Pool
from shared.eventstore.session import Statement, Values, fetch_each, tenant_session

COPIES = ("read_a", "read_b", "read_c", "read_d")
"""Two pairs, next to each other: one has the present shape, the other one an earlier shape or nothing."""

_ENTER = "SELECT read.enter(%s)"
_BEGIN_LOOK = "SELECT read.begin_look(%s, %s)"
SETTLED = "(SELECT current_setting('tallystick.as_of')::bigint)"
"""What a statement of a look says for the settled position: a subquery, asked for once and not for each row."""
_ENTER_COPY = "SELECT set_config('search_path', %s || ', pg_temp', true)"
# Whoever works in the live copy shares the projection's lock (read.enter) and, to feed it, holds its tenant's alone;
# whoever swaps holds the projection's alone. Two names that hash alike only wait for each other.
_LOCK_TENANT = "SELECT pg_try_advisory_xact_lock(hashtextextended('projection ' || %s || ' ' || %s, 0))"
# A rebuild that was overtaken by a later one finds another generation and writes nothing any more; the row lock makes
# the later one wait until a batch that is under way has committed.
_FENCE = "SELECT FROM read.projections WHERE projection = %s AND generation = %s FOR SHARE"
_LAGGING = """
    SELECT h.tenant::text, coalesce(c.position, -1)
    FROM log.heads h
    LEFT JOIN projection_checkpoints c ON c.tenant = h.tenant AND c.projection = %(projection)s
    WHERE coalesce(c.position, -1) < h.size - 1
"""
# A halted projection is left alone until it is time for another try.
_LAGGING_LIVE = (
    _LAGGING
    + """
    AND NOT EXISTS (SELECT FROM read.halted halt WHERE halt.projection = %(projection)s
                    AND halt.tenant = h.tenant AND halt.retry_at > now())
"""
)
_CHECKPOINT = "SELECT position FROM projection_checkpoints WHERE projection = %s AND tenant = %s"
_ADVANCE = """
    INSERT INTO projection_checkpoints (projection, tenant, position)
    VALUES (%(projection)s, %(tenant)s, %(position)s)
    ON CONFLICT (projection, tenant) DO UPDATE SET position = excluded.position
"""


class RebuildRefused(Exception):
    """A rebuild did not become the live read model, which is as it was."""


class RebuildOvertaken(RebuildRefused):
    """Another rebuild of the same projection began while this one had lost its lock; this one counts for nothing."""


class Copy(Protocol):
    """One copy of a projection's read model, as whoever feeds it sees it."""

    def lagging(self) -> list[tuple[str, int]]:
        """Return the tenants whose log goes on beyond this copy, and the position that it holds (-1: nothing)."""
        ...

    def enter(self, tenant: str) -> AbstractContextManager[psycopg.Cursor | None]:
        """Open a transaction that may feed the tenant's rows; None when another process is feeding them."""
        ...

    def position(self, cursor: psycopg.Cursor, tenant: str) -> int:
        """Return the last position that the copy holds, -1 for none."""
        ...

    def advance(self, cursor: psycopg.Cursor, tenant: str, position: int) -> None:
        """Write down that the copy holds everything up to `position`."""
        ...


@contextmanager
def live_session(pool: Pool, projection: str, tenant: str) -> Iterator[psycopg.Connection]:
    """Open a transaction that sees the live read model of one tenant, and no row of another."""
    with tenant_session(pool, tenant) as connection:
        connection.execute(_ENTER, (projection,))
        yield connection


def fetch_settled(pool: Pool, projection: str, tenant: str, *statements: Statement) -> tuple[int, list[list[Any]]]:
    """Run statements in the live read model of one tenant, in one round trip; return its position and their rows.

    What `live_session` says of whose rows are seen holds here too: `read.begin_look` is the first statement of the same
    transaction, and binds and enters. It also settles the position that the copy holds, -1 for none: `SETTLED` stands
    for it in the statements.
    """
    ((position,),), *found = fetch_each(pool, [Statement(_BEGIN_LOOK, (tenant, projection)), *statements])
    return position, found


def fetch_live(
    pool: Pool, projection: str, tenant: str, query: LiteralString | bytes, values: Values
) -> list[tuple[Any, ...]]:
    """Run one statement as `fetch_settled`; return its rows."""
    _, (rows,) = fetch_settled(pool, projection, tenant, Statement(query, values))
    return rows


@contextmanager
def live_lists(pool: Pool, projection: str) -> Iterator[psycopg.Connection]:
    """Open a transaction that sees the live read model bound to no tenant: lists of work only (isolation.sql)."""
    with pool.connection() as connection, connection.transaction():
        connection.execute(_ENTER, (projection,))
        yield connection


def live_position(pool: Pool, projection: str, tenant: str) -> int:
    """Return the last position that the live copy holds, -1 for none, in one round trip."""
    position, _ = fetch_settled(pool, projection, tenant)
    return position


def position_in(cursor: psycopg.Cursor, projection: str, tenant: str) -> int:
    """Return the last position that the copy which was entered holds, -1 for none."""
    row = cursor.execute(_CHECKPOINT, (projection, tenant)).fetchone()
    return -1 if row is None else int(row[0])


@dataclass(frozen=True, slots=True)
class LiveCopy:
    """The copy that queries read; any number of processes may feed it, one at a time per tenant."""

    pool: Pool
    projection: str

    def lagging(self) -> list[tuple[str, int]]:
        """Return the tenants that there is something to do for (see `Copy.lagging`), halted ones left out."""
        with live_lists(self.pool, self.projection) as connection:
            return _lags(connection, _LAGGING_LIVE, self.projection)

    @contextmanager
    def enter(self, tenant: str) -> Iterator[psycopg.Cursor | None]:
        """Open a transaction under the tenant's lock; None when another process holds it."""
        with live_session(self.pool, self.projection, tenant) as connection, connection.cursor() as cursor:
            cursor.execute(_LOCK_TENANT, (self.projection, tenant))
            yield cursor if cursor.fetchone() == (True,) else None

    def position(self, cursor: psycopg.Cursor, tenant: str) -> int:
        """Return the last position that the copy holds, -1 for none."""
        return position_in(cursor, self.projection, tenant)

    def advance(self, cursor: psycopg.Cursor, tenant: str, position: int) -> None:
        """Write down how far it is; a halt that is behind is over."""
        cursor.execute(_ADVANCE, {"projection": self.projection, "tenant": tenant, "position": position})
        halts.over(cursor, self.projection, tenant, position)


@dataclass(frozen=True, slots=True)
class IdleCopy:
    """The copy that one rebuild fills, beside the live one."""

    pool: Pool
    projection: str
    name: str
    """One of `COPIES`."""
    generation: int

    def lagging(self) -> list[tuple[str, int]]:
        """Return the tenants whose log goes on beyond this copy (see `Copy.lagging`)."""
        with self.pool.connection() as connection, connection.transaction():
            connection.execute(_ENTER_COPY, (self.name,))
            return _lags(connection, _LAGGING, self.projection)

    @contextmanager
    def enter(self, tenant: str) -> Iterator[psycopg.Cursor]:
        """Open a transaction that may write as long as no later rebuild has begun; RebuildOvertaken."""
        with tenant_session(self.pool, tenant) as connection, connection.cursor() as cursor:
            cursor.execute(_ENTER_COPY, (self.name,))
            if cursor.execute(_FENCE, (self.projection, self.generation)).fetchone() is None:
                raise RebuildOvertaken(f"{self.projection} is being rebuilt by somebody else")
            yield cursor

    def position(self, cursor: psycopg.Cursor, tenant: str) -> int:
        """Return the last position that the copy holds, -1 for none."""
        return position_in(cursor, self.projection, tenant)

    def advance(self, cursor: psycopg.Cursor, tenant: str, position: int) -> None:
        """Write down how far it is."""
        cursor.execute(_ADVANCE, {"projection": self.projection, "tenant": tenant, "position": position})


def other(copy: str) -> str:
    """Return the other copy of the same shape."""
    return COPIES[COPIES.index(copy) ^ 1]


def enter_copy(connection: psycopg.Connection, name: str) -> None:
    """Make the tables of one copy those that this transaction means."""
    connection.execute(_ENTER_COPY, (name,))


def _lags(connection: psycopg.Connection, query: str, projection: str) -> list[tuple[str, int]]:
    rows = connection.execute(query.encode(), {"projection": projection}).fetchall()
    return sorted((str(tenant), int(position)) for tenant, position in rows)
