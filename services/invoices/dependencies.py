"""The composition root: the one place where the parts of invoices are chosen and put together."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eventlet import tpool
from eventlet.semaphore import Semaphore

from services.invoices.adapters.archivist import NotedFailures
from services.invoices.adapters.documents import PostgresDocuments
from services.invoices.adapters.planner import Planner
from services.invoices.adapters.press import OfficialPress
from services.invoices.adapters.recogniser import ByBytes
from services.invoices.adapters.shredder import Shredder
from services.invoices.adapters.xml.rules_process import RulesProcess
from services.invoices.codec import SCHEMAS
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.rule import BrokenRule
from services.invoices.domain.events.reminders import ReminderWritten
from services.invoices.ports import RETENTION_YEARS, Files, Ports, Press, Printed, Recogniser
from services.invoices.read_models.cells import Cells
from services.invoices.read_models.invoices import InvoicesProjection
from services.invoices.read_models.issued_rows import IssuedRowsOfReadModel
from services.invoices.read_models.plans import running_plans
from services.invoices.read_models.queries import Queries
from services.invoices.read_models.register_queries import RegisterQueries
from services.invoices.read_models.search import SearchIndex
from services.invoices.read_models.unsettled import overdue_invoices
from shared.crypto.keyring import Keyring
from shared.crypto.signing import SigningKey
from shared.eventstore.checkpoints import PostgresCheckpointStore
from shared.eventstore.following import Projection
from shared.eventstore.log import TenantLog
from shared.eventstore.log_access import LogAccess
from shared.eventstore.pool import Pool, open_pool
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.eventstore.projection import ProjectionRunner
from shared.eventstore.rebuild import Progress
from shared.eventstore.registry import EventRegistry
from shared.eventstore.wakeups import Channel, Wakeups
from shared.kernel.clock import SystemClock
from shared.merkle.checkpoint import service_domain
from shared.messaging.access import Access
from shared.messaging.application import AppProvider
from shared.messaging.background import BackgroundLoop
from shared.messaging.beside import ProcessBeside
from shared.messaging.caller import BusCaller, Caller, ServiceCaller
from shared.messaging.decision_courier import DecisionCourier, telling_auth
from shared.messaging.revocations import heard_from_auth
from shared.messaging.settings import Environment, HistorySettings, ServiceBusSettings

NAME = "invoices"
ARCHIVIST, FOLLOWERS = "archivist", "followers"
"""What has processes of its own beside the service (processes.py)."""


@dataclass(frozen=True, slots=True)
class InvoicesSettings:
    """Everything that invoices needs."""

    history: HistorySettings
    bus: ServiceBusSettings
    max_workers: int
    token_keys_file: Path
    log_signing_key: SigningKey = field(repr=False)
    log_domain: str
    service_key: SigningKey = field(repr=False)
    retention_years: int

    @classmethod
    def read(cls, environment: Environment) -> "InvoicesSettings":
        """Read the settings and the keys that they name; SettingInvalid."""
        return cls(
            history=HistorySettings.read(environment),
            bus=ServiceBusSettings.read(environment, NAME),
            max_workers=environment.integer("MAX_WORKERS", 10),
            token_keys_file=environment.path("TOKEN_KEYS_FILE"),
            log_signing_key=environment.key("LOG_SIGNING_KEY_FILE", SigningKey.load),
            log_domain=environment.text("LOG_DOMAIN"),
            service_key=environment.key("SERVICE_KEY_FILE", SigningKey.load),
            retention_years=environment.integer("RETENTION_YEARS", RETENTION_YEARS),
        )


@dataclass(frozen=True, slots=True)
class History:
    """The log and the projection that follows it."""

    pool: Pool
    keyring: Keyring
    store: PostgresEventStore
    """One for commands and receipts: it reads what a receipt is made of with the append."""
    log: TenantLog
    cells: Cells
    search: SearchIndex
    projection: InvoicesProjection
    runner: ProjectionRunner
    wakeups: Wakeups

    @classmethod
    def open(cls, settings: HistorySettings, *, pool_size: int = 4, awaited: Channel = Channel.LOG) -> "History":
        """Connect to the database, in the background. `awaited` is what is waited for here: who follows it, the log.

        Nothing else wakes it, but for keys: those must be forgotten at once.
        """
        clock = SystemClock()
        pool = open_pool(settings.database.conninfo, max_size=pool_size)
        wakeups = Wakeups.beside(pool, {awaited, Channel.KEYS})
        keyring = Keyring(settings.kek, PostgresKeyStore(pool), clock)
        wakeups.tell(Channel.KEYS, keyring.forget)
        store = PostgresEventStore(pool)
        log = TenantLog(store, keyring, EventRegistry(SCHEMAS), clock)
        cells = Cells(keyring)
        search = SearchIndex(keyring)
        projection = InvoicesProjection(cells, search)
        runner = ProjectionRunner(pool, log, [projection, Shredder(keyring)], wakeups)
        return cls(pool, keyring, store, log, cells, search, projection, runner, wakeups)

    @classmethod
    def rebuild_from(cls, environment: Environment, show: Progress) -> None:
        """Fill the read models from the log again, beside the live ones; SettingInvalid."""
        history = cls.open(HistorySettings.read(environment))
        try:
            history.rebuild(show)
        finally:
            history.close()

    def rebuild(self, show: Progress) -> None:
        """Fill the read models from the log again, beside the live ones. Raises as `Rebuild.run`.

        Before that, destroy again every key that the log says is destroyed: a restore may have brought one back.
        """
        for projection in self._projections():
            self.runner.rebuild(projection, show)

    def take_up_shape(self) -> None:
        """Have the read models filled in the shape that this version works with; closed when it cannot be done.

        Raises as `Rebuild.run`.
        """
        try:
            self.runner.take_up_shape(self._projections())
        except BaseException:
            self.close()
            raise

    def _projections(self) -> Sequence[Projection]:
        return Shredder(self.keyring), self.projection

    def close(self) -> None:
        """Close the connections."""
        self.wakeups.close()
        self.pool.close()


@dataclass(frozen=True, slots=True)
class Application:
    """invoices, put together."""

    history: History
    ports: Ports
    queries: Queries
    register: RegisterQueries
    issued: IssuedRowsOfReadModel
    access: Access
    log_access: LogAccess
    decisions: DecisionCourier
    planner: Planner

    @property
    def pool(self) -> Pool:
        """Connections to the database."""
        return self.history.pool

    @classmethod
    def build(cls, settings: InvoicesSettings, press: Press, caller: Caller) -> "Application":
        """Put invoices together from its settings; `caller` carries its calls to auth."""
        # Each worker holds one connection at a time, and so do the decisions, the planner and who wakes the followers.
        history = History.open(settings.history, pool_size=settings.max_workers + 3, awaited=Channel.READ)
        history.take_up_shape()
        pool = history.pool
        documents = PostgresDocuments(pool, history.keyring)
        log_access = LogAccess(
            store=history.store,
            checkpoints=PostgresCheckpointStore(pool),
            keyring=history.keyring,
            keys=PostgresKeyStore(pool),
            signing_key=settings.log_signing_key,
            log_domain=service_domain(NAME, settings.log_domain),
        )
        bus = ServiceCaller(caller, NAME, settings.service_key)
        recogniser = RecognisingOffTheHub(ByBytes())
        years, failures = settings.retention_years, NotedFailures(pool)
        ports = Ports(
            history.log, history.keyring, SystemClock(), press, documents, recogniser, years, failures=failures
        )
        return cls(
            history,
            ports,
            Queries(pool, history.cells, history.search, history.runner),
            RegisterQueries(pool, history.cells, history.runner),
            IssuedRowsOfReadModel(pool, history.runner),
            Access(settings.token_keys_file, heard_from_auth(bus)),
            log_access,
            telling_auth(pool, bus),
            Planner(
                ports,
                pool,
                lambda tenant: running_plans(pool, history.projection.name, tenant),
                lambda tenant, day: overdue_invoices(pool, history.cells, history.projection.name, tenant, day),
            ),
        )

    def close(self) -> None:
        """Close the connections."""
        self.history.close()


class OffTheHub:
    """The press in a native thread, a document at a time: it would stop every other call of the process meanwhile."""

    def __init__(self, press: Press) -> None:
        self._press = press
        self._turn = Semaphore()

    def print(self, document: Document, files: Files) -> Printed:
        """Return the forms, as the press does."""
        with self._turn:
            printed: Printed = tpool.execute(self._press.print, document, files)
        return printed

    def offer(self, document: Document, logo: bytes | None) -> bytes:
        """Return a drawn quote, as the press does."""
        with self._turn:
            drawn: bytes = tpool.execute(self._press.offer, document, logo)
        return drawn

    def letter(self, written: ReminderWritten, logo: bytes | None) -> bytes:
        """Return the PDF of a reminder, as the press does."""
        with self._turn:
            drawn: bytes = tpool.execute(self._press.letter, written, logo)
        return drawn

    def broken(self, document: Document) -> Sequence[BrokenRule]:
        """Return the official rules that a document breaks, as the press does."""
        with self._turn:
            broken: Sequence[BrokenRule] = tpool.execute(self._press.broken, document)
        return broken

    def cii_in(self, pdf: bytes) -> bytes:
        """Return the CII form that a PDF carries: at once, as it takes a millisecond."""
        return self._press.cii_in(pdf)


class RecognisingOffTheHub:
    """The recogniser in a native thread, a file at a time: a large picture would stop every other call meanwhile."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser
        self._turn = Semaphore()

    def require(self, media_type: str, content: bytes) -> None:
        """Refuse what is something else, as the recogniser does."""
        with self._turn:
            tpool.execute(self._recogniser.require, media_type, content)

    def require_logo(self, content: bytes) -> None:
        """Refuse what cannot be drawn, as the recogniser does."""
        with self._turn:
            tpool.execute(self._recogniser.require_logo, content)


class App(AppProvider):
    """Gives the service its application, and keeps its processes running beside the calls."""

    app: Application
    caller = BusCaller()

    def build(self) -> Application:
        """Build from the environment."""
        # The process beside starts with the first document, and ends with this one.
        press = OffTheHub(OfficialPress(RulesProcess()))
        return Application.build(InvoicesSettings.read(Environment()), press, self.caller)

    def loops(self, app: Application) -> Sequence[BackgroundLoop]:
        """Work beside the calls: what follows the log does so in processes of its own."""
        return [
            *(BackgroundLoop(each, ProcessBeside(NAME, each).run) for each in (FOLLOWERS, ARCHIVIST)),
            BackgroundLoop("planner", app.planner.run),
            BackgroundLoop("decisions", app.decisions.run),
        ]
