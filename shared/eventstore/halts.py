"""Halted projections: written down where every process and every operator sees them, and tried again.

A halt names a projection, a tenant, a position and the kind of error. It ends when the projection gets past the event:
by itself when the cause was passing, after an upgrade when it was the program, by a rebuild in any case. The relay,
which follows the log too, halts in the same way under the name `relay`; it has nothing to rebuild. A follower that may
pass an event over writes that down under a name of the event's own, `<what> <position>`, and goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, LiteralString

import psycopg
import structlog
from psycopg.rows import class_row

from shared.eventstore.pool import Pool

LONGEST_PAUSE = timedelta(minutes=10)
_SHOWN = 100

# The pause doubles with every attempt at the same position, from a second to the longest.
_HALT = """
    INSERT INTO read.halted AS h (projection, tenant, position, kind, at, attempts, retry_at)
    VALUES (%(projection)s, %(tenant)s, %(position)s, %(kind)s, now(), 1, now() + interval '1 second')
    ON CONFLICT (projection, tenant) DO UPDATE SET
        position = excluded.position,
        kind = excluded.kind,
        at = CASE WHEN h.position = excluded.position THEN h.at ELSE excluded.at END,
        attempts = CASE WHEN h.position = excluded.position THEN h.attempts + 1 ELSE 1 END,
        retry_at = CASE WHEN h.position = excluded.position
            THEN now() + least(%(longest)s, interval '1 second' * 2 ^ least(h.attempts, 10))
            ELSE excluded.retry_at END
    RETURNING attempts
"""
_SHOW: Final[LiteralString] = """
    SELECT projection, tenant::text, position, kind, attempts,
           to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at,
           to_char(retry_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS retry_at
    FROM read.halted
"""
_HALTED = _SHOW + "ORDER BY projection, tenant LIMIT %s"
_ONE = _SHOW + "WHERE projection = %s AND tenant = %s"
_DUE = _SHOW + "WHERE starts_with(projection, %s || ' ') AND retry_at <= now() ORDER BY retry_at LIMIT %s"
_RETRY_PASSED = "UPDATE read.halted SET retry_at = now() WHERE starts_with(projection, %s || ' ')"
_RETRY = "UPDATE read.halted SET retry_at = now() WHERE projection = ANY(%s)"
_OVER = "DELETE FROM read.halted WHERE projection = %s AND tenant = %s AND position <= %s"
_CLEAR = "DELETE FROM read.halted WHERE projection = %s"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Poison:
    """Where a projection stopped, and at what kind of error: its text may quote the payload and is not kept."""

    position: int
    kind: str


@dataclass(frozen=True, slots=True)
class Halt:
    """A projection that does not get on."""

    projection: str
    """Its name, or `relay`; `<what> <position>` where an event was passed over and everything later goes on."""
    tenant: str
    position: int
    """The event that it cannot get past."""
    kind: str
    """The kind of error, without its text."""
    attempts: int
    at: str
    """Since when; RFC 3339 UTC."""
    retry_at: str
    """When it will be tried again; RFC 3339 UTC."""


def halted(pool: Pool, timeout: float | None = None) -> list[Halt]:
    """Return what is halted, at most a hundred; psycopg.Error, after `timeout` seconds without a connection."""
    with pool.connection(timeout) as connection, connection.cursor(row_factory=class_row(Halt)) as cursor:
        return cursor.execute(_HALTED, (_SHOWN,)).fetchall()


def passed_over(what: str, position: int) -> str:
    """Return the name under which an event that was passed over is written down."""
    return f"{what} {position}"


def found(pool: Pool, projection: str, tenant: str) -> Halt | None:
    """Return what is written down under this name for a tenant."""
    with pool.connection() as connection, connection.cursor(row_factory=class_row(Halt)) as cursor:
        return cursor.execute(_ONE, (projection, tenant)).fetchone()


def due(pool: Pool, what: str) -> list[Halt]:
    """Return events that were passed over and are to be tried again now, at most a hundred."""
    with pool.connection() as connection, connection.cursor(row_factory=class_row(Halt)) as cursor:
        return cursor.execute(_DUE, (what, _SHOWN)).fetchall()


def halt(connection: psycopg.Connection, projection: str, tenant: str, poison: Poison) -> None:
    """Write down that a projection stopped, and say so in the log."""
    attempts = write_down(connection, projection, tenant, poison)
    _log.error(
        "projection_halted",
        projection=projection,
        tenant=tenant,
        position=poison.position,
        error=poison.kind,
        attempts=attempts,
    )


def write_down(
    connection: psycopg.Connection, projection: str, tenant: str, poison: Poison, longest: timedelta = LONGEST_PAUSE
) -> int:
    """Write down that a projection stopped; return how often it did so here. `longest`: pause before another try."""
    halted = {"projection": projection, "tenant": tenant, "position": poison.position, "kind": poison.kind}
    row = connection.execute(_HALT, {**halted, "longest": longest}).fetchone()
    return 0 if row is None else int(row[0])


def over(cursor: psycopg.Cursor, projection: str, tenant: str, position: int) -> None:
    """Forget a tenant's halt when what has been reached is not before it: what was passed is halted no longer."""
    cursor.execute(_OVER, (projection, tenant, position))


def retry_now(pool: Pool, projections: Sequence[str]) -> None:
    """Let halted projections be tried at once: a process that starts may be a repaired one."""
    with pool.connection() as connection:
        connection.execute(_RETRY, (list(projections),))


def retry_passed_over(pool: Pool, what: str) -> None:
    """Let events that were passed over be tried at once, as `retry_now`."""
    with pool.connection() as connection:
        connection.execute(_RETRY_PASSED, (what,))


def clear(connection: psycopg.Connection, projection: str) -> None:
    """Forget a projection's halts, of all tenants."""
    connection.execute(_CLEAR, (projection,))
