"""Snapshots: the state that a long stream folds to, kept so that the next fold begins there. Always disposable.

A snapshot saves work and is never believed over the log. It names the last event that it holds, and counts only if
the stream has exactly that event at that version; it is sealed for its place, with the key of that event; and it names
all keys that the fold needed, so that a subject's shredding ends it as it ends the events. Whatever is wrong with one,
the stream is folded from its beginning, and the snapshot is replaced.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import structlog

from shared.crypto.envelope import SealBroken, open_sealed, seal
from shared.crypto.keyring import Keyring, KeyShredded, KeyUnknown
from shared.eventstore.log import TenantLog
from shared.eventstore.model import Payload, RecordedEvent
from shared.eventstore.payload import PayloadRefused, decode_content, encode_content

EVERY = 100
"""Events after which a new snapshot is worth its row."""

State = TypeVar("State")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Fold(Generic[State]):
    """How a stream becomes a state, and the state JSON values and back."""

    name: str
    schema: int
    """Raise it when `step`, `to_payload` or `from_payload` change their meaning: older snapshots are then ignored."""
    empty: State
    step: Callable[[State, RecordedEvent], State]
    to_payload: Callable[[State], Payload]
    from_payload: Callable[[Payload], State]

    def over(self, state: State, events: Sequence[RecordedEvent]) -> State:
        """Fold events onto a state."""
        for event in events:
            state = self.step(state, event)
        return state


@dataclass(frozen=True, slots=True)
class StoredSnapshot:
    """A row: of no use without the key."""

    tenant: str
    stream: str
    fold: str
    schema: int
    version: int
    """Of the last event that it holds."""
    key: str
    """Id of the DEK that sealed it: that event's."""
    sealed: bytes = field(repr=False)

    def place(self) -> bytes:
        """Return the associated data: a snapshot that is moved, or renumbered, does not open."""
        names = (self.tenant, self.stream, self.fold, str(self.schema), str(self.version), self.key)
        return "\n".join(("tallystick/v1/snapshot", *names)).encode("ascii")


class SnapshotStore(Protocol):
    """Keeps one snapshot per stream and fold; PostgreSQL and memory implement it, one contract suite runs on both."""

    def get(self, tenant: str, stream: str, fold: str) -> StoredSnapshot | None:
        """Return the snapshot, or None."""
        ...

    def put(self, snapshot: StoredSnapshot) -> None:
        """Keep it in place of the one that was there, whichever is newer."""
        ...


class InMemorySnapshots:
    """A `SnapshotStore` for tests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[tuple[str, str, str], StoredSnapshot] = {}

    def get(self, tenant: str, stream: str, fold: str) -> StoredSnapshot | None:
        """Return the snapshot, or None."""
        return self._rows.get((tenant, stream, fold))

    def put(self, snapshot: StoredSnapshot) -> None:
        """Keep it in place of the one that was there."""
        with self._lock:
            self._rows[snapshot.tenant, snapshot.stream, snapshot.fold] = snapshot


@dataclass(frozen=True)
class _Opened(Generic[State]):
    version: int
    event: str
    keys: frozenset[str]
    state: State


class Snapshots:
    """Folds streams, from a snapshot where there is a good one."""

    def __init__(self, store: SnapshotStore, log: TenantLog, keyring: Keyring, every: int = EVERY) -> None:
        self._store, self._log, self._keyring, self._every = store, log, keyring, every

    def load(self, tenant: str, stream: str, fold: Fold[State]) -> tuple[State, int]:
        """Return the stream's state and version; what `TenantLog.load` and a fold from the beginning would give.

        Raises as `TenantLog.load`.
        """
        known = self._opened(tenant, stream, fold)
        if known is not None:
            # The last event that it holds is read again: if the log has another one there, or none, it is wrong.
            events = self._log.load(tenant, stream, after=known.version - 1)
            if events and events[0].id == known.event:
                return self._kept(tenant, stream, fold, known, events[1:])
            _log.warning("snapshot_ignored", tenant=tenant, stream=stream, version=known.version)
        nothing = _Opened(0, "", frozenset(), fold.empty)
        return self._kept(tenant, stream, fold, nothing, self._log.load(tenant, stream))

    def _kept(
        self, tenant: str, stream: str, fold: Fold[State], known: _Opened[State], later: Sequence[RecordedEvent]
    ) -> tuple[State, int]:
        """Fold on, and keep a new snapshot when it is worth it."""
        state, version = fold.over(known.state, later), known.version + len(later)
        if len(later) >= self._every:
            last = later[-1]
            keys = known.keys | {event.key for event in later}
            content = {"event": last.id, "keys": sorted(keys), "state": dict(fold.to_payload(state))}
            blank = StoredSnapshot(tenant, stream, fold.name, fold.schema, version, last.key, b"")
            sealed = seal(self._keyring.dek(tenant, last.key), encode_content(content, None), blank.place())
            self._store.put(StoredSnapshot(tenant, stream, fold.name, fold.schema, version, last.key, sealed))
        return state, version

    def _opened(self, tenant: str, stream: str, fold: Fold[State]) -> _Opened[State] | None:
        """Return the snapshot if it can be used, as far as can be told without the log."""
        stored = self._store.get(tenant, stream, fold.name)
        if stored is None or stored.schema != fold.schema:
            return None
        try:
            sealed_with = self._keyring.dek(tenant, stored.key)
            content: Any = decode_content(open_sealed(sealed_with, stored.sealed, stored.place()))[0]
            keys = frozenset(content["keys"])
            for key in keys:
                self._keyring.dek(tenant, key)
            return _Opened(stored.version, content["event"], keys, fold.from_payload(content["state"]))
        except (SealBroken, KeyShredded, KeyUnknown, PayloadRefused, LookupError, TypeError, ValueError) as error:
            _log.warning(
                "snapshot_ignored", tenant=tenant, stream=stream, version=stored.version, error=type(error).__name__
            )
            return None
