"""What a tenant's log is, said as plainly as it can be: a list. Stores are compared with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import takewhile

from msgspec import structs

from shared.eventstore.entry import log_entry
from shared.eventstore.model import Appended, CommandId, SealedEvent, StoredEvent
from shared.eventstore.store import EntryRefused, IdempotencyConflict, VersionConflict


@dataclass
class ModelLog:
    """One tenant's log."""

    events: list[StoredEvent] = field(default_factory=list)
    commands: dict[str, tuple[bytes, int, int]] = field(default_factory=dict)

    def append(
        self, events: Sequence[SealedEvent], expected: Mapping[str, int], command: CommandId | None = None
    ) -> Appended:
        """Do what `EventStore.append` says it does."""
        earlier = None if command is None else self.find_command(command)
        if earlier is not None:
            return earlier
        for stream in sorted(expected):
            if self.version(stream) != expected[stream]:
                raise VersionConflict(stream, expected[stream], self.version(stream))
        if {event.id for event in events} & {event.id for event in self.events}:
            raise EntryRefused("an event id is in the log already")
        first = len(self.events)
        self.events.extend(_stored(event, position) for position, event in enumerate(events, start=first))
        if command is not None:
            self.commands[command.key] = (command.request_hash, first, len(self.events) - 1)
        return Appended(first, len(self.events) - 1, replayed=False)

    def find_command(self, command: CommandId) -> Appended | None:
        """Do what `EventStore.find_command` says it does."""
        if command.key not in self.commands:
            return None
        request_hash, first, last = self.commands[command.key]
        if request_hash != command.request_hash:
            raise IdempotencyConflict
        return Appended(first, last, replayed=True)

    def stream(self, stream: str, upto: int | None = None) -> list[StoredEvent]:
        """Return one stream's events by version, as it was at position `upto`."""
        return [event for event in self.until(upto) if event.stream == stream]

    def until(self, upto: int | None) -> list[StoredEvent]:
        """Return the log as it was at position `upto`."""
        return self.events if upto is None else self.events[: max(0, upto + 1)]

    def version(self, stream: str) -> int:
        """Return how many events a stream has."""
        return len(self.stream(stream))

    def position_at(self, instant: str) -> int:
        """Do what `EventStore.position_at` says it does."""
        return sum(1 for _ in takewhile(lambda event: event.at <= instant, self.events)) - 1

    def hashes(self, level: int) -> list[bytes]:
        """Return all hashes of a level of tiles: leaves, or the roots of the full tiles below."""
        if level == 0:
            return [event.leaf_hash for event in self.events]
        below = self.hashes(level - 1)
        return [tree_hash(below[start : start + 256]) for start in range(0, len(below) - 255, 256)]

    def root(self) -> bytes:
        """Return the root of the tree over all leaves."""
        return tree_hash([event.leaf_hash for event in self.events])


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 section 2.1, word by word: not the code that is tested."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + tree_hash(leaves[:split]) + tree_hash(leaves[split:])).digest()


def leaf_of(event: SealedEvent) -> bytes:
    """RFC 6962 section 2.1: the hash of one entry."""
    return sha256(b"\x00" + log_entry(event)).digest()


def _stored(event: SealedEvent, position: int) -> StoredEvent:
    return StoredEvent(**structs.asdict(event), position=position, leaf_hash=leaf_of(event))
