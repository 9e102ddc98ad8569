"""The floor: the same bytes as plain rows, written and read with nothing in between."""

from collections.abc import Sequence
from uuid import UUID

import psycopg
from psycopg import sql

from shared.kernel.ids import new_id
from tests.bench.material import EVENT_TYPE, STREAM_LENGTH

_COLUMNS = (
    ("tenant", "uuid"),
    ("position", "int8"),
    ("version", "int8"),
    ("id", "uuid"),
    ("key", "uuid"),
    ("schema", "int4"),
    ("stream", "text"),
    ("type", "text"),
    ("at", "text"),
    ("digest", "bytea"),
    ("leaf_hash", "bytea"),
    ("sealed", "bytea"),
)
KEYS = {
    "same_keys": "PRIMARY KEY (tenant, position), UNIQUE (tenant, stream, version), UNIQUE (tenant, id)",
    "primary_key": "PRIMARY KEY (tenant, position)",
}
"""Two tables: with the unique keys that the log has, and with as little as a log can do with."""

Row = tuple[object, ...]

_CREATE = """
    CREATE TABLE IF NOT EXISTS {0} ({1}, {2});
    ALTER TABLE {0} ALTER COLUMN sealed SET STORAGE EXTERNAL
"""
_KEY = UUID("019aa0e5-3333-7000-8000-000000000003")
_AT = "2026-11-22T09:00:00.000000Z"


class Rows:
    """A plain table: the log's columns, no checks, no triggers, no tree."""

    def __init__(self, connection: psycopg.Connection, keys: str, tenant: str | None = None) -> None:
        """Make the table unless it is there; `tenant` is whose rows they are, someone new's if not said."""
        self._connection = connection
        self._tenant = UUID(tenant or new_id())
        table = sql.Identifier(keys)
        columns = sql.SQL(", ").join(sql.SQL(f"{name} {kind}") for name, kind in _COLUMNS)
        connection.execute(sql.SQL(_CREATE).format(table, columns, sql.SQL(KEYS[keys])))
        places = sql.SQL(", ").join(sql.SQL("%b" if kind == "bytea" else "%s") for _, kind in _COLUMNS)
        self._insert = sql.SQL("INSERT INTO {} VALUES ({})").format(table, places)
        self._copy_in = sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(table)
        self._next = 0

    def prepared(self, sealed: Sequence[bytes]) -> list[Row]:
        """Return rows around these bytes, at places of this table's own: no key may come twice."""
        rows = [self._row(payload, position) for position, payload in enumerate(sealed, start=self._next)]
        self._next += len(sealed)
        return rows

    def insert_one_by_one(self, rows: Sequence[Row]) -> None:
        """Insert each row by itself: autocommit, so one statement, one round trip, one durable commit."""
        for row in rows:
            self._connection.execute(self._insert, row)

    def copy_in(self, rows: Sequence[Row]) -> None:
        """Write all rows by one binary COPY, which is one transaction."""
        with self._connection.cursor().copy(self._copy_in) as copy:
            copy.set_types([kind for _, kind in _COLUMNS])
            for row in rows:
                copy.write_row(row)

    def _row(self, sealed: bytes, position: int) -> Row:
        stream, version = f"invoice-{position // STREAM_LENGTH}", 1 + position % STREAM_LENGTH
        return (
            *(self._tenant, position, version, UUID(new_id()), _KEY, 1, stream, EVENT_TYPE, _AT, None),
            *(bytes(32), sealed),
        )
