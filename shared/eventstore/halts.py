"""Halted projections: written down where every process and every operator sees them, and tried again.

A halt names a projection, a tenant, a position and the kind of error. It ends when the projection gets past the event:
by itself when the cause was passing, after an upgrade when it was the program, by a rebuild in any case.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
import structlog
from psycopg.rows import class_row

from shared.eventstore.following import Poison
from shared.eventstore.pool import Pool

_SHOWN = 100

# The pause doubles with every attempt at the same position, from a second to ten minutes.
_HALT = """
    INSERT INTO read.halted AS h (projection, tenant, position, kind, at, attempts, retry_at)
    VALUES (%s, %s, %s, %s, now(), 1, now() + interval '1 second')
    ON CONFLICT (projection, tenant) DO UPDATE SET
        position = excluded.position,
        kind = excluded.kind,
        at = CASE WHEN h.position = excluded.position THEN h.at ELSE excluded.at END,
        attempts = CASE WHEN h.position = excluded.position THEN h.attempts + 1 ELSE 1 END,
        retry_at = CASE WHEN h.position = excluded.position
            THEN now() + least(interval '10 minutes', interval '1 second' * 2 ^ least(h.attempts, 10))
            ELSE excluded.retry_at END
    RETURNING attempts
"""
_HALTED = """
    SELECT projection, tenant::text, position, kind,
           to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at
    FROM read.halted ORDER BY projection, tenant LIMIT %s
"""
_RETRY = "UPDATE read.halted SET retry_at = now() WHERE projection = ANY(%s)"
_CLEAR = "DELETE FROM read.halted WHERE projection = %s"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Halt:
    """A projection that does not get on."""

    projection: str
    tenant: str
    position: int
    """The event that it cannot apply."""
    kind: str
    """The kind of error, without its text."""
    at: str
    """Since when; RFC 3339 UTC."""


def halted(pool: Pool, timeout: float | None = None) -> list[Halt]:
    """Return what is halted, at most a hundred; psycopg.Error, after `timeout` seconds without a connection."""
    with pool.connection(timeout) as connection, connection.cursor(row_factory=class_row(Halt)) as cursor:
        return cursor.execute(_HALTED, (_SHOWN,)).fetchall()


def halt(connection: psycopg.Connection, projection: str, tenant: str, poison: Poison) -> None:
    """Write down that a projection stopped, and say so in the log."""
    row = connection.execute(_HALT, (projection, tenant, poison.position, poison.kind)).fetchone()
    _log.error(
        "projection_halted",
        projection=projection,
        tenant=tenant,
        position=poison.position,
        error=poison.kind,
        attempts=0 if row is None else row[0],
    )


def retry_now(pool: Pool, projections: Sequence[str]) -> None:
    """Let halted projections be tried at once: a process that starts may be a repaired one."""
    with pool.connection() as connection:
        connection.execute(_RETRY, (list(projections),))


def clear(connection: psycopg.Connection, projection: str) -> None:
    """Forget a projection's halts, of all tenants."""
    connection.execute(_CLEAR, (projection,))
