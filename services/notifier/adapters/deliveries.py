"""The record of deliveries in PostgreSQL, written by one worker at a time.

The worker holds a session advisory lock, and writes through the very connection that holds it. So a worker that has
lost the lock has lost the means to record `sending` as well, and without that it sends nothing.

Every statement is bound to the tenant whose mail it is about (row-level security); which tenants there are stands in
the inbox.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, LiteralString

import psycopg

from services.notifier.domain.delivery import (
    Attempt,
    DeliveryState,
    TransitionRefused,
    abandoned,
    begin,
    conclude,
    is_over,
    refuse,
    spare,
)
from services.notifier.domain.mail import Mail, message_id
from services.notifier.domain.ports import Delivery, Notice

_LOCK: Final = 0x7461_6C6C_7900_0001
"""Key of the advisory lock: `tally` and a number."""


_BIND: Final = "SELECT set_config('tallystick.tenant', %s, true)"

# What was being sent when its worker was killed still waits in the inbox: it is done there last of all.
_WAITING: Final = "SELECT DISTINCT tenant::text FROM app.inbox WHERE state = 'pending'"

_ABANDON: Final = "UPDATE app.deliveries SET state = %s, ended_at = now() WHERE state = %s"

_BEGIN: Final = """
    UPDATE app.deliveries SET state = %s, digest = %s, attempts = attempts + 1, began_at = now()
     WHERE event_id = %s AND state = %s"""

_END: Final = """
    UPDATE app.deliveries SET state = %s, last_reply = %s, ended_at = CASE WHEN %s THEN now() END
     WHERE event_id = %s AND state = %s"""


@dataclass(frozen=True)
class PostgresDeliveries:
    """Deliveries, for the one worker that owns them."""

    connection: psycopg.Connection
    domain: str
    """What follows the @ of message ids."""

    @classmethod
    @contextmanager
    def owned(cls, conninfo: str, domain: str) -> Iterator["PostgresDeliveries | None"]:
        """Become the owner, or yield None while another worker is.

        The server ends ownership with the connection, so a worker that is killed owns nothing a moment later. What
        it was sending then is nobody's: the new owner declares it unknown, and never sends it again.
        """
        with psycopg.connect(conninfo, autocommit=True) as connection:
            row = connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
            if row is None or not row[0]:
                yield None
                return
            deliveries = cls(connection, domain)
            deliveries.settle_abandoned()
            yield deliveries

    def settle_abandoned(self) -> int:
        """Declare deliveries whose worker is gone unknown; return how many."""
        sending = DeliveryState.SENDING
        tenants = [str(tenant) for (tenant,) in self.connection.execute(_WAITING).fetchall()]
        return sum(self._execute(tenant, _ABANDON, [abandoned(sending), sending]).rowcount for tenant in tenants)

    def recall(self, notice: Notice) -> Delivery:
        """Return where the delivery stands; one that was never heard of is recorded as pending."""
        self._execute(
            notice.tenant,
            "INSERT INTO app.deliveries (event_id, tenant, message_id) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [notice.event_id, notice.tenant, message_id(notice.event_id, self.domain)],
        )
        return self._delivery(notice)

    def begin(self, notice: Notice, mail: Mail) -> None:
        """Record that the mail is about to be sent."""
        old = self._delivery(notice).state
        self._move(notice, _BEGIN, [begin(old), bytes.fromhex(mail.digest), notice.event_id, old])

    def conclude(self, notice: Notice, attempt: Attempt) -> DeliveryState:
        """Record how the attempt ended and return the new state."""
        old = DeliveryState.SENDING
        new = conclude(old, attempt.outcome)
        self._move(notice, _END, [new, attempt.reply, is_over(new), notice.event_id, old])
        return new

    def refuse(self, notice: Notice) -> None:
        """Record that this cannot become a mail."""
        old = self._delivery(notice).state
        self._move(notice, _END, [refuse(old), None, True, notice.event_id, old])

    def spare(self, notice: Notice) -> None:
        """Record that nobody wants this as a mail."""
        old = self._delivery(notice).state
        self._move(notice, _END, [spare(old), None, True, notice.event_id, old])

    def _delivery(self, notice: Notice) -> Delivery:
        found = "SELECT state, created_at FROM app.deliveries WHERE event_id = %s"
        row = self._execute(notice.tenant, found, [notice.event_id]).fetchone()
        if row is None:
            raise TransitionRefused("the delivery was never recorded")
        return Delivery(DeliveryState(row[0]), row[1])

    def _move(self, notice: Notice, query: LiteralString, values: Sequence[object]) -> None:
        """Change one row from the state it was seen in."""
        if self._execute(notice.tenant, query, values).rowcount != 1:
            raise TransitionRefused("somebody else changed the delivery")

    def _execute(self, tenant: str, query: LiteralString, values: Sequence[object]) -> psycopg.Cursor:
        """Run one statement, committed, bound to a tenant."""
        with self.connection.transaction():
            self.connection.execute(_BIND, [tenant])
            return self.connection.execute(query, values)
