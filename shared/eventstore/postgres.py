"""The store in PostgreSQL: one call of a function per batch (append.sql), reads in pages, each bound to its tenant.

READ COMMITTED on the primary only. The service's role may read, and write through functions alone (privileges.sql).
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import LiteralString

import psycopg
from psycopg.rows import TupleRow, args_row, scalar_row, tuple_row

from shared.eventstore.batch import check_batch, check_command
from shared.eventstore.edges import Edges, edge_found, edge_statements
from shared.eventstore.entry import check_instant
from shared.eventstore.model import Appended, CommandId, Edge, LogHead, Look, SealedEvent, StoredEvent
from shared.eventstore.pool import Pool
from shared.eventstore.queries import HEAD, LEAF_HASHES, READ_EVENTS, TILE_ROOTS
from shared.eventstore.session import Statement, fetch_bound, fetch_each_bound
from shared.eventstore.store import EntryRefused, IdempotencyConflict, VersionConflict
from shared.eventstore.waker import Waker

PAGE = 500
"""Events that one query of a reader brings: memory stays constant however long the log is."""

LAST_POSITION = 2**63 - 1
"""No log reaches this far."""

VERSION_CONFLICT = "TS001"
IDEMPOTENCY_CONFLICT = "TS002"
BATCH_MALFORMED = "TS003"

# %b: payloads and hashes travel as bytes, not as text twice their size.
_APPEND_ONE = """
    SELECT first, last, replayed, leaf, frontier FROM log.append_one(
        %s::uuid, %s::text, %b::bytea, %s::text, %s::bigint, %s::uuid, %s::text, %s::integer, %s::text, %s::uuid,
        %b::bytea, %b::bytea)
"""
# Of what anybody may have named, psycopg writes an array in binary form in a quarter of the time that quoting takes; of
# what check_batch has looked at, nothing has to be escaped (`_listed`).
_APPEND_BATCH = """
    SELECT first, last, replayed, leaf, frontier FROM log.append(
        %s::uuid, %s::text, %b::bytea, %b::text[], %s::bigint[], %s::text[], %s::uuid[], %s::text[], %s::integer[],
        %s::text[], %s::uuid[], %b::bytea[], %b::bytea[])
"""
_FIND_COMMAND = "SELECT first, last, request_hash FROM log.commands WHERE tenant = %s AND key = %s"
_READ_STREAM = READ_EVENTS + "WHERE tenant = %s AND stream = %s AND version > %s ORDER BY version LIMIT %s"
_READ_STREAMS = READ_EVENTS + "WHERE tenant = %s AND stream = ANY(%s) ORDER BY stream, version"
# The end of each stream's index, one by one: a series has as many events as it gave numbers.
_VERSIONS = """
    SELECT asked.stream, latest.version FROM unnest(%(streams)s::text[]) AS asked (stream), LATERAL (
        SELECT version FROM log.events WHERE tenant = %(tenant)s AND stream = asked.stream
        ORDER BY version DESC LIMIT 1
    ) AS latest
"""
_READ_LOG = READ_EVENTS + "WHERE tenant = %s AND position > %s AND position <= %s ORDER BY position LIMIT %s"
_VERSION = "SELECT coalesce(max(version), 0) FROM log.events WHERE tenant = %s AND stream = %s"
# The first event that is later than the instant: it is in the first tile whose `latest` is, else behind the last tile.
# At most 256 events are looked at.
_FIRST_LATER = """
    WITH asked(tenant, instant) AS (VALUES (%s::uuid, %s::text)),
    begin AS (
        SELECT h.tenant, h.size, coalesce(
            (SELECT t.index * 256 FROM log.tiles t
             WHERE t.tenant = h.tenant AND t.level = 0 AND t.latest > asked.instant
             ORDER BY t.latest, t.index LIMIT 1),
            h.size / 256 * 256
        ) AS position, asked.instant
        FROM asked JOIN log.heads h USING (tenant)
    )
    SELECT coalesce(
        (SELECT e.position FROM log.events e
         WHERE e.tenant = begin.tenant AND e.position >= begin.position AND e.at > begin.instant
         ORDER BY e.position LIMIT 1),
        begin.size
    )
    FROM begin
"""
_FULL_TILE = "SELECT hashes FROM log.tiles WHERE tenant = %s AND level = %s AND index = %s"
_TENANTS = "SELECT tenant::text FROM log.heads WHERE size > 0 ORDER BY tenant"


class PostgresEventStore:
    """An `EventStore` over one service's database."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waker = Waker(pool)
        self._edges = Edges()

    def append(
        self,
        tenant: str,
        events: Sequence[SealedEvent],
        expected: Mapping[str, int],
        command: CommandId | None = None,
    ) -> Appended:
        """Append a non-empty batch in one round trip, all or nothing, and wake followers (see `EventStore.append`)."""
        check_batch(tenant, events, expected, command)
        key, request_hash = (None, None) if command is None else (command.key, command.request_hash)
        if len(events) == 1 and expected.keys() == {events[0].stream}:
            query, values = _APPEND_ONE, _one(events[0], expected)
        else:
            query, values = _APPEND_BATCH, _batch(events, expected)
        try:
            with self._pool.connection() as connection, connection.cursor(binary=True) as cursor:
                ((first, last, replayed, leaf, before),) = cursor.execute(query, (tenant, key, request_hash, *values))
        except psycopg.Error as error:
            raise _refusal(error) or error from None
        if before is not None:
            self._edges.appended(events[0], first, leaf, before)
        self._waker.grown(tenant)
        return Appended(first, last, replayed)

    def find_command(self, tenant: str, command: CommandId) -> Appended | None:
        """Return where an earlier run landed (see `EventStore.find_command`)."""
        check_command(command)
        rows = fetch_bound(self._pool, tenant, _FIND_COMMAND, (tenant, command.key), tuple_row)
        return _earlier(rows, command)

    def read_stream(self, tenant: str, stream: str, upto: int | None = None, after: int = 0) -> Iterator[StoredEvent]:
        """Yield one stream's events by version (see `EventStore.read_stream`)."""
        return takewhile(lambda event: upto is None or event.position <= upto, self._stream(tenant, stream, after))

    def version(self, tenant: str, stream: str) -> int:
        """Return how many events a stream has (see `EventStore.version`)."""
        row = self._row(tenant, _VERSION, (stream,))
        return 0 if row is None else int(row[0])

    def versions(self, tenant: str, streams: Collection[str]) -> Mapping[str, int]:
        """Return `version` of those of these streams that exist (see `EventStore.versions`)."""
        (found,) = fetch_each_bound(self._pool, tenant, [_versions_of(tenant, streams)])
        return dict(found)

    def look(
        self, tenant: str, streams: Collection[str], versions: Collection[str] = (), command: CommandId | None = None
    ) -> Look:
        """Return several things in one round trip (see `EventStore.look`)."""
        asked = [Statement(_READ_STREAMS, (tenant, list(streams)), args_row(StoredEvent))]
        if versions:
            asked.append(_versions_of(tenant, versions))
        if command is not None:
            check_command(command)
            asked.append(Statement(_FIND_COMMAND, (tenant, command.key)))
        events, *others = fetch_each_bound(self._pool, tenant, asked)
        found: dict[str, list[StoredEvent]] = {stream: [] for stream in streams}
        for event in events:
            found[event.stream].append(event)
        counted = {**dict.fromkeys(versions, 0), **(dict(others[0]) if versions else {})}
        if command is None:
            return Look(found, counted, None)
        return Look(found, counted, _earlier(others[-1], command))

    def edge(self, tenant: str, size: int) -> Edge | None:
        """Return the end of the tree of `size` events, in one round trip or none (see `EventStore.edge`)."""
        if size <= 0:
            return None
        kept = self._edges.take(tenant, size)
        return kept or edge_found(size, fetch_each_bound(self._pool, tenant, edge_statements(tenant, size)))

    def read_log(
        self, tenant: str, after: int = -1, limit: int | None = None, upto: int | None = None
    ) -> Iterator[StoredEvent]:
        """Yield the tenant's events by position (see `EventStore.read_log`).

        Every page is a query of its own: no transaction stays open while the caller works, and since positions are
        in commit order and dense the pages join without gap or repetition.
        """
        while limit is None or limit > 0:
            size = PAGE if limit is None else min(PAGE, limit)
            page = self._page(tenant, _READ_LOG, (after, LAST_POSITION if upto is None else upto, size))
            yield from page
            if len(page) < size:
                return
            after = page[-1].position
            limit = None if limit is None else limit - len(page)

    def position_at(self, tenant: str, instant: str) -> int:
        """Return where the log stood at an instant (see `EventStore.position_at`)."""
        check_instant(instant)
        row = self._row(tenant, _FIRST_LATER, (instant,))
        return -1 if row is None else int(row[0]) - 1

    def head(self, tenant: str) -> LogHead:
        """Return the tree's size and frontier."""
        with self._pool.connection() as connection:  # heads are no secret between tenants: sizes and hashes
            row = connection.execute(HEAD, (tenant,)).fetchone()
        size, frontier = row or (0, [])
        return LogHead(tenant, size, tuple(frontier))

    def full_tile(self, tenant: str, level: int, index: int) -> bytes | None:
        """Return a full tile's 256 hashes, or None (see `EventStore.full_tile`)."""
        row = self._row(tenant, _FULL_TILE, (level, index))
        return None if row is None else bytes(row[0])

    def tile_roots(self, tenant: str, level: int, first: int, count: int) -> Sequence[bytes]:
        """Return the roots of full tiles (see `EventStore.tile_roots`)."""
        return self._hashes(tenant, TILE_ROOTS, (level, first, first + count))

    def leaf_hashes(self, tenant: str, first: int, count: int) -> Sequence[bytes]:
        """Return leaf hashes by position (see `EventStore.leaf_hashes`)."""
        return self._hashes(tenant, LEAF_HASHES, (first, first + count))

    def tenants(self) -> Sequence[str]:
        """Return the tenants that have a log, sorted."""
        with self._pool.connection() as connection:
            return [tenant for (tenant,) in connection.execute(_TENANTS)]

    def _stream(self, tenant: str, stream: str, version: int) -> Iterator[StoredEvent]:
        while page := self._page(tenant, _READ_STREAM, (stream, version, PAGE)):
            yield from page
            if len(page) < PAGE:
                return
            version = page[-1].version

    def _page(self, tenant: str, query: LiteralString, values: Sequence[object]) -> list[StoredEvent]:
        return fetch_bound(self._pool, tenant, query, (tenant, *values), args_row(StoredEvent))

    def _row(self, tenant: str, query: LiteralString, values: Sequence[object]) -> TupleRow | None:
        rows = fetch_bound(self._pool, tenant, query, (tenant, *values), tuple_row)
        return rows[0] if rows else None

    def _hashes(self, tenant: str, query: LiteralString, values: Sequence[object]) -> list[bytes]:
        return fetch_bound(self._pool, tenant, query, (tenant, *values), scalar_row)


def _earlier(rows: Sequence[TupleRow], command: CommandId) -> Appended | None:
    if not rows:
        return None
    first, last, request_hash = rows[0]
    if request_hash != command.request_hash:
        raise IdempotencyConflict("idempotency key used before for a different request")
    return Appended(first, last, replayed=True)


def _versions_of(tenant: str, streams: Collection[str]) -> Statement:
    return Statement(_VERSIONS, {"tenant": tenant, "streams": list(set(streams))})


def _one(event: SealedEvent, expected: Mapping[str, int]) -> tuple[object, ...]:
    return (
        event.stream,
        expected[event.stream],
        event.id,
        event.type,
        event.schema,
        event.at,
        event.key,
        _digest(event),
        event.sealed,
    )


def _batch(events: Sequence[SealedEvent], expected: Mapping[str, int]) -> tuple[object, ...]:
    return (
        list(expected),
        _listed(expected.values()),
        _listed(event.stream for event in events),
        _listed(event.id for event in events),
        _listed(event.type for event in events),
        _listed(event.schema for event in events),
        _listed(event.at for event in events),
        _listed(event.key for event in events),
        [_digest(event) for event in events],
        [event.sealed for event in events],
    )


def _listed(values: Iterable[str | int]) -> str:
    """Write an array as PostgreSQL reads it: of numbers, and of texts of a canonical entry (entry.py).

    Between quotes, or a stream called null would be none; nothing in them is a quote or a backslash.
    """
    return '{"' + '","'.join(map(str, values)) + '"}'


def _digest(event: SealedEvent) -> bytes | None:
    return None if event.digest is None else bytes.fromhex(event.digest)


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
