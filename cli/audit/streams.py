"""Single streams of a running service's log, each event proved to be in the tree that the checkpoint signs.

What is asked about one invoice needs a few events, not the log. Every one of them is checked as a walk over the whole
log checks it: its place in the stream, its leaf in the tree, its seal. What no check of a few events can show is that
the service did not keep back later ones; `limits` says so. Whatever is not as it should be is not judged here: the
caller reads the whole log then, which names what is wrong, or by whose decision a key was destroyed.
"""

from collections.abc import Iterable
from functools import lru_cache

from cli.audit.bundle import read_keys
from cli.audit.live import LiveLog
from cli.audit.moments import Moment, Until
from shared.crypto.age import decrypt_with, new_identity
from shared.crypto.envelope import SealBroken, open_sealed
from shared.eventstore.entry import entry_and_aad
from shared.eventstore.event_walk import UnreadableEvent
from shared.eventstore.faults import Faults
from shared.eventstore.model import RecordedEvent, StoredEvent, recorded
from shared.eventstore.payload import PayloadRefused, decode_content
from shared.eventstore.store import EntryRefused
from shared.eventstore.tree_walk import CopyUnreadable
from shared.eventstore.trust import Trust, read_signed
from shared.eventstore.verification import Verification
from shared.merkle.tiles import TiledTree, TileInvalid
from shared.merkle.tree import ProofInvalid, leaf_hash, verify_inclusion

_TILES_KEPT = 1024
"""Of 8 KiB each: neighbouring events are proved by the same tiles."""


class NotProved(Exception):
    """These events alone do not show that all is well; the message says why."""


class ProvedStreams:
    """Reads streams up to the present checkpoint; raises CopyUnreadable, PublicError, NotProved for anything odd."""

    def __init__(self, log: LiveLog, trust: Trust) -> None:
        self._log = log
        self._found = Faults()
        self._signed = read_signed(log.note(), trust, self._found)
        if self._found.count:
            raise NotProved("the checkpoint is not signed as it should be")
        self._tree = TiledTree(_KeptTiles(log), log.size)
        self._identity, self._recipient = new_identity()
        self._keys: dict[str, bytes] = {}
        self.events = 0
        """How many were read."""

    def read(self, stream: str) -> list[RecordedEvent]:
        """Return the stream's events up to the checkpoint; none for a stream that does not exist."""
        placed = self._placed(stream)
        self._ask_for_keys(placed)
        events = [self._proved(event) for event in placed]
        self.events += len(events)
        return events

    def _placed(self, stream: str) -> list[StoredEvent]:
        events: list[StoredEvent] = []
        last = -1
        for event in self._log.stream(stream):
            if isinstance(event, UnreadableEvent):
                raise NotProved(f"position {event.position}: {event.reason}")
            if event.position >= self._log.size:
                break  # appended after the checkpoint: not seen, as on a walk
            place = (event.tenant, event.stream, event.version)
            if place != (self._signed.tenant, stream, len(events) + 1) or event.position <= last:
                raise NotProved(f"position {event.position} is not where the stream goes on")
            events.append(event)
            last = event.position
        return events

    def _ask_for_keys(self, events: Iterable[StoredEvent]) -> None:
        """Ask for all keys at once that are still to be had: each time takes a factor proved at the keyboard."""
        unknown = {event.key: event.position for event in events if event.key not in self._keys}
        for sealed in self._log.sealed_keys_of(self._recipient, list(unknown.values())).values():
            self._keys |= read_keys(decrypt_with(self._identity, sealed))

    def until(self, moment: Moment, events: list[RecordedEvent]) -> Until:
        """Tell how far the log had got at a moment.

        The service says so for an instant. It is believed where the times of these events say the same of each of
        them, so only where clocks were set back does it say something that they do not: then the walk decides.
        """
        if moment.instant is None:
            return Until.stood_at(moment, min(moment.position or 0, self._log.last))
        last = min(self._log.position_at(moment.instant), self._log.last)
        if any((event.position <= last) != (event.at <= moment.instant) for event in events):
            raise NotProved("the times of these events are not in the order of their positions")
        return Until.stood_at(moment, last)

    def verification(self) -> Verification:
        """Return what was checked: every event that was read, and none of the others."""
        return Verification(
            self._signed,
            first=self._log.first,
            last=self._log.last,
            with_keys=True,
            witness_asked=False,
            root=self._signed.checkpoint.root,
            events=self.events,
            opened=self.events,
            found=self._found,
        )

    def limits(self) -> str:
        """Say what was checked, and what was not."""
        events = "1 event was" if self.events == 1 else f"{self.events} events were"
        return (
            f"{events} read, and each proved to be in the tree of {self._log.size} that the checkpoint is of. Not"
            " checked: that the service kept no later ones back, and the rest of the log (--whole-log checks both)."
        )

    def _proved(self, event: StoredEvent) -> RecordedEvent:
        try:
            entry, aad = entry_and_aad(event)
            path = self._tree.inclusion_proof(event.position)
            leaf = leaf_hash(entry)
            verify_inclusion(leaf, event.position, self._log.size, path, self._signed.checkpoint.root)
            payload, by = decode_content(open_sealed(self._key(event), event.sealed, aad))
        except (EntryRefused, TileInvalid, ProofInvalid, CopyUnreadable, SealBroken, PayloadRefused) as error:
            raise NotProved(f"position {event.position}: {error}") from None
        if leaf != event.leaf_hash:
            raise NotProved(f"position {event.position}: another hash was recorded when it was appended")
        return recorded(event, event.position, payload, by)

    def _key(self, event: StoredEvent) -> bytes:
        key = self._keys.get(event.key)
        if key is None:
            # Only the whole log tells a key that was destroyed from one that is kept back.
            raise NotProved(f"the key of position {event.position} is not there")
        return key


class _KeptTiles:
    """Tiles of a service, each asked for once."""

    def __init__(self, log: LiveLog) -> None:
        self.read = lru_cache(_TILES_KEPT)(log.read)
