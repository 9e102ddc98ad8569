"""Check a copy of a log from the payload up to the signatures, and name every fault by position and kind.

payload -> sealed hash -> entry -> leaf -> tile -> root -> signature -> cosignature. A changed byte anywhere breaks one
of these links; which one, and where, is what an auditor wants to know. Nothing that the copy says of itself is
believed: the tree's leaves are compared with leaves computed from the events, the root with the root that was signed.

It streams, a tile of 256 events at a time, in memory that hardly grows (event_walk.py says with what).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from shared.eventstore.destructions import Destruction, destroyed_by
from shared.eventstore.event_walk import EventWalk, UnreadableEvent
from shared.eventstore.faults import Fault, FaultKind, Faults
from shared.eventstore.model import RecordedEvent, StoredEvent
from shared.eventstore.tree_walk import CopyUnreadable, TreeWalk
from shared.eventstore.trust import Signed, Trust, read_signed
from shared.merkle.checkpoint import Checkpoint
from shared.merkle.tiles import WIDTH, TileReader


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

    def contradictions(self, checkpoint: Checkpoint) -> Iterable[str]:
        """Yield what the copy says of itself, or holds, that does not belong to this checkpoint."""
        ...

    def destructions(self) -> Iterable[Destruction]:
        """Yield the evidence of keys that were destroyed behind the end of the range; raises CopyUnreadable."""
        ...

    def surplus(self) -> int | None:
        """Return the position of an event that the log's own head does not count; None when there is none."""
        ...


@dataclass
class Verification:
    """What was checked and what was found."""

    signed: Signed
    first: int
    """First position of what was checked."""
    last: int
    """Last one; `first - 1` when there was none."""
    with_keys: bool
    """True when payloads could be opened; else only hashes were checked."""
    witness_asked: bool
    """True when the checkpoint had to be cosigned."""
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
    def whole(self) -> bool:
        """True when the range is the whole log that the checkpoint signs."""
        return self.first == 0 and self.last >= self.signed.checkpoint.size - 1

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

    With `keys` (DEKs by key id) the payloads of `wanted` events are opened and given to `on_page`, some at a time, by
    position, those whose key is gone included (`shredded`); without keys only hashes are checked.
    `progress` is called with how many leaves were dealt with. Faults are added to `found`, so that who folds the events
    in `on_page` can add what it finds. Raises CopyUnreadable when there is no checkpoint to
    begin with.
    """
    found = Faults() if found is None else found
    signed = read_signed(copy.note(), trust, found)
    tree = TreeWalk(copy, signed.checkpoint.size, found, signed.earlier_size)
    walk = EventWalk(signed.tenant, keys, wanted, found)
    size, asked = signed.checkpoint.size, range(copy.first, copy.last + 1)
    _compare_description(copy, signed.checkpoint, found)
    for index in range(tree.tile_count):
        hashes = tree.take(index)
        first, end = index * WIDTH, (index + 1) * WIDTH
        if copy.first < end and copy.last >= first:
            # The whole tile, which a copy of a range holds too: what stands beside the range must be true as well.
            last = max(min(end, size) - 1, min(end - 1, copy.last))
            for page in walk.take(_page(copy, first, last, found), first, last, asked, hashes):
                on_page(page)
        progress(min(end, size))
    if keys is not None:
        walk.note_destroyed(_destroyed(copy, trust, signed, keys, found))
    walk.name_missing_keys()
    signed.compare(tree.root, tree.earlier_root, found)
    if copy.last >= size:
        found.add(
            FaultKind.SIZE_DIFFERS,
            size,
            f"the copy holds events up to position {copy.last}, the checkpoint signs {size} events",
        )
    surplus = copy.surplus()
    if surplus is not None:
        found.add(FaultKind.SIZE_DIFFERS, surplus, "an event stands behind the end of the log")
    return Verification(
        signed,
        first=copy.first,
        last=copy.last,
        with_keys=keys is not None,
        witness_asked=trust.witness is not None,
        root=tree.root,
        events=walk.events,
        opened=walk.opened,
        shredded=walk.shredded,
        found=found,
    )


def _compare_description(copy: LogCopy, checkpoint: Checkpoint, found: Faults) -> None:
    for reason in copy.contradictions(checkpoint):
        found.add(FaultKind.COPY_DIFFERS, None, reason)
    if copy.last < copy.first and checkpoint.size:
        found.add(FaultKind.EVENTS_UNREADABLE, 0, f"the copy holds no event of a log of {checkpoint.size}")


def _destroyed(copy: LogCopy, trust: Trust, signed: Signed, keys: Mapping[str, bytes], found: Faults) -> Iterator[str]:
    """Yield the ids of the keys whose destruction is proved beside the range."""
    try:
        for destruction in copy.destructions():
            yield from destroyed_by(destruction, trust, signed, keys, found)
    except CopyUnreadable as error:
        found.add(FaultKind.DESTRUCTION_UNPROVED, None, f"the evidence of destroyed keys cannot be read: {error}")


def _page(copy: LogCopy, first: int, last: int, found: Faults) -> Sequence[StoredEvent | UnreadableEvent]:
    try:
        return copy.events(first, last)
    except CopyUnreadable as error:
        found.add(FaultKind.EVENTS_UNREADABLE, first, str(error))
        return []
