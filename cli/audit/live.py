"""The log of a running service, read over the bus with an auditor's token."""

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from cli.audit.bundle import read_keys
from shared.crypto.age import decrypt_with
from shared.eventstore.destructions import Destruction
from shared.eventstore.event_walk import SHREDDING, UnreadableEvent
from shared.eventstore.model import StoredEvent
from shared.eventstore.tree_walk import CopyUnreadable
from shared.eventstore.trust import claimed_checkpoint
from shared.merkle.checkpoint import Checkpoint
from shared.merkle.tlog_proof import TlogProof, TlogProofInvalid

_PAGE = 500
_MOST_POSITIONS = 1000
"""That one call of `export_keys_of` takes."""


class Query(Protocol):
    """A service's log endpoints, called with an auditor's token."""

    def __call__(self, method: str, request: Mapping[str, object]) -> Mapping[str, Any]:
        """Call `checkpoint`, `read_log`, `read_stream`, `tile`, `prove`, `export_keys` …; raises PublicError."""
        ...


class LiveLog:
    """The log as it was when it was asked for its checkpoint; what is appended afterwards is not seen."""

    def __init__(self, query: Query, note: str | None = None, first: int = 0, last: int | None = None) -> None:
        """`note`: the checkpoint to read up to, by default the present one. Raises PublicError, CopyUnreadable."""
        self._query = query
        self._note = str(query("checkpoint", {})["note"]) if note is None else note
        self.checkpoint = claimed_checkpoint(self._note)
        self._destructions: Sequence[Destruction] = ()
        self.first = first
        self.last = self.checkpoint.size - 1 if last is None else last

    @property
    def size(self) -> int:
        """Size of the tree."""
        return self.checkpoint.size

    def note(self) -> str:
        """Return the signed checkpoint."""
        return self._note

    def read(self, level: int, index: int, width: int) -> bytes:
        """Return a tile as the service stores it; raises PublicError, CopyUnreadable."""
        reply = self._query("tile", {"level": level, "index": index, "width": width})
        return _decoded(reply["hashes_base64"])

    def events(self, first: int, last: int) -> Sequence[StoredEvent | UnreadableEvent]:
        """Return the events at these positions; raises PublicError."""
        page = self._query("read_log", {"after": first - 1, "limit": last - first + 1})
        events = [_event(row) for row in page["events"]]
        # Where rows are missing, the page goes on with later ones; those are asked for in their turn.
        return [event for event in events if event.position <= last]

    def stream(self, name: str) -> Iterator[StoredEvent | UnreadableEvent]:
        """Yield what the service says are a stream's events, those after the checkpoint too; raises PublicError."""
        version = 0
        while rows := self._query("read_stream", {"stream": name, "after": version, "limit": _PAGE})["events"]:
            yield from map(_event, rows)
            version += len(rows)  # where versions are not dense, the caller sees it

    def position_at(self, instant: str) -> int:
        """Return how far the service says that its log had got at an instant; -1: nowhere. Raises PublicError."""
        return int(self._query("position_at", {"instant": instant})["position"])

    def surplus(self) -> int | None:
        """Return the position of an event that the service's head does not count, if any; raises PublicError.

        The service reads its head after its events, so what is appended meanwhile is counted.
        """
        size = self._query("read_log", {"after": self.size - 1, "limit": 1})["size"]
        page = self._query("read_log", {"after": size - 1, "limit": 1})
        return next((event["position"] for event in page["events"] if event["position"] >= page["size"]), None)

    def keys(self, identity: str, recipient: str) -> Mapping[str, bytes]:
        """Return the DEKs of the range by key id, sealed on the way to `recipient`, whose `identity` opens them."""
        keys = dict(read_keys(decrypt_with(identity, self.sealed_keys(recipient))))
        # Asked for after the keys: an event says that a key is destroyed before it is.
        self._destructions = list(self.later_destructions())
        unknown = [each.event.position for each in self._destructions if each.event.key not in keys]
        for sealed in self.sealed_keys_of(recipient, unknown).values():
            keys |= read_keys(decrypt_with(identity, sealed))
        return keys

    def contradictions(self, checkpoint: Checkpoint) -> Sequence[str]:  # noqa: ARG002 - as verification calls it
        """Return nothing: a running service says of its log what its checkpoint says."""
        return ()

    def destructions(self) -> Sequence[Destruction]:
        """Return the evidence of keys that were destroyed after the checkpoint and before `keys` asked for them."""
        return self._destructions

    def later_destructions(self) -> Iterator[Destruction]:
        """Yield what stands behind the range, up to now, and says that keys were destroyed.

        Reads the log from there to its end; nothing for an empty range, which needs no keys. Raises PublicError,
        CopyUnreadable.
        """
        after, more = self.last, self.first <= self.last
        while more:
            rows = self._query("read_log", {"after": after, "limit": _PAGE})["events"]
            for row in rows:
                if row["type"] == SHREDDING:
                    yield self._destruction(row)
            after = max([after, *(row["position"] for row in rows)])
            more = bool(rows)

    def _destruction(self, row: Mapping[str, Any]) -> Destruction:
        event = _event(row)
        if isinstance(event, UnreadableEvent):
            raise CopyUnreadable(f"position {event.position}: {event.reason}")
        try:
            proof = TlogProof.from_text(self._query("prove", {"position": event.position})["proof"])
        except TlogProofInvalid as error:
            raise CopyUnreadable(f"the proof of position {event.position}: {error}") from None
        return Destruction(event, proof)

    def sealed_keys(self, recipient: str) -> bytes:
        """Return the DEKs of the range, age-encrypted to `recipient`; raises PublicError."""
        request: dict[str, object] = {"recipient": recipient}
        if self.first <= self.last:
            request |= {"first": self.first, "last": self.last}
        return _decoded(self._query("export_keys", request)["keys_base64"])

    def sealed_keys_of(self, recipient: str, positions: Sequence[int]) -> Mapping[int, bytes]:
        """Return the DEKs of single events by position, each age-encrypted to `recipient`; raises PublicError.

        In as few calls as can be: each needs a factor proved by the person at the keyboard.
        """
        found: dict[int, bytes] = {}
        for start in range(0, len(positions), _MOST_POSITIONS):
            asked = {"recipient": recipient, "positions": list(positions[start : start + _MOST_POSITIONS])}
            for each in self._query("export_keys_of", asked)["keys"]:
                found[each["position"]] = _decoded(each["keys_base64"])
        return found


def _event(row: Mapping[str, Any]) -> StoredEvent | UnreadableEvent:
    try:
        return StoredEvent(
            tenant=row["tenant"],
            stream=row["stream"],
            version=row["version"],
            id=row["id"],
            type=row["type"],
            schema=row["schema"],
            at=row["at"],
            key=row["key"],
            digest=row.get("digest"),
            sealed=base64.b64decode(row["sealed"], validate=True),
            position=row["position"],
            leaf_hash=bytes.fromhex(row["leaf_hash"]),
        )
    except (binascii.Error, ValueError):
        return UnreadableEvent(row["position"], "the service gives no readable payload or leaf hash")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise CopyUnreadable("the service answered with bytes that are not base64") from None
