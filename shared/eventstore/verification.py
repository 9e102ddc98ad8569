"""Check a copy of a log from the payload up to the signatures, and name every fault by position and kind.

payload -> sealed hash -> entry -> leaf -> tile -> root -> signature -> cosignature. A changed byte anywhere breaks one
of these links; which one, and where, is what an auditor wants to know. Nothing that the copy says of itself is
believed: the tree's leaves are compared with leaves computed from the events, the root with the root that was signed.

It streams, a tile of 256 events at a time; what grows is twelve bytes for each stream (their versions) and one small
record for each key that is missing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from shared.crypto.envelope import Opener, SealBroken
from shared.eventstore.entry import entry_and_aad
from shared.eventstore.faults import Fault, FaultKind, Faults
from shared.eventstore.model import RecordedEvent, StoredEvent, recorded, shredded
from shared.eventstore.payload import PayloadRefused, decode_content
from shared.eventstore.store import EntryRefused
from shared.eventstore.stream_versions import StreamVersions
from shared.eventstore.tree_walk import CopyUnreadable, TreeWalk
from shared.eventstore.trust import Signed, Trust, read_signed
from shared.merkle.tiles import WIDTH, TileReader
from shared.merkle.tree import HASH_BYTES, leaf_hash

_MOST_OPENERS = 4096
SHREDDING = "SubjectShredded"
"""The event that says which keys were destroyed: `keys` in its data."""


@dataclass(frozen=True, slots=True)
class UnreadableEvent:
    """What stands at a position where an event should be."""

    position: int
    reason: str


class LogCopy(TileReader, Protocol):
    """Where a log is read from: a bundle, a running service, a database. What it says of itself is to be checked."""

    @property
    def first(self) -> int:
        """First position whose event is to be had."""
        ...

    @property
    def last(self) -> int:
        """Last one; `first - 1` when there is none."""
        ...

    def note(self) -> str:
        """Return the signed checkpoint; raises CopyUnreadable."""
        ...

    def events(self, first: int, last: int) -> Sequence[StoredEvent | UnreadableEvent]:
        """Return the events at positions `first` to `last`, all of one tile, by position; raises CopyUnreadable.

        What is missing is left out.
        """
        ...

    def surplus(self) -> int | None:
        """Return the position of an event that the log's own head does not count; None when there is none."""
        ...


@dataclass
class Verification:
    """What was checked and what was found."""

    signed: Signed
    root: bytes | None = None
    """32 bytes, over all leaves; None when a tile could not be read."""
    events: int = 0
    opened: int = 0
    shredded: int = 0
    """Events whose key was destroyed, as the log itself says."""
    found: Faults = field(default_factory=Faults)

    @property
    def faults(self) -> Sequence[Fault]:
        """The first thousand faults."""
        return self.found.kept

    @property
    def ok(self) -> bool:
        """True when nothing is wrong."""
        return self.found.count == 0


def _always(_: StoredEvent) -> bool:
    return True


def verify_log(
    copy: LogCopy,
    trust: Trust,
    *,
    keys: Mapping[str, bytes] | None = None,
    wanted: Callable[[StoredEvent], bool] = _always,
    on_page: Callable[[Sequence[RecordedEvent]], None] = lambda _: None,
    progress: Callable[[int], None] = lambda _: None,
    found: Faults | None = None,
) -> Verification:
    """Verify everything that `copy` holds; return what was found.

    With `keys` (DEKs by key id) the payloads of `wanted` events are opened and given to `on_page`, a tile's worth at a
    time, by position, those whose key is gone included (`shredded`); without keys only hashes are checked.
    `progress` is called with how many leaves were dealt with. Faults are added to `found`, so that who folds the events
    in `on_page` can add what it finds. Raises CopyUnreadable when there is no checkpoint to
    begin with.
    """
    found = Faults() if found is None else found
    signed = read_signed(copy.note(), trust, found)
    tree = TreeWalk(copy, signed.checkpoint.size, found, signed.earlier_size)
    walk = _EventWalk(signed.tenant, keys, wanted, found)
    for index in range(tree.tile_count):
        hashes = tree.take(index)
        first, last = max(copy.first, index * WIDTH), min(copy.last, (index + 1) * WIDTH - 1)
        if first <= last:
            on_page(walk.take(_page(copy, first, last, found), first, last, hashes))
        progress(min((index + 1) * WIDTH, signed.checkpoint.size))
    walk.name_missing_keys()
    signed.compare(tree.root, tree.earlier_root, found)
    if copy.last >= signed.checkpoint.size:
        found.add(
            FaultKind.SIZE_DIFFERS,
            signed.checkpoint.size,
            f"the copy holds events up to position {copy.last}, the checkpoint signs {signed.checkpoint.size} events",
        )
    surplus = copy.surplus()
    if surplus is not None:
        found.add(FaultKind.SIZE_DIFFERS, surplus, "an event stands behind the end of the log")
    return Verification(signed, tree.root, walk.events, walk.opened, walk.shredded, found)


def _page(copy: LogCopy, first: int, last: int, found: Faults) -> Sequence[StoredEvent | UnreadableEvent]:
    try:
        return copy.events(first, last)
    except CopyUnreadable as error:
        found.add(FaultKind.EVENTS_UNREADABLE, first, str(error))
        return []


class _EventWalk:
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
        self, page: Sequence[StoredEvent | UnreadableEvent], first: int, last: int, hashes: bytes | None
    ) -> list[RecordedEvent]:
        """Check the events of one tile against their places; return what was opened."""
        if self._versions is None:
            # A copy that begins in the middle cannot know at which versions its streams stood.
            self._versions = StreamVersions(from_the_start=first == 0)
        opened = []
        expected = first
        for event in page:
            if event.position != expected:
                self._misplaced(event.position, expected)
            if event.position < expected:
                continue
            expected = event.position + 1
            if isinstance(event, UnreadableEvent):
                self._found.add(FaultKind.ENTRY_REFUSED, event.position, f"there is no log entry: {event.reason}")
                continue
            content = self._check(event, hashes)
            if content is not None:
                opened.append(content)
        if expected <= last:
            self._misplaced(last + 1, expected)
        return opened

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
                f"the key {key} of {events} from here on is not there, and the log does not say that it was destroyed",
            )

    def _misplaced(self, position: int, expected: int) -> None:
        if position > expected:
            missing = "the event is" if position == expected + 1 else f"{position - expected} events from here on are"
            self._found.add(FaultKind.POSITION_UNEXPECTED, expected, f"{missing} missing")
        else:
            self._found.add(FaultKind.POSITION_UNEXPECTED, position, "a second event claims this position")

    def _check(self, event: StoredEvent, hashes: bytes | None) -> RecordedEvent | None:
        self.events += 1
        position = event.position
        try:
            entry, aad = entry_and_aad(event)
        except EntryRefused as error:
            self._found.add(FaultKind.ENTRY_REFUSED, position, f"no log entry can be made of it: {error}")
            return None
        self._check_place(event)
        self._check_leaf(event, leaf_hash(entry), hashes)
        if self._keys is None or not self._wanted(event):
            return None
        opener = self._openers.get(event.key) or self._opener(event.key)
        if opener is None:
            first, count = self._absent.get(event.key, (position, 0))
            self._absent[event.key] = (first, count + 1)
            return shredded(event, position)
        return self._open(event, opener, aad)

    def _check_place(self, event: StoredEvent) -> None:
        if event.tenant != self._tenant:
            self._found.add(FaultKind.TENANT_FOREIGN, event.position, "the event belongs to another tenant")
        expected = self._versions.step(event.stream, event.version) if self._versions is not None else event.version
        if event.version != expected:
            self._found.add(
                FaultKind.VERSION_UNEXPECTED,
                event.position,
                f"version {event.version} of {event.stream}, expected {expected}",
            )

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

    def _open(self, event: StoredEvent, opener: Opener, aad: bytes) -> RecordedEvent | None:
        try:
            payload, by = decode_content(opener.open(event.sealed, aad))
        except SealBroken:
            self._found.add(
                FaultKind.SEAL_BROKEN, event.position, "the payload does not open: it or its place was changed"
            )
            return None
        except PayloadRefused as error:
            self._found.add(FaultKind.PAYLOAD_INVALID, event.position, f"the payload opens, but {error}")
            return None
        self.opened += 1
        if event.type == SHREDDING:
            destroyed = payload.get("keys")
            self._destroyed.update(map(str, destroyed) if isinstance(destroyed, list) else ())
        return recorded(event, event.position, payload, by)


def _where_else(leaf: bytes, hashes: bytes, event: StoredEvent) -> str:
    """Say where in the tile an event belongs that stands at the wrong place."""
    found = hashes.find(leaf)
    if found < 0 or found % HASH_BYTES:
        return ""
    return f"; it belongs at position {event.position - event.position % WIDTH + found // HASH_BYTES}"
