"""One database at one moment, read by the role that may read logs, keys and application tables and write nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import LiteralString

import psycopg
from psycopg import sql

from services.backup.domain.snapshot import Table
from shared.contracts.manifest import LogReach
from shared.merkle.tree import Frontier

_PORTABLE = "-c TimeZone=UTC -c DateStyle=ISO -c bytea_output=hex -c row_security=off"
"""The same value is always spelled the same way, whatever the server's settings are; and a role that would be shown one
tenant's rows only, or none, gets an error instead of a backup that lacks the others'."""

_TABLES: LiteralString = """
    SELECT n.nspname, c.relname
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
     ORDER BY 1, 2"""

_COLUMNS: LiteralString = """
    SELECT a.attname FROM pg_catalog.pg_attribute a
     WHERE a.attrelid = pg_catalog.to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     ORDER BY a.attnum"""


@dataclass(frozen=True)
class PostgresDatabase:
    """A service's database; `conninfo` is that of the backup reader, password included."""

    name: str
    conninfo: str

    @contextmanager
    def view(self) -> Iterator["PostgresView"]:
        """Open a view: one REPEATABLE READ, READ ONLY transaction, so that all tables belong to one moment."""
        with psycopg.connect(self.conninfo, options=_PORTABLE, client_encoding="utf8") as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            yield PostgresView(self.name, connection)


@dataclass(frozen=True)
class PostgresView:
    """A DatabaseView over one open transaction."""

    database: str
    connection: psycopg.Connection

    def tables(self, schemas: Sequence[str]) -> list[Table]:
        """Return the tables in these schemas, sorted; partitions count as part of their parent."""
        rows = self.connection.execute(_TABLES, [list(schemas)])
        return [Table(schema, name) for schema, name in rows]

    def rows(self, table: Table) -> Iterator[bytes]:
        """Yield the table as CSV with a header line. Generated columns are left out: the database makes them again."""
        name = sql.Identifier(table.schema, table.name)
        found = self.connection.execute(_COLUMNS, [name.as_string(self.connection)])
        columns = sql.SQL(", ").join(sql.Identifier(column) for (column,) in found)
        query = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT (FORMAT csv, HEADER)").format(columns, name)
        with self.connection.cursor() as cursor, cursor.copy(query) as copy:
            for chunk in copy:
                yield bytes(chunk)

    def logs(self) -> list[LogReach]:
        """Return how far each tenant's log reaches, with the root of the tree that the database keeps."""
        rows = self.connection.execute("SELECT tenant, size, frontier FROM log.heads ORDER BY tenant")
        return [
            LogReach(self.database, str(tenant), size, Frontier(size, tuple(frontier)).root().hex())
            for tenant, size, frontier in rows
        ]
