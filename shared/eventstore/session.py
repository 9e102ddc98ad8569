"""Sessions bound to a tenant: row-level security shows and takes that tenant's rows alone (isolation.sql).

The binding is local to a transaction, so a connection that goes back to its pool keeps nothing of it; a session that
is bound to no tenant sees no row of any.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString, TypeVar

from psycopg import Connection, sql
from psycopg.rows import RowFactory

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


def fetch_bound(
    pool: Pool, tenant: str, query: LiteralString, values: Values, row_factory: RowFactory[Row]
) -> list[Row]:
    """Run one statement bound to the tenant, in one round trip; return its rows, fetched in binary form.

    Both messages go out together, and the server takes what stands between two synchronisations of an autocommit
    connection as one transaction: the binding, which is local, holds for the statement and for nothing after it.
    """
    with pool.connection() as connection, connection.cursor(binary=True, row_factory=row_factory) as cursor:
        with connection.pipeline():
            connection.execute(_BIND, (tenant,))
            cursor.execute(query, values)
        return cursor.fetchall()
