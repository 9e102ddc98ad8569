"""Keyring backups have a short life: what was shredded must not come back from one of them.

Run where the backups lie, by whoever owns that place: the host that makes backups can delete nothing there.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from cli.files import FOLDER
from cli.recovery.stored import BackupDirectory, BackupRefused
from shared.contracts.manifest import Manifest, ObjectKind, folder_of
from shared.kernel.clock import Clock, SystemClock, from_rfc3339
from shared.merkle.note import NoteInvalid, NoteVerifier

KEEP_DAYS = 14


def expire_keyrings(backups: BackupDirectory, keep: timedelta, clock: Clock) -> list[str]:
    """Delete keyring objects older than `keep`, never those of the newest backup; return their names.

    Objects that no manifest names, left by a snapshot that did not come to its end, go by the age of their file. A
    manifest that does not verify ends this before anything is deleted. Raises BackupRefused.
    """
    cutoff = clock.now() - keep
    manifests = [backups.manifest(backup_id) for backup_id in backups.ids()]
    if not manifests:
        raise BackupRefused(f"there is no backup in {backups.root}")
    kept = _keyrings(each for each in manifests if from_rfc3339(each.created_at) >= cutoff or each is manifests[-1])
    named = _keyrings(manifests)
    folder = folder_of(ObjectKind.KEYRING)
    found = {f"{folder}{path.name}": path for path in (backups.root / folder).glob("*") if path.is_file()}
    doomed = [name for name in sorted(found) if name not in kept and (name in named or _age(found[name]) < cutoff)]
    for name in doomed:
        found[name].unlink()
    return doomed


def _keyrings(manifests: Iterable[Manifest]) -> set[str]:
    return {each.name for manifest in manifests for each in manifest.objects if each.kind is ObjectKind.KEYRING}


def _age(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


@click.command()
@click.option(
    "--from",
    "directory",
    type=FOLDER,
    required=True,
    help="Where the backups lie.",
)
@click.option("--signer", required=True, help="The verifier key of the backup service, from a source you trust.")
@click.option(
    "--keep-days", type=click.IntRange(min=0), default=KEEP_DAYS, show_default=True, help="Younger ones stay."
)
def expire(*, directory: Path, signer: str, keep_days: int) -> None:
    """Delete old keyring backups, so that shredded keys are gone from there too.

    The newest one always stays: it opens every backup, old ones too, but for what was shredded.
    """
    try:
        backups = BackupDirectory(directory, [NoteVerifier.parse(signer)])
        expired = expire_keyrings(backups, timedelta(days=keep_days), SystemClock())
    except (BackupRefused, NoteInvalid) as problem:
        raise click.ClickException(str(problem)) from None
    click.echo(f"Deleted {len(expired)} keyring objects older than {keep_days} days.")


@click.group()
def keys() -> None:
    """Look after the keys in backups. Rotating is done by the services: docs/keys.md."""


keys.add_command(expire)
