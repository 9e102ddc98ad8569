"""The floor: the same bytes as plain rows, written and read with nothing in between."""

from collections.abc import Sequence
from uuid import UUID

import psycopg
from psycopg import sql

from shared.eventstore.model import StoredEvent
from shared.kernel.ids import new_id
from tests.bench.material import STREAM_LENGTH

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


class Rows:
    """A plain table: the log's columns, no checks, no triggers, no tree."""

    def __init__(self, connection: psycopg.Connection, keys: str) -> None:
        self._connection = connection
        self._table = sql.Identifier(keys)
        columns = sql.SQL(", ").join(sql.SQL(f"{name} {kind}") for name, kind in _COLUMNS)
        connection.execute(sql.SQL("CREATE TABLE {} ({}, {})").format(self._table, columns, sql.SQL(KEYS[keys])))
        connection.execute(sql.SQL("ALTER TABLE {} ALTER COLUMN sealed SET STORAGE EXTERNAL").format(self._table))
        places = sql.SQL(", ").join(sql.SQL("%b" if kind == "bytea" else "%s") for _, kind in _COLUMNS)
        self._insert = sql.SQL("INSERT INTO {} VALUES ({})").format(self._table, places).as_string(connection)
        self._copy_in = sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(self._table)
        self._next = 0

    def prepared(self, events: Sequence[StoredEvent]) -> list[Row]:
        """Return rows with the bytes of these events, at places of this table's own: no key may come twice."""
        rows = [_row(event, position) for position, event in enumerate(events, start=self._next)]
        self._next += len(events)
        return rows

    def insert_one_by_one(self, rows: Sequence[Row]) -> None:
        """Insert each row by itself: autocommit, so one statement, one round trip, one durable commit."""
        for row in rows:
            self._connection.execute(self._insert.encode(), row)

    def copy_in(self, rows: Sequence[Row]) -> None:
        """Write all rows by one binary COPY, which is one transaction."""
        with self._connection.cursor().copy(self._copy_in) as copy:
            copy.set_types([kind for _, kind in _COLUMNS])
            for row in rows:
                copy.write_row(row)


def _row(event: StoredEvent, position: int) -> Row:
    digest = None if event.digest is None else bytes.fromhex(event.digest)
    stream, version = f"invoice-{position // STREAM_LENGTH}", 1 + position % STREAM_LENGTH
    return (
        *(UUID(event.tenant), position, version, UUID(new_id()), UUID(event.key), event.schema),
        *(stream, event.type, event.at, digest, event.leaf_hash, event.sealed),
    )
