"""Three services' databases with something in them, and a backup service over them: no bus, everything else is real."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pyrage
from psycopg import conninfo

from services.backup.adapters.archive import AgeArchive
from services.backup.adapters.directory_store import DirectoryObjectStore
from services.backup.adapters.note_signer import NoteSigner
from services.backup.adapters.postgres_view import PostgresDatabase
from services.backup.handlers import Snapshots
from shared.contracts.events import PublishedEvent
from shared.crypto.kek import FileKek
from shared.crypto.keyring import Keyring
from shared.crypto.signing import SigningKey
from shared.eventstore.log import TenantLog
from shared.eventstore.model import CommandId, NewEvent
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.eventstore.registry import EventRegistry
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.messaging.inbox import Inbox
from tests.stack import Database

SAVED = ("auth", "invoices", "notifier")
TENANTS = ("019aa0e5-1111-7000-8000-000000000001", "019aa0e5-1111-7000-8000-000000000002")
CANARY = 'canary-Größe, "quoted",\nsecond line\t'


@dataclass
class System:
    """Databases by service, and everything to back them up and read the backup."""

    databases: Mapping[str, Database]
    kek_file: Path
    offsite: Path
    identities: list[pyrage.x25519.Identity] = field(
        default_factory=lambda: [pyrage.x25519.Identity.generate() for _ in range(2)]
    )
    signer: NoteSigner = field(default_factory=lambda: NoteSigner("tallystick.example", SigningKey.generate()))

    @property
    def identity(self) -> str:
        """The text of the first recipient's identity file."""
        return f"# offline\n{self.identities[0]}\n"

    @property
    def recipients(self) -> list[str]:
        return [str(identity.to_public()) for identity in self.identities]

    def readers(self) -> list[PostgresDatabase]:
        """The databases as the backup service sees them: through the backup reader's role."""
        return [
            PostgresDatabase(
                name,
                conninfo.make_conninfo(database.backup_reader_url, password=database.backup_reader_password),
            )
            for name, database in self.databases.items()
        ]

    def snapshots(self, store: DirectoryObjectStore | None = None, part_size: int = 1000) -> Snapshots:
        store = store or DirectoryObjectStore(self.offsite)
        archive = AgeArchive(self.recipients, part_size)
        return Snapshots(self.readers(), store, archive, self.signer, SystemClock())

    def log(self, database: Database) -> TenantLog:
        """The log of a service as the service itself opens it."""
        pool = database.pool()
        keyring = Keyring(FileKek.load(self.kek_file), PostgresKeyStore(pool), SystemClock())
        return TenantLog(PostgresEventStore(pool), keyring, EventRegistry({"InvoiceIssued": 1}), SystemClock())

    def keyring(self, database: Database) -> Keyring:
        return Keyring(FileKek.load(self.kek_file), PostgresKeyStore(database.pool()), SystemClock())

    def issue(self, tenant: str) -> None:
        """Put one event into the tenant's log."""
        stream = f"invoice-{new_id()}"
        event = NewEvent(stream, "InvoiceIssued", 1, {"text": CANARY}, "tenant", "ab" * 32)
        self.log(self.databases["invoices"]).append(tenant, [event], {stream: 0}, CommandId(new_id(), bytes(32)))

    def fill(self, events: int = 7) -> None:
        """Issue invoices for two tenants, and let the notifier hear of one."""
        for tenant in TENANTS:
            self.keyring(self.databases["invoices"]).create_tenant(tenant)
            for _ in range(events):
                self.issue(tenant)
        inbox = Inbox(self.databases["notifier"].pool())
        inbox.record(
            PublishedEvent(
                "invoices", new_id(), "InvoiceIssued", TENANTS[0], "invoice-1", 1, 0, "2026-11-22T09:00:00.000000Z"
            )
        )


def content(connection: psycopg.Connection) -> dict[str, list[str]]:
    """Everything that a backup saves of a database, row by row as text."""
    tables = connection.execute(
        "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname IN ('log', 'keyring', 'app', 'relay') AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
    ).fetchall()
    return {
        table: sorted(row for (row,) in connection.execute(f"SELECT t::text FROM {table} t"))  # noqa: S608 -- from the catalogue
        for (table,) in tables
    }
