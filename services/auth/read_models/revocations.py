"""Whose tokens are refused: what was revoked within the life of a token, by position in the log."""

import time
from datetime import datetime, timedelta
from typing import Protocol

import psycopg

from services.auth.domain.revocation import revocation_of
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.revocations import PAGE, RecentRevocations, Revoked, Subject
from shared.eventstore.copies import live_lists
from shared.eventstore.model import RecordedEvent
from shared.eventstore.pool import Pool
from shared.kernel.clock import from_rfc3339

NAME = "revocations"
RECENT = timedelta(minutes=6)
"""The five minutes that a token lives, and one for clocks that differ between two processes of auth."""
_PATIENCE = 3.0
"""Seconds that an answer waits for the read model to hold everything that was recorded before the question."""

# By the moment of the event, never by the clock: a replay makes the same rows.
_FORGET_OLD = "DELETE FROM revocations WHERE tenant = %s AND at < %s"
_REVOKE = """
    INSERT INTO revocations (tenant, kind, subject, position, at) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (tenant, kind, subject) DO UPDATE SET position = excluded.position, at = excluded.at
"""
_RECENT = """
    SELECT tenant::text, kind, subject, position FROM revocations
    WHERE at >= %s AND (tenant, kind, subject) > (%s::uuid, %s, %s) ORDER BY tenant, kind, subject LIMIT %s
"""
_BEFORE_ALL = Subject("00000000-0000-0000-0000-000000000000", "", "")
_BEHIND = """
    SELECT h.tenant::text, h.size - 1 FROM log.heads h
    LEFT JOIN projection_checkpoints c ON c.tenant = h.tenant AND c.projection = %s
    WHERE coalesce(c.position, -1) < h.size - 1
"""


class RevocationProjection:
    """Feeds `revocations`: ids and places, nothing to seal. Old rows go when the next one of their tenant comes."""

    name = NAME

    def apply(self, cursor: psycopg.Cursor, event: RecordedEvent) -> None:
        """Add what the event revokes, if anything."""
        revoked = revocation_of(event.type, event.stream, event.payload)
        if revoked is None:
            return
        cursor.execute(_FORGET_OLD, (event.tenant, from_rfc3339(event.at) - RECENT))
        row = (event.tenant, revoked.kind.value, revoked.subject, event.position, event.at)
        cursor.execute(_REVOKE, row)

    def reset(self, cursor: psycopg.Cursor) -> None:
        """Empty the table for a replay."""
        cursor.execute("TRUNCATE revocations")


class Waiting(Protocol):
    """Waits for a read model: `ProjectionRunner`."""

    def wait_for(self, tenant: str, projection: str, position: int, timeout: float) -> None:
        """Return once it holds the event at `position`; PublicError read_model_behind after `timeout` seconds."""
        ...


class PostgresRevocations:
    """Answers from `revocations`, for all tenants at once."""

    def __init__(self, pool: Pool, runner: Waiting, patience: float = _PATIENCE, page: int = PAGE) -> None:
        self._pool, self._runner, self._patience, self._page = pool, runner, patience, page

    def recent(self, now: datetime, after: Subject | None = None) -> RecentRevocations:
        """Return a page of the revocations that may meet a token alive `now` and were recorded before the first page.

        Of tenants whose read model does not get there in time (it is halted, say) nobody can tell; when there are more
        of them than fit on a page, of none: service_unavailable, and who cannot hear refuses.
        """
        undecided = self._catch_up() if after is None else []
        if len(undecided) > self._page:
            raise PublicError(ErrorCode.SERVICE_UNAVAILABLE, "What was revoked is not known at this moment.")
        start = after or _BEFORE_ALL
        place = (start.tenant, start.kind, start.subject)
        with live_lists(self._pool, NAME) as connection:
            rows = connection.execute(_RECENT, (now - RECENT, *place, self._page + 1)).fetchall()
        revoked = [Revoked(*row) for row in rows[: self._page]]
        return RecentRevocations(revoked, undecided, more=len(rows) > self._page)

    def _catch_up(self) -> list[str]:
        """Wait for the read model; return the tenants for which it was in vain."""
        with live_lists(self._pool, NAME) as connection:
            behind = connection.execute(_BEHIND, (NAME,)).fetchall()
        deadline = time.monotonic() + self._patience
        return [tenant for tenant, position in behind if not self._reaches(tenant, position, deadline)]

    def _reaches(self, tenant: str, position: int, deadline: float) -> bool:
        try:
            self._runner.wait_for(tenant, NAME, position, max(0.0, deadline - time.monotonic()))
        except PublicError:
            return False
        return True
