"""What an auditor is given: the log as it is at rest, its signed checkpoint, and, sealed to him, its keys."""

import base64
import json

from shared.crypto.age import encrypt_to
from shared.crypto.keyring import Keyring, KeyStore
from shared.crypto.signing import SigningKey
from shared.eventstore.checkpoints import CheckpointStore
from shared.eventstore.model import StoredEvent
from shared.eventstore.store import EventStore
from shared.merkle.checkpoint import Checkpoint, origin_for, sign_checkpoint
from shared.merkle.note import NoteVerifier
from shared.merkle.tree import Frontier

MOST_EVENTS = 500
"""The largest answer of `read_log`."""


class LogAccess:
    """Answers the three log endpoints that every service with a log has."""

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
        events = self._store.read_log(tenant, after, min(limit, MOST_EVENTS))
        return {"events": [_event(event) for event in events], "size": self._store.head(tenant).size}

    def checkpoint(self, tenant: str) -> dict[str, object]:
        """Return `{note, verifier_key, size, root}`: the signed tree head; `root` in hex.

        The note is kept before it is given out: what this log once signed stays in its own database and its backups.
        """
        head = self._store.head(tenant)
        root = Frontier(head.size, tuple(head.frontier)).root()
        checkpoint = Checkpoint(origin_for(self._log_domain, tenant), head.size, root)
        note = sign_checkpoint(checkpoint, self._signing_key)
        self._checkpoints.keep(tenant, head.size, note)
        return {
            "note": note,
            "verifier_key": str(NoteVerifier(checkpoint.origin, self._signing_key.public)),
            "size": head.size,
            "root": root.hex(),
        }

    def export_keys(self, tenant: str, recipient: str) -> dict[str, object]:
        """Return `{keys_base64}`: the tenant's DEKs, JSON `{key_id: base64}`, age-encrypted to `recipient`.

        Keys that were shredded are absent: there is nothing left to export. Raises RecipientInvalid.
        """
        deks = {
            wrapped.key_id: base64.b64encode(self._keyring.dek(tenant, wrapped.key_id)).decode("ascii")
            for wrapped in self._keys.deks(tenant)
            if wrapped.shredded_at is None
        }
        sealed = encrypt_to([recipient], json.dumps(deks, sort_keys=True).encode())
        return {"keys_base64": base64.b64encode(sealed).decode("ascii")}


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
