"""The inbox: events that were received, each once, until they are dealt with.

Table `app.inbox` is made by inbox.sql, which stands beside this file. Several processes may work from one inbox.
"""

from dataclasses import dataclass

from psycopg.rows import class_row

from shared.contracts.events import PublishedEvent
from shared.eventstore.pool import Pool

LEASE_SECONDS = 300
"""How long an entry belongs to who took it; afterwards (he crashed) it is due again."""
_FIRST_RETRY_SECONDS, _LONGEST_RETRY_SECONDS = 2, 3600
_MOST_DOUBLINGS = 12
"""2 s doubled this often is past the longest pause already."""

_RECORD = """
    INSERT INTO app.inbox (event_id, tenant, source, type, stream, position) VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (event_id) DO NOTHING
"""
_TAKE = """
    UPDATE app.inbox SET next_attempt_at = now() + make_interval(secs => %s), attempts = attempts + 1
    WHERE event_id IN (
        SELECT event_id FROM app.inbox WHERE state = 'pending' AND next_attempt_at <= now()
        ORDER BY next_attempt_at, event_id LIMIT %s FOR UPDATE SKIP LOCKED
    )
    RETURNING event_id::text, tenant::text, source, type, stream, position, attempts
"""
# Half of the pause is chance, so that what failed together does not come back together.
_RETRY = """
    UPDATE app.inbox SET last_error_code = %s, next_attempt_at = now()
        + least(%s * 2 ^ least(greatest(attempts - 1, 0), %s), %s) * (0.5 + random() / 2) * interval '1 second'
    WHERE event_id = %s AND state = 'pending'
"""
_RELEASE = "UPDATE app.inbox SET next_attempt_at = now() WHERE state = 'pending' AND next_attempt_at > now()"
_FINISH = "UPDATE app.inbox SET state = %s, last_error_code = %s WHERE event_id = %s AND state = 'pending'"
_COUNTS = "SELECT state, count(*) FROM app.inbox GROUP BY state"


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """An event that is due."""

    event_id: str
    tenant: str
    source: str
    type: str
    stream: str
    position: int
    attempts: int
    """How often it was taken, this time included."""


class Inbox:
    """A service's inbox in its own database."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def record(self, event: PublishedEvent) -> bool:
        """Keep an event; False when it was there already (it was delivered again)."""
        row = (event.id, event.tenant, event.source, event.type, event.stream, event.position)
        with self._pool.connection() as connection:
            return connection.execute(_RECORD, row).rowcount == 1

    def due(self, limit: int, lease: float = LEASE_SECONDS) -> list[InboxEntry]:
        """Take at most `limit` entries that are due, oldest first: for `lease` seconds nobody else gets them."""
        with self._pool.connection() as connection, connection.cursor(row_factory=class_row(InboxEntry)) as cursor:
            taken = cursor.execute(_TAKE, (lease, limit)).fetchall()
        return sorted(taken, key=lambda entry: entry.event_id)

    def release(self) -> None:
        """Make every entry due now. For whoever has just become the only worker of this inbox.

        What the worker before was dealing with when it was killed need not wait for its lease to end.
        """
        with self._pool.connection() as connection:
            connection.execute(_RELEASE)

    def done(self, event_id: str) -> None:
        """Mark an entry as dealt with."""
        self._finish("done", None, event_id)

    def retry_later(self, event_id: str, code: str) -> None:
        """Let an entry be due again after a pause that doubles with each attempt, up to an hour."""
        values = (code, _FIRST_RETRY_SECONDS, _MOST_DOUBLINGS, _LONGEST_RETRY_SECONDS, event_id)
        with self._pool.connection() as connection:
            connection.execute(_RETRY, values)

    def dead(self, event_id: str, code: str) -> None:
        """Give an entry up: it stays, visible, for an operator to look at."""
        self._finish("dead", code, event_id)

    def counts(self) -> dict[str, int]:
        """Return how many entries are `pending`, `done` and `dead`."""
        with self._pool.connection() as connection:
            counted = {str(state): int(number) for state, number in connection.execute(_COUNTS).fetchall()}
        return {"pending": 0, "done": 0, "dead": 0, **counted}

    def _finish(self, state: str, code: str | None, event_id: str) -> None:
        with self._pool.connection() as connection:
            connection.execute(_FINISH, (state, code, event_id))
