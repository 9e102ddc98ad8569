"""The way back into PostgreSQL: empty databases are filled, and every log is hashed again."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Final, LiteralString

import psycopg
from psycopg import sql

from cli.recovery.unpack import SavedTable
from shared.contracts.manifest import LogReach
from shared.eventstore.database_log import DatabaseLog
from shared.eventstore.trust import Trust
from shared.eventstore.verification import verify_log
from shared.merkle.checkpoint import Checkpoint

_READ_MODELS: Final = ("read", "read_a", "read_b", "read_c", "read_d")
_SCHEMAS: Final = ("log", "keyring", "app", "relay", *_READ_MODELS)
_SAVED: Final = frozenset(_SCHEMAS) - frozenset(_READ_MODELS)

_TABLES: LiteralString = """
    SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1, 2"""

_COLUMNS: LiteralString = """
    SELECT a.attname FROM pg_catalog.pg_attribute a
     WHERE a.attrelid = pg_catalog.to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     ORDER BY a.attnum"""


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
        """Verify every log up to the root in the manifest; return how many events. Raises RestoreRefused."""
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
        # The manifest is signed, and says of the log what a checkpoint would: no signature of the log's own is needed.
        note = Checkpoint(log.tenant, log.size, bytes.fromhex(log.root)).to_text() + "\n"
        with closing(DatabaseLog(self.connection, note)) as copy:
            found = verify_log(copy, Trust())
        for fault in found.faults:
            place = "" if fault.position is None else f" at position {fault.position}"
            raise RestoreRefused(f"{self.name}, log {log.tenant}: {fault.kind}{place}: {fault.reason}")
        return found.events
