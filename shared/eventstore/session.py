"""Sessions bound to a tenant: row-level security shows and takes that tenant's rows alone (isolation.sql).

The binding is local to a transaction, so a connection that goes back to its pool keeps nothing of it; a session that
is bound to no tenant sees no row of any.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString, TypeVar

from psycopg import Connection, Cursor, sql
from psycopg.rows import RowFactory, tuple_row

from shared.eventstore.pool import Pool

Row = TypeVar("Row")
Values = Sequence[object] | Mapping[str, object]

_BIND = "SELECT set_config('tallystick.tenant', %s, true)"


@contextmanager
def tenant_session(pool: Pool, tenant: str) -> Iterator[Connection[Any]]:
    """Open one transaction bound to the tenant; it commits at the end of the block, or rolls back on an error.

    Beginning and binding are one round trip, the commit another. A single statement does better with `fetch_bound`.
    """
    begin = sql.SQL("BEGIN; SET LOCAL tallystick.tenant = {}").format(sql.Literal(tenant))
    with pool.connection() as connection:  # leaving it commits, or rolls back
        connection.execute(begin)
        yield connection


@dataclass(frozen=True, slots=True)
class Statement:
    """One of several that go out together."""

    query: LiteralString | bytes
    values: Values
    row_factory: RowFactory[Any] = tuple_row


def fetch_bound(
    pool: Pool, tenant: str, query: LiteralString, values: Values, row_factory: RowFactory[Row]
) -> list[Row]:
    """Run one statement bound to the tenant, in one round trip; return its rows, fetched in binary form."""
    (rows,) = fetch_each_bound(pool, tenant, [Statement(query, values, row_factory)])
    return rows


def fetch_each_bound(pool: Pool, tenant: str, statements: Sequence[Statement]) -> list[list[Any]]:
    """Run statements bound to the tenant, in one round trip; return the rows of each, fetched in binary form.

    All messages go out together, and the server takes what stands between two synchronisations of an autocommit
    connection as one transaction: the binding, which is local, holds for the statements and for nothing after them.
    Each sees what had been committed when it began, those before it or more.
    """
    _, *found = fetch_each(pool, [Statement(_BIND, (tenant,)), *statements])
    return found


def fetch_each(pool: Pool, statements: Sequence[Statement]) -> list[list[Any]]:
    """Run statements as `fetch_each_bound`, the first of which binds."""
    with pool.connection() as connection, ExitStack() as open_until_read:
        cursors = _cursors(connection, statements, open_until_read)
        with connection.pipeline():
            _send(cursors, statements)
        return [cursor.fetchall() for cursor in cursors]


def _cursors(connection: Connection[Any], statements: Sequence[Statement], stack: ExitStack) -> list[Cursor[Any]]:
    return [stack.enter_context(connection.cursor(binary=True, row_factory=each.row_factory)) for each in statements]


def _send(cursors: Sequence[Cursor[Any]], statements: Sequence[Statement]) -> None:
    for cursor, each in zip(cursors, statements, strict=True):
        cursor.execute(each.query, each.values)
