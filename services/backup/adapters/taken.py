"""Which snapshots were taken, and that only one is being taken at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg.rows import class_row

from shared.eventstore.model import CommandId
from shared.eventstore.pool import Pool
from shared.eventstore.store import IdempotencyConflict

_LOCK: Final = 0x7461_6C6C_7900_0002
"""Key of the advisory lock: `tally` and a number."""

_ADD: Final = """
    INSERT INTO app.snapshots (backup_id, created_at, objects, bytes, command_key, request_hash)
    VALUES (%s, %s, %s, %s, %s, %s)"""
_BY_COMMAND: Final = """
    SELECT backup_id::text, created_at, objects, bytes, request_hash FROM app.snapshots WHERE command_key = %s"""
_NEWEST: Final = """
    SELECT backup_id::text, created_at, objects, bytes FROM app.snapshots ORDER BY backup_id DESC LIMIT %s"""


class SnapshotRunning(Exception):
    """Another snapshot is being taken."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot that was taken."""

    backup_id: str
    created_at: str
    """RFC 3339 UTC, microseconds."""
    objects: int
    bytes: int


@dataclass(frozen=True)
class TakenSnapshots:
    """The record in the backup service's own database."""

    pool: Pool
    conninfo: str
    """For the connection that holds the lock while a snapshot is being taken."""

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only one who takes a snapshot; raises SnapshotRunning. A killed process lets go by dying."""
        with psycopg.connect(self.conninfo, autocommit=True) as connection:
            row = connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
            if row is None or not row[0]:
                raise SnapshotRunning("a snapshot is being taken")
            try:
                yield
            finally:
                # Not left to the closing: the server notices that a moment later, and refuses the next one until then.
                connection.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])

    def by_command(self, command: CommandId) -> Snapshot | None:
        """Return what an earlier run of the same command took; raises IdempotencyConflict."""
        with self.pool.connection() as connection:
            row = connection.execute(_BY_COMMAND, [command.key]).fetchone()
        if row is None:
            return None
        *snapshot, request_hash = row
        if bytes(request_hash) != command.request_hash:
            raise IdempotencyConflict(command.key)
        return Snapshot(*snapshot)

    def add(self, snapshot: Snapshot, command: CommandId) -> None:
        """Record a snapshot whose manifest is stored."""
        values = (snapshot.backup_id, snapshot.created_at, snapshot.objects, snapshot.bytes)
        with self.pool.connection() as connection:
            connection.execute(_ADD, (*values, command.key, command.request_hash))

    def newest(self, limit: int) -> list[Snapshot]:
        """Return the newest snapshots, newest first."""
        with self.pool.connection() as connection, connection.cursor(row_factory=class_row(Snapshot)) as cursor:
            return cursor.execute(_NEWEST, [limit]).fetchall()
