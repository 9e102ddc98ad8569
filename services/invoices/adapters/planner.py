"""What is due by itself, plans and reminders: a round over all businesses now and then, each by one process at a time.

The lock only saves work: that an occurrence, or a level, is written once is kept by the log (handlers/recurring.py,
handlers/reminders.py).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date

import structlog

from services.invoices.handlers.recurring import carry_out
from services.invoices.handlers.reminders import remind_by_itself, reminds_by_itself
from services.invoices.ports import Ports
from shared.contracts.errors import PublicError
from shared.crypto.keyring import KeyShredded
from shared.eventstore.pool import Pool

EVERY_SECONDS = 300.0
"""Between two rounds: what is due on a day is written within minutes of its beginning (UTC)."""
_LOCK = "SELECT pg_try_advisory_lock(hashtextextended('planner ' || %s, 0))"
_UNLOCK = "SELECT pg_advisory_unlock(hashtextextended('planner ' || %s, 0))"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Planner:
    """Looks at all running plans once a round; rounds may overlap, repeat or be cut."""

    ports: Ports
    pool: Pool
    running: Callable[[str], Sequence[str]]
    """Ids of a business's plans that run."""
    overdue: Callable[[str, date], Iterable[tuple[int, str]]]
    """Positions and ids of a business's invoices that may be overdue on a day."""
    reminded: dict[str, date] = field(default_factory=dict)
    """The last day on which this process looked for reminders, by business: once a day is enough."""

    def run(self, stop: Callable[[], bool], pause: Callable[[float], None]) -> None:
        """Make rounds until it is time to stop; raises when the database is lost, to be run again after a pause."""
        while not stop():
            written = sum(self.run_once(tenant) for tenant in self.ports.log.tenants() if not stop())
            if written:
                _log.info("plans_carried_out", drafts=written)
            pause(EVERY_SECONDS)

    def run_once(self, tenant: str) -> int:
        """Write what is due in a business now; return how many drafts. None while another process is at it."""
        day = self.ports.clock.now().date()
        with self._alone(tenant) as alone:
            if not alone:
                return 0
            drafts = sum(carry_out(self.ports, tenant, plan_id, day) for plan_id in self.running(tenant))
            self._remind(tenant, day)
        return drafts

    def _remind(self, tenant: str, day: date) -> None:
        """Write the reminders that are due, where the business wants that; one that is refused stops no other."""
        if self.reminded.get(tenant) == day or not reminds_by_itself(self.ports, tenant):
            return
        for _, invoice_id in self.overdue(tenant, day):
            try:
                with suppress(KeyShredded):
                    remind_by_itself(self.ports, tenant, invoice_id)
            except PublicError as refusal:
                _log.warning("reminder_refused", tenant=tenant, code=refusal.code.value)
        self.reminded[tenant] = day

    @contextmanager
    def _alone(self, tenant: str) -> Iterator[bool]:
        """Hold the business's lock, which the server frees when this process dies."""
        with self.pool.connection() as connection:
            row = connection.execute(_LOCK, (tenant,)).fetchone()
            alone = bool(row is not None and row[0])
            connection.commit()
            try:
                yield alone
            finally:
                if alone:
                    connection.execute(_UNLOCK, (tenant,))
