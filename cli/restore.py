"""`tallystick restore`: from a backup to databases that hold what was backed up, proved by the logs' roots."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import click
import psycopg
from psycopg import conninfo

from cli.files import FILE, FOLDER, read_text
from cli.recovery.databases import RestoredDatabase, RestoreRefused
from cli.recovery.stored import LATEST, BackupDirectory, BackupRefused
from cli.recovery.unpack import saved_tables
from shared.contracts.manifest import ObjectKind
from shared.merkle.note import NoteInvalid, NoteVerifier


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    backup_id: str
    rows: dict[str, int]
    """By database (its plain name)."""
    events: dict[str, int]
    """By database: how many events were hashed again."""


def restore_backup(
    backups: BackupDirectory, backup_id: str, *, identity: str, admin_dsn: str, prefix: str, keyring_id: str = LATEST
) -> Restored:
    """Restore a backup into the empty databases `<prefix><name>`, all of them or none.

    The data are those of `backup_id`; the keys are those of `keyring_id`, the newest unless something else is asked
    for: a key that was shredded after the backup stays shredded. `identity` is the text of an age identity file,
    `admin_dsn` a superuser's. The databases and their tables must have been made by deploy.postgres.bootstrap. Raises
    BackupRefused, RestoreRefused, psycopg.Error.
    """
    manifest = backups.manifest(backup_id)
    keyring = backups.manifest(keyring_id)
    if keyring.backup_id < manifest.backup_id:
        raise BackupRefused(f"the keys of backup {keyring.backup_id} are older than the data of {manifest.backup_id}")
    archives: dict[str, list[Path]] = {log.database: [] for log in manifest.logs}
    data = [stored for stored in manifest.objects if stored.kind is ObjectKind.DATA]
    keys = [stored for stored in keyring.objects if stored.kind is ObjectKind.KEYRING]
    for stored in data + keys:
        archives.setdefault(stored.database, []).append(backups.check(stored))
    rows, events = {}, {}
    with ExitStack() as stack:  # leaving it commits every database; an error on the way rolls all of them back
        for name, paths in archives.items():
            dsn = conninfo.make_conninfo(admin_dsn, dbname=f"{prefix}{name}")
            database = RestoredDatabase(f"{prefix}{name}", stack.enter_context(psycopg.connect(dsn)))
            database.require_empty()
            rows[name] = 0
            for path in paths:
                with saved_tables(path, identity) as tables:
                    rows[name] += database.load(tables)
            events[name] = database.check_logs([log for log in manifest.logs if log.database == name])
    return Restored(manifest.backup_id, rows, events)


@click.command(short_help="Fill empty databases from a backup, proved by its logs.")
@click.option(
    "--from",
    "directory",
    type=FOLDER,
    required=True,
    help="Where the backups lie.",
)
@click.option("--backup-id", default=LATEST, show_default=True, help="Which backup.")
@click.option("--keyring-id", default=LATEST, show_default=True, help="The backup that the keys are taken from.")
@click.option(
    "--identity",
    "identity_file",
    type=FILE,
    required=True,
    help="An age identity file of one of the recipients.",
)
@click.option("--signer", required=True, help="The verifier key of the backup service, from a source you trust.")
@click.option(
    "--admin-dsn-file",
    type=FILE,
    required=True,
    help="A file with the connection string of a PostgreSQL superuser.",
)
@click.option("--prefix", default="restored_", show_default=True, help="Databases are named <prefix><service>.")
def restore(
    *,
    directory: Path,
    backup_id: str,
    keyring_id: str,
    identity_file: Path,
    signer: str,
    admin_dsn_file: Path,
    prefix: str,
) -> None:
    """Fill empty databases from a backup, and prove that the logs are the ones that were backed up.

    Read models are not in a backup: replay them with `python -m services.invoices rebuild` afterwards.
    """
    admin_dsn, identity = read_text(admin_dsn_file).strip(), read_text(identity_file, "ascii")
    try:
        conninfo.conninfo_to_dict(admin_dsn)
    except psycopg.ProgrammingError:
        # Without libpq's words: they quote the file, which may be a secret that was named by mistake.
        raise click.ClickException(f"{admin_dsn_file} does not hold a connection string") from None
    try:
        restored = restore_backup(
            BackupDirectory(directory, [NoteVerifier.parse(signer)]),
            backup_id,
            identity=identity,
            admin_dsn=admin_dsn,
            prefix=prefix,
            keyring_id=keyring_id,
        )
    except (BackupRefused, RestoreRefused, NoteInvalid) as problem:
        raise click.ClickException(str(problem)) from None
    except psycopg.Error as problem:
        raise click.ClickException(f"PostgreSQL: {problem}") from None
    click.echo(f"Restored backup {restored.backup_id}")
    for name, rows in restored.rows.items():
        click.echo(f"  {prefix}{name}: {rows} rows, {restored.events[name]} events hashed again and found right")
