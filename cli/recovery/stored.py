"""Backups as they lie in a directory: manifests that are signed, objects that are what the manifest says."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shared.contracts.manifest import MANIFESTS, BackupObject, Manifest, ManifestInvalid, backup_ids, manifest_name
from shared.merkle.note import NoteInvalid, NoteVerifier, verify_note

LATEST: Final = "latest"


class BackupRefused(Exception):
    """A backup that is missing, incomplete, changed, or signed by somebody else."""


@dataclass(frozen=True)
class BackupDirectory:
    """A directory of backups, none of which is believed before its signature was checked."""

    root: Path
    signers: Sequence[NoteVerifier]

    def manifest(self, backup_id: str) -> Manifest:
        """Return the manifest of a backup, or of the `latest`; raises BackupRefused.

        A newest manifest that does not verify is an error and not a reason to take an older one: whoever could put
        it there could otherwise choose which backup is restored. That the newest ones were not taken away cannot be
        seen here; compare `backup_id` with the backup service's own list.
        """
        if backup_id == LATEST:
            backup_id = self._latest()
        try:
            note = (self.root / manifest_name(backup_id)).read_text("utf-8")
            manifest = Manifest.from_text(verify_note(note, self.signers))
        except (OSError, UnicodeDecodeError):
            raise BackupRefused(f"there is no readable manifest of backup {backup_id}") from None
        except (NoteInvalid, ManifestInvalid) as problem:
            raise BackupRefused(f"the manifest of backup {backup_id} is refused: {problem}") from None
        if manifest.backup_id != backup_id:
            raise BackupRefused(f"the manifest of backup {backup_id} is that of another one, {manifest.backup_id}")
        return manifest

    def check(self, stored: BackupObject) -> Path:
        """Return where an object lies after comparing all of it with its hash and size; raises BackupRefused."""
        path = self.root / stored.name
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
                size = file.tell()
        except OSError:
            raise BackupRefused(f"the object {stored.name} is missing or unreadable") from None
        if (found, size) != (stored.sha256, stored.size):
            raise BackupRefused(f"the object {stored.name} was changed: its SHA-256 is {found}, its size {size}")
        return path

    def ids(self) -> list[str]:
        """Return the ids of the backups that are there, the oldest first."""
        return backup_ids([f"{MANIFESTS}{path.name}" for path in (self.root / MANIFESTS).glob("*")])

    def _latest(self) -> str:
        ids = self.ids()
        if not ids:
            raise BackupRefused(f"there is no backup in {self.root}")
        return ids[-1]
