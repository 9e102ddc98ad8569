"""The composition root: the one place where auth's parts are chosen and put together."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from eventlet import tpool
from eventlet.semaphore import Semaphore

from services.auth.adapters.announcer import Announcer
from services.auth.adapters.assertions import SignedAssertions
from services.auth.adapters.code_uses import PostgresCodeUses
from services.auth.adapters.drill_page import DrillPage
from services.auth.adapters.drill_templates import FileDrillTemplates
from services.auth.adapters.invitations import DerivedInvitations
from services.auth.adapters.modules import FileModules
from services.auth.adapters.passkey_counters import PostgresPasskeyCounters
from services.auth.adapters.passkeys import WebauthnPasskeys
from services.auth.adapters.password_list import ShippedPasswordList
from services.auth.adapters.passwords import Argon2Passwords
from services.auth.adapters.recovery_codes import HashedRecoveryCodes
from services.auth.adapters.reminders import Reminders
from services.auth.adapters.throttle import PostgresThrottle
from services.auth.adapters.totp import TotpFactor
from services.auth.codec import EVENT_SCHEMAS
from services.auth.commands import FollowDrillLink
from services.auth.handlers import follow_drill_link, record_decisions
from services.auth.ports import Passwords, Ports
from services.auth.read_models import projections
from services.auth.read_models.addresses import PostgresAddresses
from services.auth.read_models.revocations import PostgresRevocations, RevocationProjection
from services.auth.read_models.sessions import PostgresSessions
from services.auth.settings import AuthSettings, DrillSettings
from shared.contracts.decisions import KeptDecision
from shared.contracts.events import PUBLIC_EVENTS
from shared.crypto.keyring import Keyring
from shared.eventstore.checkpoints import PostgresCheckpointStore
from shared.eventstore.following import Projection
from shared.eventstore.log import TenantLog
from shared.eventstore.log_access import LogAccess
from shared.eventstore.pool import Pool, open_pool
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.eventstore.postgres_snapshots import PostgresSnapshots
from shared.eventstore.projection import ProjectionRunner
from shared.eventstore.rebuild import Progress
from shared.eventstore.registry import EventRegistry
from shared.eventstore.snapshots import Snapshots
from shared.eventstore.wakeups import Channel, Wakeups
from shared.kernel.clock import SystemClock
from shared.merkle.checkpoint import service_domain
from shared.messaging.access import Access
from shared.messaging.application import AppProvider
from shared.messaging.background import BackgroundLoop
from shared.messaging.decision_courier import DecisionCourier
from shared.messaging.decisions import PostgresDecisions
from shared.messaging.relay import Relay
from shared.messaging.revocations import Revocations
from shared.messaging.settings import Environment, HistorySettings
from shared.messaging.web_page import WebPage

NAME = "auth"
_READ_MODELS: Sequence[Projection] = (RevocationProjection(), *projections())
"""What can be filled from the log again; the announcer cannot: it would tell everything once more."""


@dataclass(frozen=True, slots=True)
class History:
    """auth's log and the projections that follow it."""

    pool: Pool
    keyring: Keyring
    log: TenantLog
    runner: ProjectionRunner
    revoker: ProjectionRunner
    """A runner of its own: what is revoked does not wait for other read models."""
    wakeups: Wakeups

    @classmethod
    def open(cls, settings: HistorySettings, *, pool_size: int = 4) -> "History":
        """Connect to the database, in the background."""
        clock = SystemClock()
        pool = open_pool(settings.database.conninfo, max_size=pool_size)
        wakeups = Wakeups.beside(pool)
        keyring = Keyring(settings.kek, PostgresKeyStore(pool), clock)
        wakeups.tell(Channel.KEYS, keyring.forget)
        log = TenantLog(PostgresEventStore(pool), keyring, EventRegistry(EVENT_SCHEMAS), clock)
        followers = [*projections(), Announcer(log, PostgresAddresses(pool))]
        return cls(
            pool,
            keyring,
            log,
            ProjectionRunner(pool, log, followers, wakeups),
            ProjectionRunner(pool, log, [RevocationProjection()], wakeups),
            wakeups,
        )

    @classmethod
    def rebuild_from(cls, environment: Environment, show: Progress) -> None:
        """Fill the read models from the log again, beside the live ones; SettingInvalid."""
        history = cls.open(HistorySettings.read(environment))
        try:
            history.rebuild(show)
        finally:
            history.close()

    def rebuild(self, show: Progress) -> None:
        """Fill the read models from the log again, beside the live ones. Raises as `Rebuild.run`."""
        for projection in _READ_MODELS:
            self.runner.rebuild(projection, show)

    def take_up_shape(self) -> None:
        """Have the read models filled in the shape that this version works with; closed when it cannot be done.

        Raises as `Rebuild.run`.
        """
        try:
            self.runner.take_up_shape(_READ_MODELS)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connections."""
        self.wakeups.close()
        self.pool.close()


@dataclass(frozen=True, slots=True)
class Application:
    """auth, put together."""

    history: History
    ports: Ports
    access: Access
    log_access: LogAccess
    relay: Relay
    reminders: Reminders
    drill_page: WebPage | None

    @property
    def pool(self) -> Pool:
        """Connections to auth's database."""
        return self.history.pool

    @classmethod
    def build(cls, settings: AuthSettings) -> "Application":
        """Put auth together from its settings."""
        # Each worker holds one connection at a time; followers need five, relay and reminders two each, the page one.
        history = History.open(settings.history, pool_size=settings.max_workers + 10)
        history.take_up_shape()
        pool, store, clock = history.pool, PostgresEventStore(history.pool), SystemClock()
        ports = Ports(
            log=history.log,
            snapshots=Snapshots(PostgresSnapshots(pool), history.log, history.keyring),
            keyring=history.keyring,
            clock=clock,
            passwords=OffTheHub(Argon2Passwords(settings.pepper.password_key)),
            password_list=ShippedPasswordList(),
            second_factor=TotpFactor(settings.pepper.factor_key),
            code_uses=PostgresCodeUses(pool),
            passkeys=WebauthnPasskeys(settings.pepper.passkey_key, settings.web),
            passkey_counters=PostgresPasskeyCounters(pool),
            throttle=PostgresThrottle(settings.pepper.throttle_key, pool),
            recovery_codes=HashedRecoveryCodes(settings.pepper.recovery_key),
            invitations=DerivedInvitations(settings.pepper.invitation_key),
            addresses=PostgresAddresses(pool),
            sessions=PostgresSessions(pool),
            revocations=PostgresRevocations(pool, history.revoker),
            tokens=settings.tokens,
            assertions=SignedAssertions(settings.service_keys, pool),
            modules=FileModules.load(),
            drill_templates=FileDrillTemplates.load(),
            drill_links=DerivedInvitations(settings.pepper.drill_key),
            drill_url=settings.drills.url,
        )
        log_access = LogAccess(
            store=store,
            checkpoints=PostgresCheckpointStore(pool),
            keyring=history.keyring,
            keys=PostgresKeyStore(pool),
            signing_key=settings.log_signing_key,
            log_domain=service_domain(NAME, settings.log_domain),
        )
        relay = Relay(pool, store, settings.bus, NAME, PUBLIC_EVENTS[NAME], wakeups=history.wakeups)
        reminders = Reminders(ports, pool, settings.reminder_seconds)
        revocations = Revocations(lambda after: ports.revocations.recent(clock.now(), after))
        return cls(
            history,
            ports,
            Access(settings.token_keys_file, revocations),
            log_access,
            relay,
            reminders,
            _drill_page(settings.drills, ports),
        )

    def close(self) -> None:
        """Close the connections."""
        self.history.close()


class OffTheHub:
    """Argon2 in native threads: it would stop every other call of the process for tens of milliseconds.

    Only as many at once as there are processors: more would take memory, 46 MiB each, and gain nothing.
    """

    def __init__(self, passwords: Passwords) -> None:
        self._passwords = passwords
        self._turn = Semaphore(os.cpu_count() or 1)

    def hash(self, password: str) -> str:
        """Return a PHC string."""
        with self._turn:
            phc: str = tpool.execute(self._passwords.hash, password)
        return phc

    def matches(self, password: str, stored: str | None) -> bool:
        """Compare with a PHC string; None costs the same work and never matches."""
        with self._turn:
            same: bool = tpool.execute(self._passwords.matches, password, stored)
        return same

    def outdated(self, stored: str) -> bool:
        """Tell whether a PHC string has other parameters than those of today; that costs nothing."""
        return self._passwords.outdated(stored)


class App(AppProvider):
    """Gives the service its application, and runs its projections beside the calls."""

    app: Application

    def build(self) -> Application:
        """Build from the environment."""
        return Application.build(AuthSettings.read(Environment()))

    def loops(self, app: Application) -> Sequence[BackgroundLoop]:
        """Follow the log, for the read models and for everybody else."""
        return [
            BackgroundLoop("projections", app.history.runner.run, app.history.wakeups.wake),
            BackgroundLoop("revoker", app.history.revoker.run, app.history.wakeups.wake),
            BackgroundLoop("relay", app.relay.run, app.history.wakeups.wake),
            BackgroundLoop("reminders", app.reminders.run),
            BackgroundLoop("decisions", _own_decisions(app).run),
            *([] if app.drill_page is None else [BackgroundLoop("drill page", app.drill_page.run)]),
        ]


def _own_decisions(app: Application) -> DecisionCourier:
    """Return what writes auth's own decisions down, without a call to itself."""

    def tell(tenant: str, decisions: Sequence[KeptDecision]) -> None:
        record_decisions(app.ports, decisions, tenant=tenant, service=NAME)

    return DecisionCourier(PostgresDecisions(app.pool), tell)


def _drill_page(settings: DrillSettings, ports: Ports) -> WebPage | None:
    if settings.listen is None:
        return None
    return WebPage(settings.listen, DrillPage(lambda link: follow_drill_link(ports, FollowDrillLink(link))))
