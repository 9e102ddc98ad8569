"""The way back into PostgreSQL: empty databases are filled, and every log is hashed again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import args_row

from cli.recovery.unpack import SavedTable
from shared.contracts.manifest import LogReach
from shared.eventstore.entry import log_entry
from shared.eventstore.model import StoredEvent
from shared.merkle.tree import Frontier, leaf_hash

_SCHEMAS: Final = ("log", "keyring", "app", "relay", "read", "read_a", "read_b")
_SAVED: Final = frozenset(_SCHEMAS) - {"read", "read_a", "read_b"}

_TABLES: LiteralString = """
    SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1, 2"""

_COLUMNS: LiteralString = """
    SELECT a.attname FROM pg_catalog.pg_attribute a
     WHERE a.attrelid = pg_catalog.to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     ORDER BY a.attnum"""

_EVENTS: LiteralString = """
    SELECT tenant::text, stream, version, id::text, type, schema, at, key::text, encode(digest, 'hex'), sealed,
           position, leaf_hash
      FROM log.events WHERE tenant = %s ORDER BY position"""


class RestoreRefused(Exception):
    """A database that cannot be restored into, or that does not hold afterwards what the manifest says."""


@dataclass(frozen=True)
class RestoredDatabase:
    """An open transaction on a database that is being restored: all of it is committed in the end, or nothing."""

    name: str
    connection: psycopg.Connection

    def require_empty(self) -> None:
        """Raise RestoreRefused unless the tables exist and are empty: a restore never mixes with what is there."""
        tables = self.connection.execute(_TABLES, [list(_SCHEMAS)]).fetchall()
        if not tables:
            raise RestoreRefused(f"the database {self.name} has no tables: make them first (docs/recovery.md)")
        for schema, table in tables:
            query = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(schema, table))
            if self.connection.execute(query).fetchone() == (True,):
                raise RestoreRefused(f"the database {self.name} is not empty: {schema}.{table} holds rows")

    def load(self, tables: Iterable[SavedTable]) -> int:
        """Copy saved tables in; return how many rows. Raises RestoreRefused for one that is not known here."""
        # The rows come from one consistent view, in which every foreign key held: the order of tables is no matter.
        self.connection.execute("SET LOCAL session_replication_role = replica")
        return sum(self._copy(table) for table in tables)

    def check_logs(self, logs: Sequence[LogReach]) -> int:
        """Hash every event again and compare with the manifest; return how many events. Raises RestoreRefused."""
        found = {tenant for (tenant,) in self.connection.execute("SELECT DISTINCT tenant::text FROM log.events")}
        unexpected = found - {log.tenant for log in logs}
        if unexpected:
            raise RestoreRefused(f"{self.name} holds a log that the manifest does not name: {min(unexpected)}")
        return sum(self._check_log(log) for log in logs)

    def _copy(self, table: SavedTable) -> int:
        name = sql.Identifier(table.schema, table.name)
        found = self.connection.execute(_COLUMNS, [name.as_string(self.connection)])
        columns = [sql.Identifier(column) for (column,) in found]
        if table.schema not in _SAVED or not columns:
            raise RestoreRefused(f"{self.name} has no table {table.schema}.{table.name}")
        # HEADER MATCH: a column that is missing, new or elsewhere is an error, never a value in the wrong place.
        query = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, HEADER MATCH)").format(name, sql.SQL(", ").join(columns))
        with self.connection.cursor() as cursor:
            with cursor.copy(query) as copy:
                for chunk in table.content:
                    copy.write(chunk)
            return cursor.rowcount

    def _check_log(self, log: LogReach) -> int:
        frontier = Frontier()
        with self.connection.cursor("log", row_factory=args_row(StoredEvent)) as events:
            for event in events.execute(_EVENTS, [log.tenant]):
                leaf = leaf_hash(log_entry(event))
                if event.position != frontier.size or event.leaf_hash != leaf:
                    raise RestoreRefused(f"{self.name}, log {log.tenant}: wrong at position {frontier.size}")
                frontier = frontier.push(leaf)
        if (frontier.size, frontier.root().hex()) != (log.size, log.root):
            raise RestoreRefused(
                f"{self.name}, log {log.tenant}: {frontier.size} events with root {frontier.root().hex()}, "
                f"but the manifest says {log.size} with root {log.root}"
            )
        return frontier.size
