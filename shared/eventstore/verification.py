"""Check a copy of a log from the payload up to the signatures, and name every fault by position and kind.

payload -> sealed hash -> entry -> leaf -> tile -> root -> signature -> cosignature. A changed byte anywhere breaks one
of these links; which one, and where, is what an auditor wants to know. Nothing that the copy says of itself is
believed: the tree's leaves are compared with leaves computed from the events, the root with the root that was signed.

It streams, a tile of 256 events at a time, in memory that hardly grows (event_walk.py says with what).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from shared.eventstore.event_walk import EventWalk, UnreadableEvent
from shared.eventstore.faults import Fault, FaultKind, Faults
from shared.eventstore.model import RecordedEvent, StoredEvent
from shared.eventstore.tree_walk import CopyUnreadable, TreeWalk
from shared.eventstore.trust import Signed, Trust, read_signed
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
    walk = EventWalk(signed.tenant, keys, wanted, found)
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
