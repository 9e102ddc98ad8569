"""The notifier's database, and what tests do with it."""

from dataclasses import dataclass, field

from services.notifier.adapters.bus import Bus
from shared.contracts.events import PublishedEvent
from shared.eventstore.pool import Pool
from shared.eventstore.session import tenant_session
from shared.kernel.clock import FixedClock
from shared.kernel.ids import new_id
from shared.messaging.inbox import Inbox
from tests.integration.notifier.couriers import (
    conninfo_of,
    courier,
    rows,
)
from tests.stack import Database

TENANT = "019aa0e5-1111-7000-8000-000000000001"


@dataclass
class Notifier:
    """The notifier's database, and what a test does with it."""

    database: Database
    pool: Pool = field(init=False)

    def __post_init__(self) -> None:
        self.pool = self.database.pool()

    @property
    def conninfo(self) -> str:
        return conninfo_of(self.database.url, self.database.password)

    def hear(self) -> str:
        """Put an issued invoice into the inbox; return the event's id."""
        return self._hear("invoices", "DocumentArchived", f"invoice-{new_id()}", 1)

    def hear_of_reminder(self) -> str:
        """Put a reminder into the inbox; return the event's id."""
        return self._hear("invoices", "ReminderArchived", f"reminder-{new_id()}", 1)

    def hear_of_quote(self, position: int) -> str:
        """Put a revision of a quote into the inbox; return the event's id."""
        return self._hear("invoices", "QuoteArchived", f"paper-{new_id()}", position)

    def hear_of_notice(self, position: int = 7) -> str:
        """Put a notice of auth's into the inbox; return the event's id."""
        return self._hear("auth", "NoticeDue", f"notice-{new_id()}", position)

    def _hear(self, source: str, kind: str, stream: str, position: int) -> str:
        event_id, at = new_id(), "2026-11-22T09:00:00.000000Z"
        assert Inbox(self.pool).record(PublishedEvent(source, event_id, kind, TENANT, stream, 1, position, at))
        return event_id

    def make_due(self) -> None:
        with self.database.connect_as_admin() as admin:
            admin.execute("UPDATE app.inbox SET next_attempt_at = now()")

    def deliver(self, smtp_port: int, others: Bus | None = None, clock: FixedClock | None = None) -> bool:
        """Make what waits due and deal with one event."""
        self.make_due()
        with courier(self.conninfo, self.pool, smtp_port, others, clock) as working:
            return working.deliver_next()

    def rows(self) -> list[tuple[object, ...]]:
        with tenant_session(self.pool, TENANT) as session:
            return rows(session)

    def inbox(self) -> dict[str, int]:
        return Inbox(self.pool).counts()
