"""Take a snapshot: save every database through one consistent view, then, last of all, its signed manifest."""

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

from services.backup.domain.ports import Archive, Database, DatabaseView, ObjectStore, Signer
from services.backup.domain.snapshot import SCHEMAS, Table, complete, latest_backup, manifest_hash
from shared.contracts.manifest import MANIFESTS, BackupObject, LogReach, Manifest, ObjectKind, manifest_name
from shared.kernel.clock import Clock, to_rfc3339
from shared.kernel.ids import new_id


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
