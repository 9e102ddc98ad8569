"""What a snapshot is: which schemas go into which object, who must be able to read it, how manifests are chained."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from shared.contracts.manifest import BackupObject, LogReach, Manifest, ObjectKind, backup_ids
from shared.kernel.ids import is_uuid

SCHEMAS: Final[Mapping[ObjectKind, Sequence[str]]] = {
    ObjectKind.DATA: ("log", "app", "relay"),
    ObjectKind.KEYRING: ("keyring",),
}
"""What is saved of each database. `read` is left out on purpose: read models are replayed from the log."""

MIN_RECIPIENTS: Final = 2
"""One lost identity must not mean a lost backup."""


class RecipientsRefused(Exception):
    """The list of recipients would make backups that one accident turns unreadable, or that this host can read."""


class SnapshotRefused(Exception):
    """A snapshot that cannot be taken now, or would not fit into the chain of snapshots."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table to be saved, by its plain names."""

    schema: str
    name: str


def parse_recipients(text: str) -> tuple[str, ...]:
    """Read age recipients, one a line; empty lines and `#` comments are skipped.

    Raises RecipientsRefused for fewer than two different ones, and for an identity in place of a recipient: the host
    that makes backups must not be able to read them, so an identity that was put here by mistake is not tolerated.
    """
    lines = (line.strip() for line in text.splitlines())
    recipients = tuple(dict.fromkeys(line for line in lines if line and not line.startswith("#")))
    if any(each.upper().startswith("AGE-SECRET-KEY-") for each in recipients):
        raise RecipientsRefused("the recipients hold an identity: it belongs offline, not on the host that backs up")
    if len(recipients) < MIN_RECIPIENTS:
        raise RecipientsRefused(f"a backup needs at least {MIN_RECIPIENTS} different recipients")
    return recipients


def manifest_hash(manifest: bytes) -> str:
    """Return what the next manifest calls `previous`: hex SHA-256 of the stored bytes, signature included."""
    return hashlib.sha256(manifest).hexdigest()


def latest_backup(names: Sequence[str]) -> str | None:
    """Return the id of the newest complete backup among the names in a store."""
    return max(backup_ids(names), default=None)


def complete(
    backup_id: str,
    created_at: str,
    *,
    after: tuple[str, str] | None,
    objects: Sequence[BackupObject],
    logs: Sequence[LogReach],
) -> Manifest:
    """Make the manifest of a snapshot that follows `after` (id and manifest hash of the one before, if any).

    Raises SnapshotRefused when the new id would not sort behind the one before: the newest backup would not be found.
    """
    if not is_uuid(backup_id):
        raise SnapshotRefused("the backup id is not a UUID")
    if after is not None and backup_id <= after[0]:
        raise SnapshotRefused("the clock stands before the previous backup")
    return Manifest(
        backup_id=backup_id,
        created_at=created_at,
        previous=None if after is None else after[1],
        objects=tuple(objects),
        logs=tuple(sorted(logs, key=lambda log: (log.database, log.tenant))),
    )
