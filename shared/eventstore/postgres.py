"""The store in PostgreSQL: one call of `log.append` per batch, reads in pages.

READ COMMITTED on the primary only. The service's role may read and execute `log.append`, nothing else (privileges.sql).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import LiteralString

import psycopg
from psycopg.rows import TupleRow, args_row

from shared.eventstore.batch import check_batch, check_command
from shared.eventstore.entry import check_instant
from shared.eventstore.model import Appended, CommandId, LogHead, SealedEvent, StoredEvent
from shared.eventstore.pool import Pool
from shared.eventstore.store import EntryRefused, IdempotencyConflict, VersionConflict

PAGE = 500
"""Events that one query of a reader brings: memory stays constant however long the log is."""

LAST_POSITION = 2**63 - 1
"""No log reaches this far."""

VERSION_CONFLICT = "TS001"
IDEMPOTENCY_CONFLICT = "TS002"
BATCH_MALFORMED = "TS003"

# %b: payloads and hashes travel as bytes, not as text twice their size.
_APPEND = """
    SELECT first, last, replayed FROM log.append(
        %(tenant)s::uuid, %(command)s::text, %(request_hash)b::bytea,
        %(expected_streams)s::text[], %(expected_versions)s::bigint[],
        %(streams)s::text[], %(ids)s::uuid[], %(types)s::text[], %(schemas)s::integer[], %(ats)s::text[],
        %(keys)s::uuid[], %(digests)b::bytea[], %(payloads)b::bytea[])
"""
_FIND_COMMAND = "SELECT first, last, request_hash FROM log.commands WHERE tenant = %s AND key = %s"
_READ = """
    SELECT tenant::text, stream, version, id::text, type, schema, at, key::text, encode(digest, 'hex'), sealed,
           position, leaf_hash
    FROM log.events
"""
_READ_STREAM = _READ + "WHERE tenant = %s AND stream = %s AND version > %s ORDER BY version LIMIT %s"
_READ_LOG = _READ + "WHERE tenant = %s AND position > %s AND position <= %s ORDER BY position LIMIT %s"
_VERSION = "SELECT coalesce(max(version), 0) FROM log.events WHERE tenant = %s AND stream = %s"
_HEAD = "SELECT size, frontier FROM log.heads WHERE tenant = %s"
# The first event that is later than the instant: it is in the first tile whose `latest` is, else behind the last tile.
# At most 256 events are looked at.
_FIRST_LATER = """
    WITH begin AS (
        SELECT coalesce(
            (SELECT t.index * 256 FROM log.tiles t
             WHERE t.tenant = %(tenant)s AND t.level = 0 AND t.latest > %(instant)s
             ORDER BY t.latest, t.index LIMIT 1),
            h.size / 256 * 256
        ) AS position, h.size
        FROM log.heads h WHERE h.tenant = %(tenant)s
    )
    SELECT coalesce(
        (SELECT e.position FROM log.events e
         WHERE e.tenant = %(tenant)s AND e.position >= begin.position AND e.at > %(instant)s
         ORDER BY e.position LIMIT 1),
        begin.size
    )
    FROM begin
"""
_FULL_TILE = "SELECT hashes FROM log.tiles WHERE tenant = %s AND level = %s AND index = %s"
_TILE_ROOTS = """
    SELECT root FROM log.tiles WHERE tenant = %s AND level = %s AND index >= %s AND index < %s ORDER BY index
"""
_LEAF_HASHES = """
    SELECT leaf_hash FROM log.events WHERE tenant = %s AND position >= %s AND position < %s ORDER BY position
"""
_TENANTS = "SELECT tenant::text FROM log.heads WHERE size > 0 ORDER BY tenant"


class PostgresEventStore:
    """An `EventStore` over one service's database."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def append(
        self,
        tenant: str,
        events: Sequence[SealedEvent],
        expected: Mapping[str, int],
        command: CommandId | None = None,
    ) -> Appended:
        """Append a non-empty batch in one round trip, all or nothing (see `EventStore.append`)."""
        check_batch(tenant, events, expected, command)
        values = {
            "tenant": tenant,
            "command": command and command.key,
            "request_hash": command and command.request_hash,
            "expected_streams": list(expected),
            "expected_versions": list(expected.values()),
            "streams": [event.stream for event in events],
            "ids": [event.id for event in events],
            "types": [event.type for event in events],
            "schemas": [event.schema for event in events],
            "ats": [event.at for event in events],
            "keys": [event.key for event in events],
            "digests": [None if event.digest is None else bytes.fromhex(event.digest) for event in events],
            "payloads": [event.sealed for event in events],
        }
        try:
            with self._pool.connection() as connection, connection.cursor(row_factory=args_row(Appended)) as cursor:
                appended = cursor.execute(_APPEND, values).fetchone()
        except psycopg.Error as error:
            raise _refusal(error) or error from None
        if appended is None:
            raise psycopg.DataError("log.append returned no row")
        return appended

    def find_command(self, tenant: str, command: CommandId) -> Appended | None:
        """Return where an earlier run landed (see `EventStore.find_command`)."""
        check_command(command)
        row = self._row(_FIND_COMMAND, (tenant, command.key))
        if row is None:
            return None
        first, last, request_hash = row
        if request_hash != command.request_hash:
            raise IdempotencyConflict("idempotency key used before for a different request")
        return Appended(first, last, replayed=True)

    def read_stream(self, tenant: str, stream: str, upto: int | None = None, after: int = 0) -> Iterator[StoredEvent]:
        """Yield one stream's events by version (see `EventStore.read_stream`)."""
        return takewhile(lambda event: upto is None or event.position <= upto, self._stream(tenant, stream, after))

    def version(self, tenant: str, stream: str) -> int:
        """Return how many events a stream has (see `EventStore.version`)."""
        row = self._row(_VERSION, (tenant, stream))
        return 0 if row is None else int(row[0])

    def read_log(
        self, tenant: str, after: int = -1, limit: int | None = None, upto: int | None = None
    ) -> Iterator[StoredEvent]:
        """Yield the tenant's events by position (see `EventStore.read_log`).

        Every page is a query of its own: no transaction stays open while the caller works, and since positions are
        in commit order and dense the pages join without gap or repetition.
        """
        while limit is None or limit > 0:
            size = PAGE if limit is None else min(PAGE, limit)
            page = self._page(_READ_LOG, (tenant, after, LAST_POSITION if upto is None else upto, size))
            yield from page
            if len(page) < size:
                return
            after = page[-1].position
            limit = None if limit is None else limit - len(page)

    def position_at(self, tenant: str, instant: str) -> int:
        """Return where the log stood at an instant (see `EventStore.position_at`)."""
        check_instant(instant)
        row = self._row(_FIRST_LATER, {"tenant": tenant, "instant": instant})
        return -1 if row is None else int(row[0]) - 1

    def head(self, tenant: str) -> LogHead:
        """Return the tree's size and frontier."""
        row = self._row(_HEAD, (tenant,))
        size, frontier = row or (0, [])
        return LogHead(tenant, size, tuple(frontier))

    def full_tile(self, tenant: str, level: int, index: int) -> bytes | None:
        """Return a full tile's 256 hashes, or None (see `EventStore.full_tile`)."""
        row = self._row(_FULL_TILE, (tenant, level, index))
        return None if row is None else bytes(row[0])

    def tile_roots(self, tenant: str, level: int, first: int, count: int) -> Sequence[bytes]:
        """Return the roots of full tiles (see `EventStore.tile_roots`)."""
        return self._hashes(_TILE_ROOTS, (tenant, level, first, first + count))

    def leaf_hashes(self, tenant: str, first: int, count: int) -> Sequence[bytes]:
        """Return leaf hashes by position (see `EventStore.leaf_hashes`)."""
        return self._hashes(_LEAF_HASHES, (tenant, first, first + count))

    def tenants(self) -> Sequence[str]:
        """Return the tenants that have a log, sorted."""
        with self._pool.connection() as connection:
            return [tenant for (tenant,) in connection.execute(_TENANTS)]

    def _stream(self, tenant: str, stream: str, version: int) -> Iterator[StoredEvent]:
        while page := self._page(_READ_STREAM, (tenant, stream, version, PAGE)):
            yield from page
            if len(page) < PAGE:
                return
            version = page[-1].version

    def _row(self, query: LiteralString, values: Sequence[object] | Mapping[str, object]) -> TupleRow | None:
        with self._pool.connection() as connection:
            return connection.execute(query, values).fetchone()

    def _hashes(self, query: LiteralString, values: Sequence[object]) -> list[bytes]:
        with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
            return [bytes(row[0]) for row in cursor.execute(query, values)]

    def _page(self, query: str, values: tuple[object, ...]) -> list[StoredEvent]:
        with (
            self._pool.connection() as connection,
            connection.cursor(binary=True, row_factory=args_row(StoredEvent)) as cursor,
        ):
            return cursor.execute(query, values).fetchall()


def _refusal(error: psycopg.Error) -> Exception | None:
    if error.sqlstate == VERSION_CONFLICT:
        conflict = json.loads(error.diag.message_detail or "{}")
        return VersionConflict(conflict["stream"], conflict["expected"], conflict["actual"])
    if error.sqlstate == IDEMPOTENCY_CONFLICT:
        return IdempotencyConflict("idempotency key used before for a different request")
    if error.sqlstate == BATCH_MALFORMED:
        return EntryRefused(error.diag.message_primary)
    if isinstance(error, psycopg.errors.CheckViolation | psycopg.errors.UniqueViolation):
        # The server's own detail shows the row; the constraint's name is enough.
        return EntryRefused(f"the database refused it: {error.diag.constraint_name}")
    return None
