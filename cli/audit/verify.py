"""Check a copy of a log from the payload up to the signature, and name every fault by position and kind.

payload -> sealed hash -> entry -> leaf -> root -> signature. A changed byte anywhere breaks one of these links; which
one, and where, is what an auditor wants to know. Nothing here trusts the leaf hashes that the copy carries: they only
tell *where* a recomputed leaf departs from what was recorded.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from cli.audit.bundle import Bundle
from shared.crypto.envelope import SealBroken, open_sealed
from shared.eventstore.entry import entry_aad, log_entry
from shared.eventstore.model import RecordedEvent, StoredEvent, recorded
from shared.eventstore.payload import PayloadRefused, decode_content
from shared.eventstore.store import EntryRefused
from shared.merkle.checkpoint import Checkpoint, CheckpointInvalid, verify_checkpoint
from shared.merkle.note import NoteInvalid, NoteVerifier
from shared.merkle.tree import Frontier, leaf_hash


class FaultKind(StrEnum):
    """What can be wrong with a log."""

    CHECKPOINT_INVALID = "checkpoint_invalid"
    ENTRY_REFUSED = "entry_refused"
    TENANT_FOREIGN = "tenant_foreign"
    POSITION_UNEXPECTED = "position_unexpected"
    VERSION_UNEXPECTED = "version_unexpected"
    LEAF_DIFFERS = "leaf_differs"
    KEY_MISSING = "key_missing"
    SEAL_BROKEN = "seal_broken"
    PAYLOAD_INVALID = "payload_invalid"
    SIZE_DIFFERS = "size_differs"
    ROOT_DIFFERS = "root_differs"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong; `position` is None when it concerns the log as a whole."""

    kind: FaultKind
    position: int | None
    reason: str


@dataclass
class Verification:
    """What was checked and what was found."""

    tenant: str = ""
    events: int = 0
    opened: int = 0
    root: bytes = b""
    checkpoint: Checkpoint | None = None
    faults: list[Fault] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """True when nothing is wrong."""
        return not self.faults

    def found(self, kind: FaultKind, position: int | None, reason: str) -> None:
        """Note a fault."""
        self.faults.append(Fault(kind, position, reason))


def verify(
    bundle: Bundle,
    verifier: NoteVerifier,
    keys: Mapping[str, bytes] | None,
    on_event: Callable[[RecordedEvent], None] = lambda _: None,
) -> Verification:
    """Verify a bundle in one pass and constant memory.

    `verifier` is the log's public key, which the auditor must have from elsewhere than the bundle; its name is the
    log's origin. With `keys` every payload is opened and `on_event` gets each opened event; without, only
    proofs are checked.
    """
    found = Verification(tenant=verifier.name.rpartition("/")[2])
    _read_checkpoint(bundle, verifier, found)
    walk = _Walk(found, keys, on_event)
    for event in bundle.events():
        walk.step(event)
    _compare(found, walk.frontier)
    return found


def _read_checkpoint(bundle: Bundle, verifier: NoteVerifier, found: Verification) -> None:
    try:
        found.checkpoint = verify_checkpoint(bundle.checkpoint(), [verifier], verifier.name)
    except (NoteInvalid, CheckpointInvalid) as error:
        found.found(FaultKind.CHECKPOINT_INVALID, None, f"the checkpoint does not verify: {error}")


def _compare(found: Verification, frontier: Frontier) -> None:
    found.root = frontier.root()
    if found.checkpoint is None:
        return
    if found.checkpoint.size != frontier.size:
        found.found(
            FaultKind.SIZE_DIFFERS,
            min(found.checkpoint.size, frontier.size),
            f"the checkpoint signs {found.checkpoint.size} events, the copy holds {frontier.size}",
        )
    elif found.checkpoint.root != found.root:
        found.found(FaultKind.ROOT_DIFFERS, None, "the tree over these events has not the root that was signed")


class _Walk:
    """One pass over the events."""

    def __init__(
        self, found: Verification, keys: Mapping[str, bytes] | None, on_event: Callable[[RecordedEvent], None]
    ) -> None:
        self._found, self._keys, self._on_event = found, keys, on_event
        self._versions: dict[str, int] = {}
        self.frontier = Frontier()

    def step(self, event: StoredEvent) -> None:
        """Check one event against its place and push its recomputed leaf."""
        expected = self.frontier.size
        self._found.events += 1
        if event.position != expected:
            self._found.found(
                FaultKind.POSITION_UNEXPECTED, expected, f"the event at position {expected} says {event.position}"
            )
        self._check_place(event, expected)
        leaf = self._leaf(event, expected)
        self.frontier = self.frontier.push(leaf)
        if self._keys is not None:
            self._open(event, expected, self._keys)

    def _check_place(self, event: StoredEvent, position: int) -> None:
        if event.tenant != self._found.tenant:
            self._found.found(FaultKind.TENANT_FOREIGN, position, "the event belongs to another tenant")
        version = self._versions.get(event.stream, 0) + 1
        if event.version != version:
            self._found.found(
                FaultKind.VERSION_UNEXPECTED, position, f"version {event.version} of {event.stream}, expected {version}"
            )
        self._versions[event.stream] = event.version

    def _leaf(self, event: StoredEvent, position: int) -> bytes:
        try:
            leaf = leaf_hash(log_entry(event))
        except EntryRefused as error:
            self._found.found(FaultKind.ENTRY_REFUSED, position, f"no log entry can be made of it: {error}")
            return event.leaf_hash
        if leaf != event.leaf_hash:
            self._found.found(
                FaultKind.LEAF_DIFFERS,
                position,
                "the event is not the one whose hash was recorded when it was appended",
            )
        return leaf

    def _open(self, event: StoredEvent, position: int, keys: Mapping[str, bytes]) -> None:
        if event.key not in keys:
            self._found.found(FaultKind.KEY_MISSING, position, f"the key {event.key} is not in the bundle")
            return
        try:
            payload, by = decode_content(open_sealed(keys[event.key], event.sealed, entry_aad(event)))
        except EntryRefused:
            return  # a fault that _leaf has named
        except SealBroken:
            self._found.found(FaultKind.SEAL_BROKEN, position, "the payload does not open: it or its place was changed")
        except PayloadRefused:
            self._found.found(FaultKind.PAYLOAD_INVALID, position, "the payload opens but is not an author and data")
        else:
            self._found.opened += 1
            self._on_event(recorded(event, event.position, payload, by))
