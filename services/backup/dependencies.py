"""The composition root: the one place where the backup service's parts are chosen and put together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from eventlet import tpool

from services.backup.adapters.archive import AgeArchive
from services.backup.adapters.cosigner import TimedCosigner
from services.backup.adapters.directory_store import DirectoryObjectStore, TargetRefused
from services.backup.adapters.logs import RpcLogs
from services.backup.adapters.note_signer import NoteSigner
from services.backup.adapters.postgres_view import PostgresDatabase
from services.backup.adapters.taken import Snapshot, TakenSnapshots
from services.backup.adapters.witnessed import WitnessedHeads
from services.backup.domain.snapshot import RecipientsRefused, parse_recipients
from services.backup.domain.witness import LogInconsistent
from services.backup.handlers import Snapshots, Witness, WitnessBusy
from shared.contracts.backup import WITNESSED
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.manifest import LogReach, Manifest
from shared.crypto.signing import SigningKey
from shared.crypto.tokens import KeySet, KeySetInvalid
from shared.eventstore.model import CommandId
from shared.eventstore.pool import Pool, open_pool
from shared.kernel.clock import SystemClock
from shared.messaging.access import Access
from shared.messaging.application import AppProvider
from shared.messaging.background import BackgroundLoop
from shared.messaging.caller import BusCaller, Caller, ServiceCaller
from shared.messaging.decision_courier import DecisionCourier, telling_auth
from shared.messaging.revocations import heard_from_auth
from shared.messaging.settings import PREFIX, DatabaseSettings, Environment, SettingInvalid

_log = structlog.get_logger(__name__)

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
    cosigner: TimedCosigner
    log_keys: KeySet
    service_key: SigningKey = field(repr=False)

    @classmethod
    def read(cls, environment: Environment) -> "BackupSettings":
        """Read the settings and the files that they name; SettingInvalid."""
        domain = environment.text("LOG_DOMAIN")
        try:
            return cls(
                database=DatabaseSettings.read(environment),
                max_workers=environment.integer("MAX_WORKERS", 10),
                token_keys_file=environment.path("TOKEN_KEYS_FILE"),
                databases=tuple(_database(environment, name) for name in DATABASES),
                store=DirectoryObjectStore.from_url(environment.text("BACKUP_TARGET")),
                recipients=parse_recipients(environment.path("BACKUP_RECIPIENTS_FILE").read_text("ascii")),
                signer=NoteSigner(domain, environment.key("BACKUP_SIGNING_KEY_FILE", SigningKey.load)),
                cosigner=TimedCosigner(domain, environment.key("WITNESS_KEY_FILE", SigningKey.load), SystemClock()),
                log_keys=environment.key("LOG_KEYS_FILE", _log_keys),
                service_key=environment.key("SERVICE_KEY_FILE", SigningKey.load),
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
    witness: Witness
    decisions: DecisionCourier
    verifier_key: str
    """What checks the manifests."""
    witness_key: str
    """What checks the cosignatures."""

    @classmethod
    def build(cls, settings: BackupSettings, caller: Caller) -> "Application":
        """Put the backup service together; `caller` carries its calls to the services whose logs it witnesses."""
        pool = open_pool(settings.database.conninfo, max_size=settings.max_workers + 2)
        bus = ServiceCaller(caller, "backup", settings.service_key)
        snapshots = Snapshots(
            databases=settings.databases,
            store=settings.store,
            archive=AgeArchive(settings.recipients),
            signer=settings.signer,
            clock=SystemClock(),
        )
        return cls(
            pool=pool,
            access=Access(settings.token_keys_file, heard_from_auth(bus)),
            snapshots=snapshots,
            taken=TakenSnapshots(pool, settings.database.conninfo),
            witness=Witness(
                logs=RpcLogs(bus),
                heads=WitnessedHeads(pool),
                cosigner=settings.cosigner,
                keys=settings.log_keys,
                log_domain=settings.cosigner.log_domain,
            ),
            decisions=telling_auth(pool, bus),
            verifier_key=settings.signer.verifier_key,
            witness_key=settings.cosigner.verifier_key,
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
        self._witness(manifest.logs)
        return snapshot

    def _witness(self, logs: Sequence[LogReach]) -> None:
        """Look at every log that was saved, so that none goes unwitnessed for longer than from snapshot to snapshot.

        A log that cannot be had, or must not be vouched for, spoils no snapshot: the witness has logged it.
        """
        silent: set[str] = set()
        for reach in logs:
            if reach.database not in WITNESSED or reach.database in silent:
                continue
            try:
                self.witness.cosign(reach.database, reach.tenant)
            except (LogInconsistent, WitnessBusy, PublicError) as problem:
                _log.warning("not_cosigned", log=reach.database, tenant=reach.tenant, error=type(problem).__name__)
                if isinstance(problem, PublicError) and problem.code is ErrorCode.SERVICE_UNAVAILABLE:
                    silent.add(reach.database)  # not once more for every tenant

    def close(self) -> None:
        """Close the connections."""
        self.pool.close()


class App(AppProvider):
    """Gives the service its application, and tells what was decided beside the calls."""

    app: Application
    caller = BusCaller()

    def build(self) -> Application:
        """Build from the environment."""
        return Application.build(BackupSettings.read(Environment()), self.caller)

    def loops(self, app: Application) -> Sequence[BackgroundLoop]:
        """Tell what was decided."""
        return [BackgroundLoop("decisions", app.decisions.run)]


def _log_keys(path: Path) -> KeySet:
    """Read the public keys of the logs, one for each, by the name of the service; raises KeySetInvalid."""
    keys = KeySet.load(path)
    if set(keys) != set(WITNESSED):
        raise KeySetInvalid(f"{path}: needs one key for each of {', '.join(WITNESSED)}")
    return keys


def _database(environment: Environment, name: str) -> PostgresDatabase:
    settings = DatabaseSettings.read(environment, f"BACKUP_DATABASE_URL_{name.upper()}", "BACKUP_READER_PASSWORD_FILE")
    return PostgresDatabase(name, settings.conninfo)
