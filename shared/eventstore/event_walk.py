"""From sealed payloads to leaves: every event must stand in its place, be the one in the tree, and open.

What grows is twelve bytes for each stream (their versions) and one small record for each key that is missing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from shared.crypto.envelope import Opener, SealBroken
from shared.eventstore.entry import entry_and_aad
from shared.eventstore.faults import FaultKind, Faults
from shared.eventstore.model import Payload, RecordedEvent, StoredEvent, recorded, shredded
from shared.eventstore.payload import PayloadRefused, decode_content
from shared.eventstore.store import EntryRefused
from shared.eventstore.stream_versions import StreamVersions
from shared.merkle.tiles import WIDTH
from shared.merkle.tree import HASH_BYTES, leaf_hash

_MOST_OPENERS = 4096
# Few enough that what one check leaves is still in the processor's cache when the next one needs it.
_AT_ONCE = 32
SHREDDING = "SubjectShredded"
"""The event that says which keys were destroyed: `keys` in its data."""


@dataclass(frozen=True, slots=True)
class UnreadableEvent:
    """What stands at a position where an event should be."""

    position: int
    reason: str


class EventWalk:
    """One pass over the events."""

    def __init__(
        self,
        tenant: str,
        keys: Mapping[str, bytes] | None,
        wanted: Callable[[StoredEvent], bool],
        found: Faults,
    ) -> None:
        self._tenant, self._keys, self._wanted, self._found = tenant, keys, wanted, found
        self._versions: StreamVersions | None = None
        self._openers: dict[str, Opener] = {}
        self._absent: dict[str, tuple[int, int]] = {}
        self._destroyed: set[str] = set()
        self.events = self.opened = self.shredded = 0

    def take(
        self, page: Sequence[StoredEvent | UnreadableEvent], first: int, last: int, opened: range, hashes: bytes | None
    ) -> Iterator[list[RecordedEvent]]:
        """Check the events of one tile against their places; yield what was opened of positions `opened`."""
        if self._versions is None:
            # A copy that begins in the middle cannot know at which versions its streams stood.
            self._versions = StreamVersions(from_the_start=first == 0)
        in_order = self._in_order(page, first, last)
        while some := list(islice(in_order, _AT_ONCE)):
            yield self._check(some, self._versions, opened, hashes)

    def _check(
        self, some: Sequence[StoredEvent], versions: StreamVersions, opened: range, hashes: bytes | None
    ) -> list[RecordedEvent]:
        """Do one check after the other for all of them, which costs less than all checks for one after the other."""
        events, leaves, aads = self._entries(some)
        self._check_places(events, versions)
        self._check_leaves(events, leaves, hashes)
        # A whole tile is checked, but only the range is what the copy was made for, and has keys.
        if some[0].position not in opened or some[-1].position not in opened:
            inside = [index for index, event in enumerate(events) if event.position in opened]
            events, aads = [events[index] for index in inside], [aads[index] for index in inside]
        self.events += len(events)
        if self._keys is None:
            return []
        return self._open_all(events, aads)

    def name_missing_keys(self) -> None:
        """Tell the keys that the log says were destroyed from those that are missing without a reason."""
        for key, (position, count) in self._absent.items():
            if key in self._destroyed:
                self.shredded += count
                continue
            events = "an event" if count == 1 else f"{count} events"
            self._found.add(
                FaultKind.KEY_MISSING,
                position,
                f"the key {key} of {events} from here on is not there, and nothing in this copy shows that it was"
                " destroyed",
            )

    def _misplaced(self, position: int, expected: int) -> None:
        if position > expected:
            missing = "the event is" if position == expected + 1 else f"{position - expected} events from here on are"
            self._found.add(FaultKind.POSITION_UNEXPECTED, expected, f"{missing} missing")
        else:
            self._found.add(FaultKind.POSITION_UNEXPECTED, position, "a second event claims this position")

    def _in_order(self, page: Sequence[StoredEvent | UnreadableEvent], first: int, last: int) -> Iterator[StoredEvent]:
        """Yield the events that stand where they should, `first` to `last`."""
        expected = first
        for event in page:
            position = event.position
            if position > last:
                self._found.add(FaultKind.POSITION_UNEXPECTED, position, "a record too many: its tile ends before it")
                continue
            if position != expected:
                self._misplaced(position, expected)
            if position < expected:
                continue
            expected = position + 1
            if isinstance(event, UnreadableEvent):
                self._found.add(FaultKind.ENTRY_REFUSED, position, f"there is no log entry: {event.reason}")
            else:
                yield event
        if expected <= last:
            self._misplaced(last + 1, expected)

    def _entries(self, page: Iterable[StoredEvent]) -> tuple[list[StoredEvent], list[bytes], list[bytes]]:
        """Return the events that have an entry, their leaf hashes and the associated data of their seals."""
        events, leaves, aads = [], [], []
        for event in page:
            try:
                entry, aad = entry_and_aad(event)
            except EntryRefused as error:
                self._found.add(FaultKind.ENTRY_REFUSED, event.position, f"no log entry can be made of it: {error}")
                continue
            events.append(event)
            leaves.append(leaf_hash(entry))
            aads.append(aad)
        return events, leaves, aads

    def _check_places(self, events: Sequence[StoredEvent], versions: StreamVersions) -> None:
        tenant, step = self._tenant, versions.step
        for event in events:
            if event.tenant != tenant:
                self._found.add(FaultKind.TENANT_FOREIGN, event.position, "the event belongs to another tenant")
            version = event.version
            expected = step(event.stream, version)
            if version != expected:
                reason = f"version {version} of {event.stream}, expected {expected}"
                self._found.add(FaultKind.VERSION_UNEXPECTED, event.position, reason)

    def _check_leaves(self, events: Sequence[StoredEvent], leaves: Sequence[bytes], hashes: bytes | None) -> None:
        # All at once; only when something differs one by one, to name what it is.
        if leaves != [event.leaf_hash for event in events] or not _are_in(hashes, events, leaves):
            for event, leaf in zip(events, leaves, strict=True):
                self._check_leaf(event, leaf, hashes)

    def _check_leaf(self, event: StoredEvent, leaf: bytes, hashes: bytes | None) -> None:
        if hashes is not None:
            start = event.position % WIDTH * HASH_BYTES
            if leaf != hashes[start : start + HASH_BYTES]:
                self._found.add(
                    FaultKind.LEAF_DIFFERS,
                    event.position,
                    "the event is not the one whose hash stands in the tree" + _where_else(leaf, hashes, event),
                )
                return
        if leaf != event.leaf_hash:
            self._found.add(
                FaultKind.LEAF_DIFFERS,
                event.position,
                "the event is not the one whose hash was recorded when it was appended",
            )

    def _opener(self, key_id: str) -> Opener | None:
        key = None if self._keys is None else self._keys.get(key_id)
        if key is None:
            return None
        if len(self._openers) >= _MOST_OPENERS:
            self._openers.clear()
        return self._openers.setdefault(key_id, Opener(key))

    def _open_all(self, events: Iterable[StoredEvent], aads: Iterable[bytes]) -> list[RecordedEvent]:
        """Return the wanted events as far as they open, those whose key is gone as places only."""
        wanted, openers = self._wanted, self._openers
        opened = []
        for event, aad in zip(events, aads, strict=True):
            asked_for = wanted(event)
            # What was destroyed has to be known whatever is asked for: without it, keys would seem to be missing.
            if not asked_for and event.type != SHREDDING:
                continue
            opener = openers.get(event.key) or self._opener(event.key)
            if opener is None:
                if not asked_for:
                    continue
                first, count = self._absent.get(event.key, (event.position, 0))
                self._absent[event.key] = (first, count + 1)
                opened.append(shredded(event, event.position))
                continue
            try:
                payload, by = decode_content(opener.open(event.sealed, aad))
            except SealBroken:
                reason = "the payload does not open: it or its place was changed"
                self._found.add(FaultKind.SEAL_BROKEN, event.position, reason)
                continue
            except PayloadRefused as error:
                self._found.add(FaultKind.PAYLOAD_INVALID, event.position, f"the payload opens, but {error}")
                continue
            if event.type == SHREDDING:
                self.note_destroyed(keys_destroyed(payload))
            if asked_for:
                self.opened += 1
                opened.append(recorded(event, event.position, payload, by))
        return opened

    def note_destroyed(self, keys: Iterable[str]) -> None:
        """Take it that these keys were destroyed, as the log says."""
        self._destroyed.update(keys)


def keys_destroyed(payload: Payload) -> frozenset[str]:
    """Return the ids of the keys that a `SubjectShredded` names."""
    destroyed = payload.get("keys")
    return frozenset(map(str, destroyed)) if isinstance(destroyed, list) else frozenset()


def _are_in(hashes: bytes | None, events: Sequence[StoredEvent], leaves: Sequence[bytes]) -> bool:
    """Tell whether nothing is wrong: these leaves are an unbroken run and stand at their places in the tile."""
    if hashes is None or not events:
        return True
    first, last = events[0].position, events[-1].position
    start = first % WIDTH * HASH_BYTES
    return last - first + 1 == len(events) and hashes[start : start + len(events) * HASH_BYTES] == b"".join(leaves)


def _where_else(leaf: bytes, hashes: bytes, event: StoredEvent) -> str:
    """Say where in the tile an event belongs that stands at the wrong place."""
    found = hashes.find(leaf)
    if found < 0 or found % HASH_BYTES:
        return ""
    return f"; it belongs at position {event.position - event.position % WIDTH + found // HASH_BYTES}"
