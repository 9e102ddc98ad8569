"""What an auditor is given: the log as it is at rest, its signed checkpoints, proofs, and, sealed to him, its keys."""

import base64
import json
from collections.abc import Iterable
from itertools import islice

import structlog

from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.age import encrypt_to
from shared.crypto.keyring import INDEX_SUBJECT, Keyring, KeyShredded, KeyStore, KeyUnknown
from shared.crypto.signing import SigningKey
from shared.eventstore.checkpoints import CheckpointStore
from shared.eventstore.entry import log_entry
from shared.eventstore.model import StoredEvent
from shared.eventstore.store import EventStore
from shared.eventstore.tiles import StoredTiles
from shared.merkle.checkpoint import Checkpoint, origin_for, sign_checkpoint
from shared.merkle.note import NoteVerifier
from shared.merkle.tiles import TiledTree, tile_width
from shared.merkle.tlog_proof import TlogProof
from shared.merkle.tree import Frontier

MOST_EVENTS = 500
"""The largest answer of `read_log` and `read_stream`."""

_log = structlog.get_logger(__name__)


class LogAccess:
    """Answers the log endpoints that every service with a log has. Proofs take O(log n) reads of the store."""

    def __init__(
        self,
        *,
        store: EventStore,
        checkpoints: CheckpointStore,
        keyring: Keyring,
        keys: KeyStore,
        signing_key: SigningKey,
        log_domain: str,
    ) -> None:
        self._store, self._checkpoints = store, checkpoints
        self._keyring, self._keys = keyring, keys
        self._signing_key, self._log_domain = signing_key, log_domain

    def read_log(self, tenant: str, after: int = -1, limit: int = MOST_EVENTS) -> dict[str, object]:
        """Return `{events, size}`: at most 500 events from position `after + 1` and the size of the whole log.

        An event holds the entry's fields, `position`, `sealed` (base64 of the payload's bytes) and `leaf_hash` (hex).
        """
        events = [_event(event) for event in self._store.read_log(tenant, after, min(limit, MOST_EVENTS))]
        # In this order: a log only grows, so an event that this size does not count was not appended.
        return {"events": events, "size": self._store.head(tenant).size}

    def read_stream(self, tenant: str, stream: str, after: int = 0, limit: int = MOST_EVENTS) -> dict[str, object]:
        """Return `{events}`: at most 500 events of one stream from version `after + 1`, each as of `read_log`."""
        events = self._store.read_stream(tenant, stream, after=after)
        return {"events": [_event(event) for event in islice(events, min(limit, MOST_EVENTS))]}

    def position_at(self, tenant: str, instant: str) -> dict[str, object]:
        """Return `{position}`: how far the log had got at an instant, as `EventStore.position_at` says."""
        return {"position": self._store.position_at(tenant, instant)}

    def checkpoint(self, tenant: str, size: int | None = None) -> dict[str, object]:
        """Return `{note, verifier_key, size, root}`: the signed head of the tree of `size` events, or of all.

        `root` in hex. Raises PublicError tree_size_unknown, log_inconsistent.
        """
        checkpoint = (
            self._head(tenant) if size is None else self._top(tenant, self._tree(tenant, self._size(tenant, size)))
        )
        return {
            "note": self._signed(tenant, checkpoint),
            "verifier_key": self.verifier_key(tenant),
            "size": checkpoint.size,
            "root": checkpoint.root.hex(),
        }

    def verifier_key(self, tenant: str) -> str:
        """Return what checks the tenant's checkpoints: `name+key id+public key`."""
        return str(NoteVerifier(origin_for(self._log_domain, tenant), self._signing_key.public))

    def tile(self, tenant: str, level: int, index: int, width: int) -> bytes:
        """Return the first `width` hashes of a tile, 32 bytes each. Raises PublicError tile_unknown."""
        if tile_width(level, index, self._store.head(tenant).size) < width:
            raise PublicError(ErrorCode.TILE_UNKNOWN, "The tree has no such tile.", {"level": level, "index": index})
        return StoredTiles(self._store, tenant).read(level, index, width)

    def prove(self, tenant: str, position: int, size: int | None = None) -> str:
        """Return the tlog-proof of an event in the tree of `size` events, or of all.

        Raises PublicError position_unknown, tree_size_unknown, log_inconsistent.
        """
        event = self._event_at(tenant, position)
        tree = self._tree(tenant, self._size(tenant, size))
        if position >= tree.size:
            raise position_unknown(position)
        return _proof(event, tree, self._signed(tenant, self._top(tenant, tree)))

    def receipt(self, tenant: str, position: int) -> str:
        """Return the tlog-proof of an event in the tree that ends with it: what a command's reply carries.

        The same at any later time: that tree does not change, and neither does an Ed25519 signature over its root.
        So its checkpoint is not kept: whoever got the receipt holds it. Raises PublicError position_unknown.
        """
        edge = self._store.edge(tenant, position + 1)
        if edge is None:
            raise position_unknown(position)
        before = Frontier(position, tuple(edge.before))
        root = before.push(edge.last.leaf_hash).root()
        note = sign_checkpoint(Checkpoint(origin_for(self._log_domain, tenant), position + 1, root), self._signing_key)
        return TlogProof(log_entry(edge.last), position, before.subtrees[::-1], note).to_text()

    def consistency(self, tenant: str, first: int, second: int) -> list[bytes]:
        """Return the proof that the tree of `first` events is a prefix of that of `second`; first <= second.

        Raises PublicError tree_size_unknown.
        """
        return self._tree(tenant, self._size(tenant, second)).consistency_proof(first)

    def growth(self, tenant: str, since: int) -> tuple[str, list[bytes]]:
        """Return the signed head, and the proof that it continues the tree of `since` events.

        What a witness asks for. When the log is smaller than that there is no proof, and the witness must notice.
        Raises PublicError log_inconsistent.
        """
        checkpoint = self._head(tenant)
        proof = self._tree(tenant, checkpoint.size).consistency_proof(since) if since <= checkpoint.size else []
        return self._signed(tenant, checkpoint), proof

    def export_keys(self, tenant: str, recipient: str, events: tuple[int, int] | None = None) -> dict[str, object]:
        """Return `{keys_base64}`: DEKs as JSON `{key_id: base64}`, age-encrypted to `recipient`.

        Those that sealed the events at positions first to last, both included, or all of the tenant's. Keys that were
        shredded, or never were, are absent: there is nothing to export. Raises RecipientInvalid, PublicError
        position_unknown.
        """
        wanted = self._key_ids(tenant) if events is None else self._key_ids_of(tenant, *events)
        deks = {key_id: base64.b64encode(dek).decode("ascii") for key_id, dek in self._unshredded(tenant, wanted)}
        sealed = encrypt_to([recipient], json.dumps(deks, sort_keys=True).encode())
        return {"keys_base64": base64.b64encode(sealed).decode("ascii")}

    def _head(self, tenant: str) -> Checkpoint:
        head = self._store.head(tenant)
        try:
            root = Frontier(head.size, tuple(head.frontier)).root()
        except ValueError:
            raise _inconsistent(tenant, head.size, "The log's head is not that of a tree.") from None
        return Checkpoint(origin_for(self._log_domain, tenant), head.size, root)

    def _top(self, tenant: str, tree: TiledTree) -> Checkpoint:
        return Checkpoint(origin_for(self._log_domain, tenant), tree.size, tree.root())

    def _signed(self, tenant: str, checkpoint: Checkpoint) -> str:
        """Sign a checkpoint and keep the note before it is given out.

        A log that once signed another root for this size is not the log that it was: it must not be helped to
        pretend. Raises PublicError log_inconsistent.
        """
        note = sign_checkpoint(checkpoint, self._signing_key)
        kept = self._checkpoints.keep(tenant, checkpoint.size, note)
        if kept.rpartition("\n\n")[0] + "\n" != checkpoint.to_text():
            raise _inconsistent(tenant, checkpoint.size, "The log signed another history before.")
        return note

    def _event_at(self, tenant: str, position: int) -> StoredEvent:
        event = next(iter(self._store.read_log(tenant, position - 1, 1)), None)
        if event is None:
            raise position_unknown(position)
        return event

    def _tree(self, tenant: str, size: int) -> TiledTree:
        return TiledTree(StoredTiles(self._store, tenant), size)

    def _size(self, tenant: str, asked: int | None) -> int:
        """Return the size that was asked for, or the whole log's; raises PublicError tree_size_unknown."""
        size = self._store.head(tenant).size
        if asked is not None and asked > size:
            raise PublicError(ErrorCode.TREE_SIZE_UNKNOWN, "The log is not that large.", {"size": asked})
        return size if asked is None else asked

    def _key_ids(self, tenant: str) -> Iterable[str]:
        # Not the index key: it sealed no event, and with it guesses could be tried against blind indexes.
        return (wrapped.key_id for wrapped in self._keys.deks(tenant) if wrapped.subject != INDEX_SUBJECT)

    def _key_ids_of(self, tenant: str, first: int, last: int) -> Iterable[str]:
        if last >= self._store.head(tenant).size:
            raise position_unknown(last)
        return sorted({event.key for event in self._store.read_log(tenant, first - 1, last - first + 1)})

    def _unshredded(self, tenant: str, key_ids: Iterable[str]) -> Iterable[tuple[str, bytes]]:
        for key_id in key_ids:
            try:
                yield key_id, self._keyring.dek(tenant, key_id)
            except (KeyShredded, KeyUnknown):
                continue  # a key that an event names and that never was, is for verification to find


def _inconsistent(tenant: str, size: int, sentence: str) -> PublicError:
    _log.critical("log_inconsistent", tenant=tenant, size=size)
    return PublicError(ErrorCode.LOG_INCONSISTENT, sentence, {"size": size})


def position_unknown(position: int) -> PublicError:
    """Say that there is no event at a position."""
    return PublicError(ErrorCode.POSITION_UNKNOWN, "The log has no event at this position.", {"position": position})


def _proof(event: StoredEvent, tree: TiledTree, note: str) -> str:
    hashes = tuple(tree.inclusion_proof(event.position))
    return TlogProof(log_entry(event), event.position, hashes, note).to_text()


def _event(event: StoredEvent) -> dict[str, object]:
    fields: dict[str, object] = {
        "position": event.position,
        "tenant": event.tenant,
        "stream": event.stream,
        "version": event.version,
        "id": event.id,
        "type": event.type,
        "schema": event.schema,
        "at": event.at,
        "key": event.key,
        "sealed": base64.b64encode(event.sealed).decode("ascii"),
        "leaf_hash": event.leaf_hash.hex(),
    }
    if event.digest is not None:
        fields["digest"] = event.digest
    return fields
