"""A backup is restored into empty databases, its read models are replayed, and both are compared with the live ones."""

import os
import subprocess
import sys
from dataclasses import dataclass

from cli.recovery.stored import BackupDirectory
from cli.restore import restore_backup
from deploy.demo import readback
from deploy.demo.stack import DemoStack
from deploy.postgres.bootstrap import bootstrap
from shared.crypto.private_files import read_private_file
from shared.merkle.note import NoteVerifier

PREFIX = "restored_"
_SAVED = ("auth", "invoices", "notifier")
_WITH_READ_MODELS = ("auth", "invoices")


@dataclass(frozen=True)
class Comparison:
    """What came of it."""

    rows: int
    differing: tuple[str, ...]

    @property
    def equal(self) -> bool:
        """True when there was something to compare and all of it is the same."""
        return self.rows > 0 and not self.differing


def restore_and_compare(stack: DemoStack, backup_id: str, signer: str) -> Comparison:
    """Restore a backup beside the live databases; `signer` is the backup service's verifier key."""
    admin_dsn = stack.admin_dsn("postgres")
    bootstrap(admin_dsn, _SAVED, lambda role: _password(stack, role), lambda service: f"{PREFIX}{service}")
    restore_backup(
        BackupDirectory(stack.offsite, [NoteVerifier.parse(signer)]),
        backup_id,
        identity=read_private_file(stack.identity_file).decode(),
        admin_dsn=admin_dsn,
        prefix=PREFIX,
    )
    rows, differing = 0, []
    for service in _WITH_READ_MODELS:
        _rebuild(stack, service)
        live, restored = readback.read_models(stack.dsn(service)), readback.read_models(_restored_dsn(stack, service))
        rows += sum(len(table) for table in live.values())
        differing += [f"{service}.{table}" for table in live if live[table] != restored.get(table)]
    return Comparison(rows, tuple(differing))


def _rebuild(stack: DemoStack, service: str) -> None:
    """Let the service itself replay its log in the restored database."""
    environment = os.environ | stack.service_environment(service)
    live = environment["TALLYSTICK_DATABASE_URL"]
    environment["TALLYSTICK_DATABASE_URL"] = live.rpartition("/")[0] + f"/{PREFIX}{service}"
    command = [sys.executable, "-m", f"services.{service}", "rebuild"]
    with (stack.logs / f"rebuild-{service}").open("wb") as log:
        subprocess.run(command, env=environment, stdout=log, stderr=log, check=True)  # noqa: S603 - our own service


def _restored_dsn(stack: DemoStack, service: str) -> str:
    return stack.admin_dsn(f"{PREFIX}{service}")


def _password(stack: DemoStack, role: str) -> str:
    return read_private_file(stack.secret(f"postgres-{role}")).decode().strip()
