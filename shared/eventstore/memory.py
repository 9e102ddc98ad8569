"""The store in memory: for tests of everything above it, held to the same contract as PostgreSQL."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from threading import Lock

from msgspec import structs

from shared.eventstore.batch import check_batch, check_command
from shared.eventstore.entry import check_instant, log_entry
from shared.eventstore.model import Appended, CommandId, Edge, LogHead, Look, SealedEvent, StoredEvent
from shared.eventstore.store import EntryRefused, IdempotencyConflict, VersionConflict
from shared.merkle.tree import Frontier, inclusion_proof, leaf_hash, root_hash

TILE = 256
"""Hashes of a full tile."""


@dataclass
class _Log:
    events: list[StoredEvent] = field(default_factory=list)
    streams: dict[str, list[StoredEvent]] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    commands: dict[str, tuple[bytes, Appended]] = field(default_factory=dict)
    frontier: Frontier = field(default_factory=Frontier)
    tiles: dict[int, list[bytes]] = field(default_factory=dict)
    """Full tiles by level: 256 hashes each."""
    hashes: dict[int, list[bytes]] = field(default_factory=dict)
    """Hashes by level: leaf hashes, and above them the roots of full tiles."""


class InMemoryEventStore:
    """An `EventStore` that forgets when the process ends."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._logs: dict[str, _Log] = {}

    def append(
        self,
        tenant: str,
        events: Sequence[SealedEvent],
        expected: Mapping[str, int],
        command: CommandId | None = None,
    ) -> Appended:
        """Append a non-empty batch, all or nothing (see `EventStore.append`)."""
        check_batch(tenant, events, expected, command)
        with self._lock:
            log = self._logs.get(tenant, _Log())
            earlier = _earlier(log, command)
            if earlier is not None:
                return earlier
            _check_versions(log, expected)
            ids = [event.id for event in events]
            if len({*ids, *log.ids}) != len(ids) + len(log.ids):
                raise EntryRefused("an event id is in the log already")
            appended = Appended(first=len(log.events), last=len(log.events) + len(events) - 1, replayed=False)
            for event in events:
                _insert(log, event)
            if command is not None:
                log.commands[command.key] = (command.request_hash, appended)
            self._logs[tenant] = log
            return appended

    def find_command(self, tenant: str, command: CommandId) -> Appended | None:
        """Return where an earlier run landed (see `EventStore.find_command`)."""
        check_command(command)
        with self._lock:
            return _earlier(self._logs.get(tenant, _Log()), command)

    def read_stream(self, tenant: str, stream: str, upto: int | None = None, after: int = 0) -> Iterator[StoredEvent]:
        """Yield one stream's events by version, from `after + 1`, as of position `upto`."""
        events = tuple(self._logs.get(tenant, _Log()).streams.get(stream, ()))[after:]
        return (event for event in events if upto is None or event.position <= upto)

    def version(self, tenant: str, stream: str) -> int:
        """Return how many events a stream has."""
        return len(self._logs.get(tenant, _Log()).streams.get(stream, ()))

    def versions(self, tenant: str, streams: Collection[str]) -> Mapping[str, int]:
        """Return `version` of those of these streams that exist."""
        return {stream: version for stream in streams if (version := self.version(tenant, stream))}

    def look(
        self, tenant: str, streams: Collection[str], versions: Collection[str] = (), command: CommandId | None = None
    ) -> Look:
        """Return several things in one look (see `EventStore.look`)."""
        found = {stream: list(self.read_stream(tenant, stream)) for stream in streams}
        counted = {stream: self.version(tenant, stream) for stream in versions}
        return Look(found, counted, None if command is None else self.find_command(tenant, command))

    def edge(self, tenant: str, size: int) -> Edge | None:
        """Return the end of the tree of `size` events (see `EventStore.edge`)."""
        log = self._logs.get(tenant, _Log())
        if not 0 < size <= len(log.events):
            return None
        return Edge(log.events[size - 1], inclusion_proof(log.hashes[0], size - 1, size)[::-1])

    def read_log(
        self, tenant: str, after: int = -1, limit: int | None = None, upto: int | None = None
    ) -> Iterator[StoredEvent]:
        """Yield the tenant's events by position, from `after + 1`, at most `limit`, as of position `upto`."""
        events = self._logs.get(tenant, _Log()).events
        last = len(events) if upto is None else max(upto, -1)
        return islice(tuple(events[after + 1 : last + 1]), limit)

    def position_at(self, tenant: str, instant: str) -> int:
        """Return where the log stood at an instant (see `EventStore.position_at`)."""
        check_instant(instant)
        events = tuple(self._logs.get(tenant, _Log()).events)
        return next((event.position for event in events if event.at > instant), len(events)) - 1

    def head(self, tenant: str) -> LogHead:
        """Return the tree's size and frontier."""
        frontier = self._logs.get(tenant, _Log()).frontier
        return LogHead(tenant, frontier.size, tuple(frontier.subtrees))

    def full_tile(self, tenant: str, level: int, index: int) -> bytes | None:
        """Return a full tile's 256 hashes, or None (see `EventStore.full_tile`)."""
        tiles = self._logs.get(tenant, _Log()).tiles.get(level, [])
        return tiles[index] if index < len(tiles) else None

    def tile_roots(self, tenant: str, level: int, first: int, count: int) -> Sequence[bytes]:
        """Return the roots of full tiles (see `EventStore.tile_roots`)."""
        return self._logs.get(tenant, _Log()).hashes.get(level + 1, [])[first : first + count]

    def leaf_hashes(self, tenant: str, first: int, count: int) -> Sequence[bytes]:
        """Return leaf hashes by position (see `EventStore.leaf_hashes`)."""
        return self._logs.get(tenant, _Log()).hashes.get(0, [])[first : first + count]

    def tenants(self) -> Sequence[str]:
        """Return the tenants that have a log, sorted."""
        return sorted(self._logs)


def _earlier(log: _Log, command: CommandId | None) -> Appended | None:
    if command is None or command.key not in log.commands:
        return None
    request_hash, appended = log.commands[command.key]
    if request_hash != command.request_hash:
        raise IdempotencyConflict("idempotency key used before for a different request")
    return Appended(appended.first, appended.last, replayed=True)


def _check_versions(log: _Log, expected: Mapping[str, int]) -> None:
    for stream, version in sorted(expected.items()):
        actual = len(log.streams.get(stream, ()))
        if actual != version:
            raise VersionConflict(stream, version, actual)


def _insert(log: _Log, event: SealedEvent) -> None:
    values = structs.asdict(event)
    leaf = leaf_hash(log_entry(event))
    stored = StoredEvent(**values, position=len(log.events), leaf_hash=leaf)
    log.events.append(stored)
    log.streams.setdefault(event.stream, []).append(stored)
    log.ids.add(event.id)
    log.frontier = log.frontier.push(leaf)
    _add_hash(log, 0, leaf)


def _add_hash(log: _Log, level: int, added: bytes) -> None:
    hashes = log.hashes.setdefault(level, [])
    hashes.append(added)
    if len(hashes) % TILE == 0:
        log.tiles.setdefault(level, []).append(b"".join(hashes[-TILE:]))
        _add_hash(log, level + 1, root_hash(hashes[-TILE:]))
