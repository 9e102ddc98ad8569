"""A tenant's log as command handlers and projections see it: payloads in the clear, keys and seals out of sight."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from msgspec import structs

from shared.crypto.envelope import SealBroken, seal
from shared.crypto.keyring import Keyring, KeyShredded
from shared.eventstore.entry import entry_aad
from shared.eventstore.model import (
    Author,
    CommandId,
    LogHead,
    NewEvent,
    RecordedEvent,
    SealedEvent,
    StoredEvent,
    recorded,
    shredded,
)
from shared.eventstore.payload import decode_content, encode_content
from shared.eventstore.recall import Place, Recall
from shared.eventstore.registry import EventRegistry, EventTypeUnknown
from shared.eventstore.store import CommandRepeated, EntryRefused, EventStore, NotRemembered, VersionConflict
from shared.kernel.clock import Clock, to_rfc3339
from shared.kernel.ids import new_id

_PAGE = 500
"""Of how many events the keys are read together."""


class Streams(Protocol):
    """Where a handler loads what it decides on: the log, or what one look at it saw."""

    def load(self, tenant: str, stream: str) -> list[RecordedEvent]:
        """Return a stream's events by version; an empty list for one that does not exist."""
        ...


class Deciding(Protocol):
    """What a command is decided on, and where its decision goes: the log, or what is remembered of it."""

    def look(
        self, tenant: str, streams: Collection[str], versions: Collection[str] = (), command: CommandId | None = None
    ) -> "Seen":
        """Return all that a command decides on, as `TenantLog.look`."""
        ...

    def append(
        self,
        tenant: str,
        events: Sequence[NewEvent],
        expected: Mapping[str, int],
        command: CommandId | None = None,
    ) -> list[RecordedEvent]:
        """Append what was decided, as `TenantLog.append`."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look at a tenant's log saw. It knows nothing else: asking it about another stream is a KeyError."""

    tenant: str
    streams: Mapping[str, list[RecordedEvent]]
    versions: Mapping[str, int]
    command: CommandId | None
    earlier: list[RecordedEvent] | None

    def load(self, tenant: str, stream: str) -> list[RecordedEvent]:
        """Return a stream's events, as `TenantLog.load`."""
        return self._of(tenant).streams[stream]

    def version(self, tenant: str, stream: str) -> int:
        """Return how many events a stream has, as `TenantLog.version`."""
        return self._of(tenant).versions[stream]

    def replay_of(self, tenant: str, command: CommandId) -> list[RecordedEvent] | None:
        """Return the events of an earlier run, as `TenantLog.replay_of`: it was asked after the streams."""
        if command != self._of(tenant).command:
            raise KeyError(command.key)
        return self.earlier

    def _of(self, tenant: str) -> "Seen":
        if tenant != self.tenant:
            raise KeyError(tenant)
        return self


@dataclass(frozen=True, slots=True)
class Remembered:
    """A log as this process remembers it: nobody is asked before the append.

    For a command whose append expects the version of all that it looked at: what is not so any more refuses the
    append, and the command is decided again on the log itself. So is one that is refused: what it was refused for may
    not be so any more, and it may have been carried out before.
    """

    log: "TenantLog"

    def look(
        self, tenant: str, streams: Collection[str], versions: Collection[str] = (), command: CommandId | None = None
    ) -> Seen:
        """Return what is remembered, and no earlier run; raises as `TenantLog.recall`."""
        return self.log.recall(tenant, streams, versions, command)

    def append(
        self,
        tenant: str,
        events: Sequence[NewEvent],
        expected: Mapping[str, int],
        command: CommandId | None = None,
    ) -> list[RecordedEvent]:
        """Append the first run of a command; CommandRepeated for another, and as `TenantLog.append`."""
        return self.log.append(tenant, events, expected, command, first_run=True)


class TenantLog:
    """Seals what goes into the store and opens what comes out."""

    def __init__(self, store: EventStore, keyring: Keyring, registry: EventRegistry, clock: Clock) -> None:
        self._store, self._keyring, self._registry, self._clock = store, keyring, registry, clock
        self._recall = Recall()

    def append(
        self,
        tenant: str,
        events: Sequence[NewEvent],
        expected: Mapping[str, int],
        command: CommandId | None = None,
        by: Author | None = None,
        *,
        first_run: bool = False,
    ) -> list[RecordedEvent]:
        """Append what a command decided, all or nothing, and return it as recorded.

        `expected` gives the version at which every stream must be (0: it must not exist). `by` is who made it happen;
        without it, whoever sent the command. When the command was
        carried out before, nothing is written and the first run's events are returned, read from the log, so that a
        reply made from them is the first reply; with `first_run` that is a CommandRepeated. Raises VersionConflict,
        IdempotencyConflict, EntryRefused, PayloadRefused, EventTypeUnknown, KeyUnknown, KeyShredded.
        """
        author = by or (None if command is None else command.by)
        contents = [encode_content(event.payload, author) for event in events]
        sealed = self._seal_batch(tenant, events, contents, expected)
        try:
            appended = self._store.append(tenant, sealed, expected, command)
        except VersionConflict as conflict:
            self._recall.was_disputed(tenant, conflict.stream)
            raise
        if appended.replayed:
            if first_run:
                raise CommandRepeated("the command was carried out before")
            return self.at(tenant, appended.first, appended.last)
        self._recall.was_appended(tenant, sealed, appended.first, expected)
        # What a reader will see, which is what the bytes say, not the object the caller happened to pass.
        return [
            recorded(event, position, *decode_content(content))
            for position, (event, content) in enumerate(zip(sealed, contents, strict=True), start=appended.first)
        ]

    def replay_of(self, tenant: str, command: CommandId) -> list[RecordedEvent] | None:
        """Return the events of an earlier run of the command, None when there was none; IdempotencyConflict.

        Asking before deciding lets a handler answer a retry whose decision would now be a refusal; ask after loading
        what is decided on. Two first runs that race both see None: `append` settles it.
        """
        earlier = self._store.find_command(tenant, command)
        return None if earlier is None else self.at(tenant, earlier.first, earlier.last)

    def load(self, tenant: str, stream: str, after: int = 0, limit: int | None = None) -> list[RecordedEvent]:
        """Return a stream's events by version, from `after + 1`, at most `limit`; an empty list where there is none.

        For whoever decides: raises KeyShredded when any of them is unreadable for good, because nothing can be decided
        on half a history; SealBroken, KeyUnknown, EventTypeUnknown.
        """
        events = list(islice(self._store.read_stream(tenant, stream, after=after), limit))
        if after == 0 and limit is None:
            self._recall.was_read(tenant, {stream: events})
        return [self._open(event, event.position) for event in events]

    def version(self, tenant: str, stream: str) -> int:
        """Return how many events a stream has, without reading or opening them."""
        return self._store.version(tenant, stream)

    def versions(self, tenant: str, streams: Collection[str]) -> Mapping[str, int]:
        """Return `version` of those of these streams that exist, in one look."""
        return self._store.versions(tenant, streams)

    def look(
        self, tenant: str, streams: Collection[str], versions: Collection[str] = (), command: CommandId | None = None
    ) -> "Seen":
        """Read all that a command decides on in one look: it answers `load`, `version` and `replay_of` about that.

        `streams` are opened, of `versions` only the versions are known. Raises like `load` and `replay_of`.
        """
        looked = self._store.look(tenant, streams, versions, command)
        self._recall.was_read(tenant, looked.streams, looked.versions)
        places = {stream: [(event.position, event) for event in events] for stream, events in looked.streams.items()}
        opened = self._opened(tenant, places)
        earlier = None if looked.earlier is None else self.at(tenant, looked.earlier.first, looked.earlier.last)
        return Seen(tenant, opened, looked.versions, command, earlier)

    def recall(
        self, tenant: str, streams: Collection[str], versions: Collection[str] = (), command: CommandId | None = None
    ) -> "Seen":
        """Return what `look` would have found when the process last knew, and no earlier run; it asks nobody.

        Raises NotRemembered, KeyShredded, KeyUnknown.
        """
        events, counted = self._recall.events(tenant, streams), self._recall.versions(tenant, versions)
        if events is None or counted is None:
            raise NotRemembered("some of it was not read before")
        return Seen(tenant, self._opened(tenant, events), counted, command, None)

    def read(self, tenant: str, after: int = -1, limit: int | None = None) -> Iterator[RecordedEvent]:
        """Yield the tenant's events by position, from `after + 1`, at most `limit`, in constant memory.

        For whoever follows or audits: an event whose key was shredded is yielded with `shredded` true, an empty
        payload and no author. Raises, at the event that cannot be read, SealBroken, KeyUnknown or EventTypeUnknown.
        """
        events = self._store.read_log(tenant, after, limit)
        while page := list(islice(events, _PAGE)):
            self._keyring.load(tenant, {event.key for event in page})
            yield from map(self._open_or_shredded, page)

    def at(self, tenant: str, first: int, last: int) -> list[RecordedEvent]:
        """Return the events at positions `first` to `last`, both included; raises like `load`."""
        read = self._store.read_log(tenant, first - 1, last - first + 1)
        return [self._open(event, event.position) for event in read]

    def about(self, tenant: str, subject: str, after: int = -1) -> Iterator[RecordedEvent]:
        """Yield all that the log holds about a data subject, by position, from `after + 1`.

        One pass over the tenant's log, in constant memory; only the subject's events are opened. Raises like `load`.
        """
        keys = frozenset(self._keyring.key_ids(tenant, subject))
        return (self._open(event, event.position) for event in self._store.read_log(tenant, after) if event.key in keys)

    def stored(self, tenant: str, after: int = -1, limit: int | None = None) -> Iterator[StoredEvent]:
        """Yield the tenant's events as they are at rest, sealed."""
        return self._store.read_log(tenant, after, limit)

    def head(self, tenant: str) -> LogHead:
        """Return the tree's size and frontier; size 0 for a tenant without a log."""
        return self._store.head(tenant)

    def tenants(self) -> Sequence[str]:
        """Return the tenants that have a log, sorted."""
        return self._store.tenants()

    def _seal_batch(
        self, tenant: str, events: Sequence[NewEvent], contents: Sequence[bytes], expected: Mapping[str, int]
    ) -> list[SealedEvent]:
        at = to_rfc3339(self._clock.now())
        appended = Counter[str]()
        sealed = []
        for event, content in zip(events, contents, strict=True):
            if event.stream not in expected:
                raise EntryRefused("a stream has no expected version")
            appended[event.stream] += 1
            version = expected[event.stream] + appended[event.stream]
            sealed.append(self._seal(tenant, event, content, version, at))
        return sealed

    def _seal(self, tenant: str, event: NewEvent, content: bytes, version: int, at: str) -> SealedEvent:
        if event.schema != self._registry.schema_of(event.type):
            raise EventTypeUnknown(f"schema {event.schema} of {event.type} is not the one that is written now")
        dek = self._keyring.dek_for(tenant, event.subject)
        blank = SealedEvent(
            tenant=tenant,
            stream=event.stream,
            version=version,
            id=new_id(),
            type=event.type,
            schema=event.schema,
            at=at,
            key=dek.key_id,
            digest=event.digest,
            sealed=b"",
        )
        return structs.replace(blank, sealed=seal(dek.key, content, entry_aad(blank)))

    def _opened(self, tenant: str, streams: Mapping[str, Sequence[Place]]) -> dict[str, list[RecordedEvent]]:
        self._keyring.load(tenant, {event.key for places in streams.values() for _, event in places})
        return {stream: [self._open(event, position) for position, event in each] for stream, each in streams.items()}

    def _open(self, event: SealedEvent, position: int) -> RecordedEvent:
        opener = self._keyring.opener(event.tenant, event.key)
        try:
            opened = opener.open(event.sealed, entry_aad(event))
        except SealBroken:
            raise SealBroken(f"position {position}") from None
        data, by = decode_content(opened)
        payload = self._registry.upcast(event.type, event.schema, data)
        return recorded(event, position, payload, by, schema=self._registry.schema_of(event.type))

    def _open_or_shredded(self, event: StoredEvent) -> RecordedEvent:
        try:
            return self._open(event, event.position)
        except KeyShredded:
            return shredded(event, event.position)
