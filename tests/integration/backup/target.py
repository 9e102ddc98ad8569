"""Empty databases to restore into."""

from dataclasses import dataclass
from pathlib import Path

import psycopg
from click.testing import CliRunner, Result
from psycopg import conninfo, sql

from cli.recovery.stored import BackupDirectory
from cli.restore import Restored, restore, restore_backup
from shared.kernel.ids import new_id
from shared.merkle.note import NoteVerifier
from tests.integration.backup.system import SAVED, System, content
from tests.stack import Database, Databases, Stack


@dataclass
class Target:
    """Empty databases to restore into, on the same server."""

    admin_dsn: str
    prefix: str
    databases: dict[str, Database]

    @classmethod
    def make(cls, stack: Stack, databases: Databases) -> "Target":
        """Make empty databases that have a prefix in common, as an operator does."""
        prefix = f"restored_{new_id().replace('-', '')}_"
        made = {name: databases.create(name) for name in SAVED}
        with psycopg.connect(stack.admin_dsn, autocommit=True) as admin:
            for name, each in made.items():
                rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
                admin.execute(rename.format(sql.Identifier(each.name), sql.Identifier(f"{prefix}{name}")))
                each.name = f"{prefix}{name}"
                each.url = conninfo.make_conninfo(each.url, dbname=each.name)
                each.admin_dsn = conninfo.make_conninfo(each.admin_dsn, dbname=each.name)
        return cls(stack.admin_dsn, prefix, made)

    def is_empty(self) -> bool:
        """Tell whether nothing was restored."""
        for database in self.databases.values():
            with database.connect_as_admin() as admin:
                if any(rows for rows in content(admin).values()):
                    return False
        return True

    def restore(self, system: System, backup_id: str = "latest", **changes: object) -> Restored:
        backups = BackupDirectory(system.offsite, [NoteVerifier.parse(system.signer.verifier_key)])
        options = {"identity": system.identity, "admin_dsn": self.admin_dsn, "prefix": self.prefix} | changes
        return restore_backup(backups, backup_id, **options)  # type: ignore[arg-type]  # the options of restore_backup

    def restore_by_command(self, system: System, folder: Path, signer: str | None = None) -> Result:
        (folder / "identity").write_text(system.identity)
        (folder / "dsn").write_text(f"{self.admin_dsn}\n")
        arguments = {
            "--from": system.offsite,
            "--identity": folder / "identity",
            "--signer": signer or system.signer.verifier_key,
            "--admin-dsn-file": folder / "dsn",
            "--prefix": self.prefix,
        }
        return CliRunner().invoke(restore, [str(part) for pair in arguments.items() for part in pair])
