"""Take a snapshot, and witness a log.

A snapshot saves every database through one consistent view, then, last of all, its signed manifest. A witness vouches
that a log only grew since it last looked.
"""

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Protocol

import structlog

from services.backup.domain.ports import Archive, Database, DatabaseView, Heads, Logs, ObjectStore, Signer
from services.backup.domain.snapshot import SCHEMAS, Table, complete, latest_backup, manifest_hash
from services.backup.domain.witness import Head, LogInconsistent, check_growth
from shared.contracts.manifest import MANIFESTS, BackupObject, LogReach, Manifest, ObjectKind, manifest_name
from shared.crypto.signing import VerifyKey
from shared.kernel.clock import Clock, to_rfc3339
from shared.kernel.ids import new_id
from shared.merkle.checkpoint import Checkpoint, CheckpointInvalid, origin_for, service_domain
from shared.merkle.note import NoteInvalid, NoteSignature, NoteVerifier, VerifiedNote, open_note

_ATTEMPTS = 5

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Snapshots:
    """Takes snapshots of `databases` into `store`.

    The caller sees to it that only one is being taken at a time: manifests form a chain.
    """

    databases: Sequence[Database]
    store: ObjectStore
    archive: Archive
    signer: Signer
    clock: Clock

    def take(self) -> Manifest:
        """Take a snapshot and return its manifest.

        The manifest is stored last and in one step. Whatever happens before that leaves objects nobody refers to, and
        no backup.
        """
        after = self._latest()
        objects: list[BackupObject] = []
        logs: list[LogReach] = []
        for database in self.databases:
            with database.view() as view:
                objects += self._save(database.name, view)
                logs += view.logs()
        moment = to_rfc3339(self.clock.now())
        manifest = complete(new_id(), moment, after=after, objects=objects, logs=logs)
        signed = self.signer.sign(manifest.to_text()).encode()
        self.store.put(manifest_name(manifest.backup_id), io.BytesIO(signed))
        return manifest

    def _latest(self) -> tuple[str, str] | None:
        """Return id and hash of the newest manifest.

        Its signature is not checked here: the link only fixes what was there, and readers check every signature.
        """
        backup_id = latest_backup(self.store.list(MANIFESTS))
        if backup_id is None:
            return None
        with self.store.get(manifest_name(backup_id)) as stored:
            return backup_id, manifest_hash(stored.read())

    def _save(self, database: str, view: DatabaseView) -> Iterator[BackupObject]:
        for kind, schemas in SCHEMAS.items():
            tables = view.tables(schemas)
            if tables:
                yield self._store(database, kind, ((_file_name(each), view.rows(each)) for each in tables))

    def _store(self, database: str, kind: ObjectKind, files: Iterator[tuple[str, Iterator[bytes]]]) -> BackupObject:
        # An object is named by its hash, which is known at the end: it waits in a file that has no name and holds
        # nothing but ciphertext.
        with TemporaryFile() as spool:
            hashing = _Hashing(spool)
            self.archive.write(files, hashing)
            stored = BackupObject(database, kind, hashing.hexdigest(), hashing.size)
            spool.seek(0)
            self.store.put(stored.name, spool)
        return stored


def _file_name(table: Table) -> str:
    return f"{table.schema}.{table.name}.csv"


class _Hashing:
    """Writes through to a file, hashing and counting."""

    def __init__(self, sink: IO[bytes]) -> None:
        self._sink, self._hash, self.size = sink, hashlib.sha256(), 0

    def write(self, data: bytes) -> None:
        self._sink.write(data)
        self._hash.update(data)
        self.size += len(data)

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


class Cosigner(Protocol):
    """Signs as the witness."""

    def cosign(self, text: str) -> NoteSignature:
        """Return the cosignature of a checkpoint's text, as of now."""
        ...


class WitnessBusy(Exception):
    """Others witnessed the same log faster, time after time: ask again."""


@dataclass(frozen=True)
class Witness:
    """Cosigns checkpoints of logs that only grew."""

    logs: Logs
    heads: Heads
    cosigner: Cosigner
    keys: Mapping[str, VerifyKey]
    """By log: who signs it. Known beforehand: a log does not get to say who may sign for it."""
    log_domain: str

    def cosign(self, log: str, tenant: str) -> str:
        """Return the newest checkpoint of a tenant's log, signed by the log and cosigned.

        What is cosigned was kept and committed before. So a crash at any point leaves the witness knowing at least
        what it vouched for, and it never vouches for two histories. Raises LogInconsistent, after logging the note
        that proves it; WitnessBusy; PublicError when the log is not to be had.
        """
        for _ in range(_ATTEMPTS):
            known = self.heads.latest(log, tenant)
            signed, proof = self.logs.growth(log, tenant, 0 if known is None else known.size)
            try:
                note, head = self._read(log, tenant, signed)
                check_growth(known, head, proof)
            except LogInconsistent as problem:
                _log.critical("log_inconsistent", log=log, tenant=tenant, problem=str(problem), note=signed)
                raise
            if head == known or self.heads.keep(log, tenant, known, head, str(note)):
                return str(VerifiedNote(note.text, (*note.signatures, self.cosigner.cosign(note.text))))
        raise WitnessBusy(log)

    def _read(self, log: str, tenant: str, signed: str) -> tuple[VerifiedNote, Head]:
        """Return the note with the log's own signature alone, and the head in it; raises LogInconsistent."""
        origin = origin_for(service_domain(log, self.log_domain), tenant)
        try:
            note = open_note(signed, [NoteVerifier(origin, self.keys[log])])
            checkpoint = Checkpoint.from_text(note.text)
        except (NoteInvalid, CheckpointInvalid) as problem:
            raise LogInconsistent(f"not a checkpoint of this log: {problem}") from None
        if checkpoint.origin != origin:
            raise LogInconsistent("a checkpoint of another log")
        return note, Head(checkpoint.size, checkpoint.root)
