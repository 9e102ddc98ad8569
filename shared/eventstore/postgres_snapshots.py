"""Snapshots in PostgreSQL: `read.snapshots`, disposable as read models are, and not in any backup."""

from psycopg.rows import class_row

from shared.eventstore.pool import Pool
from shared.eventstore.session import fetch_bound, tenant_session
from shared.eventstore.snapshots import StoredSnapshot

_GET = """
    SELECT tenant::text, stream, fold, schema, version, key::text, sealed FROM read.snapshots
    WHERE tenant = %s AND stream = %s AND fold = %s
"""
_PUT = """
    INSERT INTO read.snapshots (tenant, stream, fold, schema, version, key, sealed) VALUES (%s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (tenant, stream, fold) DO UPDATE
    SET schema = excluded.schema, version = excluded.version, key = excluded.key, sealed = excluded.sealed
"""


class PostgresSnapshots:
    """A `SnapshotStore` over one service's database."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def get(self, tenant: str, stream: str, fold: str) -> StoredSnapshot | None:
        """Return the snapshot, or None."""
        rows = fetch_bound(self._pool, tenant, _GET, (tenant, stream, fold), class_row(StoredSnapshot))
        return rows[0] if rows else None

    def put(self, snapshot: StoredSnapshot) -> None:
        """Keep it in place of the one that was there, whichever is newer."""
        values = (
            snapshot.tenant,
            snapshot.stream,
            snapshot.fold,
            snapshot.schema,
            snapshot.version,
            snapshot.key,
            snapshot.sealed,
        )
        with tenant_session(self._pool, snapshot.tenant) as connection:
            connection.execute(_PUT, values)
