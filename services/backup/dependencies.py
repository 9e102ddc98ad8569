"""The composition root: the one place where the backup service's parts are chosen and put together."""

from dataclasses import dataclass, field
from pathlib import Path

from eventlet import tpool

from services.backup.adapters.archive import AgeArchive
from services.backup.adapters.directory_store import DirectoryObjectStore, TargetRefused
from services.backup.adapters.note_signer import NoteSigner
from services.backup.adapters.postgres_view import PostgresDatabase
from services.backup.adapters.taken import Snapshot, TakenSnapshots
from services.backup.domain.snapshot import RecipientsRefused, parse_recipients
from services.backup.handlers import Snapshots
from shared.contracts.manifest import Manifest
from shared.crypto.signing import SigningKey
from shared.eventstore.model import CommandId
from shared.eventstore.pool import Pool, open_pool
from shared.kernel.clock import SystemClock
from shared.messaging.access import Access
from shared.messaging.application import AppProvider
from shared.messaging.settings import PREFIX, DatabaseSettings, Environment, SettingInvalid

DATABASES = ("auth", "invoices", "notifier")
"""What is saved. The backup service's own database holds nothing that the object store does not say as well."""


@dataclass(frozen=True, slots=True)
class BackupSettings:
    """Everything that the backup service needs besides the bus. No age identity is among it."""

    database: DatabaseSettings
    max_workers: int
    token_keys_file: Path
    databases: tuple[PostgresDatabase, ...] = field(repr=False)
    store: DirectoryObjectStore
    recipients: tuple[str, ...]
    signer: NoteSigner

    @classmethod
    def read(cls, environment: Environment) -> "BackupSettings":
        """Read the settings and the files that they name; SettingInvalid."""
        try:
            return cls(
                database=DatabaseSettings.read(environment),
                max_workers=environment.integer("MAX_WORKERS", 10),
                token_keys_file=environment.path("TOKEN_KEYS_FILE"),
                databases=tuple(_database(environment, name) for name in DATABASES),
                store=DirectoryObjectStore.from_url(environment.text("BACKUP_TARGET")),
                recipients=parse_recipients(environment.path("BACKUP_RECIPIENTS_FILE").read_text("ascii")),
                signer=NoteSigner(
                    environment.text("LOG_DOMAIN"), environment.key("BACKUP_SIGNING_KEY_FILE", SigningKey.load)
                ),
            )
        except TargetRefused as problem:
            raise SettingInvalid(f"{PREFIX}BACKUP_TARGET: {problem}.") from None
        except RecipientsRefused as problem:
            raise SettingInvalid(f"{PREFIX}BACKUP_RECIPIENTS_FILE: {problem}.") from None


@dataclass(frozen=True, slots=True)
class Application:
    """The backup service, put together."""

    pool: Pool
    access: Access
    snapshots: Snapshots
    taken: TakenSnapshots
    verifier_key: str
    """What checks the manifests."""

    @classmethod
    def build(cls, settings: BackupSettings) -> "Application":
        """Put the backup service together."""
        pool = open_pool(settings.database.conninfo, max_size=settings.max_workers + 1)
        snapshots = Snapshots(
            databases=settings.databases,
            store=settings.store,
            archive=AgeArchive(settings.recipients),
            signer=settings.signer,
            clock=SystemClock(),
        )
        return cls(
            pool=pool,
            access=Access(settings.token_keys_file),
            snapshots=snapshots,
            taken=TakenSnapshots(pool, settings.database.conninfo),
            verifier_key=settings.signer.verifier_key,
        )

    def take(self, command: CommandId) -> Snapshot:
        """Take a snapshot, or return the one that this command took before.

        A crash after the manifest was stored and before it was recorded here makes a repeated command take a second
        snapshot: one too many, never one too few.
        """
        with self.taken.alone():
            earlier = self.taken.by_command(command)
            if earlier is not None:
                return earlier
            # In a native thread: compressing and encrypting would stop every other call of the process.
            manifest: Manifest = tpool.execute(self.snapshots.take)
            snapshot = Snapshot(manifest.backup_id, manifest.created_at, len(manifest.objects), manifest.size)
            self.taken.add(snapshot, command)
            return snapshot

    def close(self) -> None:
        """Close the connections."""
        self.pool.close()


class App(AppProvider):
    """Gives the service its application."""

    app: Application

    def build(self) -> Application:
        """Build from the environment."""
        return Application.build(BackupSettings.read(Environment()))


def _database(environment: Environment, name: str) -> PostgresDatabase:
    settings = DatabaseSettings.read(environment, f"BACKUP_DATABASE_URL_{name.upper()}", "BACKUP_READER_PASSWORD_FILE")
    return PostgresDatabase(name, settings.conninfo)
