"""The composition root: the one place where the notifier's parts are chosen and put together."""

import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email.headerregistry import Address
from pathlib import Path

from services.notifier.adapters.deliveries import PostgresDeliveries
from services.notifier.adapters.documents import RpcDocuments
from services.notifier.adapters.mails import MailsBySource, RpcNotices
from services.notifier.adapters.notices import InboxNotices
from services.notifier.adapters.smtp import Encryption, SmtpServer, SmtpTransport
from services.notifier.domain.mail import MailRefused, wire_address
from services.notifier.handlers import Courier
from shared.crypto.signing import SigningKey
from shared.eventstore.pool import Pool, open_pool
from shared.kernel.clock import SystemClock
from shared.messaging.access import Access
from shared.messaging.application import AppProvider
from shared.messaging.background import BackgroundLoop
from shared.messaging.caller import BusCaller, Caller, ServiceCaller
from shared.messaging.decision_courier import DecisionCourier, telling_auth
from shared.messaging.inbox import Inbox
from shared.messaging.revocations import heard_from_auth
from shared.messaging.settings import PREFIX, DatabaseSettings, Environment, SettingInvalid

_POLL_SECONDS = 0.5
_TAKE_OVER_SECONDS = 5.0
"""How often to look for work, and how often to ask whether the worker that owns the deliveries is gone."""


@dataclass(frozen=True, slots=True)
class NotifierSettings:
    """Everything that the notifier needs besides the bus."""

    database: DatabaseSettings
    max_workers: int
    token_keys_file: Path
    service_key: SigningKey = field(repr=False)
    smtp: SmtpServer

    @classmethod
    def read(cls, environment: Environment) -> "NotifierSettings":
        """Read the settings and the key that they name; SettingInvalid."""
        return cls(
            database=DatabaseSettings.read(environment),
            max_workers=environment.integer("MAX_WORKERS", 10),
            token_keys_file=environment.path("TOKEN_KEYS_FILE"),
            service_key=environment.key("SERVICE_KEY_FILE", SigningKey.load),
            smtp=_smtp(environment),
        )


@dataclass(frozen=True, slots=True)
class Application:
    """The notifier, put together."""

    pool: Pool
    access: Access
    inbox: Inbox
    settings: NotifierSettings
    bus: ServiceCaller
    decisions: DecisionCourier

    @classmethod
    def build(cls, settings: NotifierSettings, caller: Caller) -> "Application":
        """Put the notifier together; `caller` carries its calls to other services."""
        pool = open_pool(settings.database.conninfo, max_size=settings.max_workers + 2)
        bus = ServiceCaller(caller, "notifier", settings.service_key)
        access = Access(settings.token_keys_file, heard_from_auth(bus))
        return cls(pool, access, Inbox(pool), settings, bus, telling_auth(pool, bus))

    def deliver(self, stop: Callable[[], bool], pause: Callable[[float], None]) -> None:
        """Deliver what is due until it is time to stop, as the only worker of this database that does."""
        domain = self.settings.smtp.sender.domain
        while not stop():
            with PostgresDeliveries.owned(self.settings.database.conninfo, domain) as deliveries:
                if deliveries is None:
                    pause(_TAKE_OVER_SECONDS)
                    continue
                self.inbox.release()
                courier = self._courier(deliveries)
                while not stop():
                    if not courier.deliver_next():
                        pause(_POLL_SECONDS)

    def _courier(self, deliveries: PostgresDeliveries) -> Courier:
        clock = SystemClock()
        return Courier(
            inbox=InboxNotices(self.inbox),
            mails=MailsBySource(
                {"invoices": RpcDocuments(self.bus, deliveries.domain), "auth": RpcNotices(self.bus, deliveries.domain)}
            ),
            deliveries=deliveries,
            transport=SmtpTransport(self.settings.smtp, clock),
            clock=clock,
        )

    def close(self) -> None:
        """Close the connections."""
        self.pool.close()


class App(AppProvider):
    """Gives the service its application, and delivers beside the calls."""

    app: Application
    caller = BusCaller()

    def build(self) -> Application:
        """Build from the environment."""
        return Application.build(NotifierSettings.read(Environment()), self.caller)

    def loops(self, app: Application) -> Sequence[BackgroundLoop]:
        """Deliver, and tell what was decided."""
        return [BackgroundLoop("deliveries", app.deliver), BackgroundLoop("decisions", app.decisions.run)]


def _smtp(environment: Environment) -> SmtpServer:
    """Read SMTP_HOST, SMTP_PORT, SMTP_SENDER, and if set SMTP_TLS, SMTP_CA_FILE, SMTP_USER with SMTP_PASSWORD_FILE."""
    user = environment.optional("SMTP_USER")
    try:
        encryption = Encryption(environment.text("SMTP_TLS", Encryption.STARTTLS.value))
    except ValueError:
        raise SettingInvalid(f"The setting {PREFIX}SMTP_TLS must be none, starttls or tls.") from None
    try:
        return SmtpServer(
            host=environment.text("SMTP_HOST"),
            port=environment.integer("SMTP_PORT"),
            sender=_sender(environment.text("SMTP_SENDER")),
            encryption=encryption,
            trust=None if encryption is Encryption.NONE else _trust(environment),
            user=user,
            password=None if user is None else environment.secret("SMTP_PASSWORD_FILE"),
        )
    except ValueError as problem:
        raise SettingInvalid(f"The settings {PREFIX}SMTP_* do not go together: {problem}.") from None


def _sender(text: str) -> Address:
    try:
        return Address("", addr_spec=wire_address(text))
    except MailRefused:
        raise SettingInvalid(f"The setting {PREFIX}SMTP_SENDER must be one plain e-mail address.") from None


def _trust(environment: Environment) -> ssl.SSLContext:
    """Trust the certificate authorities of the system, or only those in SMTP_CA_FILE."""
    authorities = environment.path("SMTP_CA_FILE") if environment.optional("SMTP_CA_FILE") else None
    try:
        return ssl.create_default_context(cafile=authorities)
    except ssl.SSLError:
        raise SettingInvalid(f"The file that {PREFIX}SMTP_CA_FILE names holds no certificates.") from None
