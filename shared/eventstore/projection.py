"""Projections: they follow each tenant's log and feed read models, exactly once per event.

The rows that an event changes and the projection's checkpoint commit in one transaction, so a crash between the two
cannot happen. An advisory lock per projection and tenant lets any number of processes run the same projections: one
of them works, and when it dies the server frees the lock and another takes over.
"""

import time
from collections.abc import Callable, Sequence
from typing import Protocol

import psycopg
import structlog

from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.log import TenantLog
from shared.eventstore.model import RecordedEvent
from shared.eventstore.pool import Pool

BATCH = 500
"""Events per transaction."""
PAUSE_IDLE = 0.05
"""Seconds between two looks at a log that had nothing new."""
PAUSE_UNAVAILABLE = 1.0
"""Seconds before the next try when the database is away."""
_POLL = 0.02

_LAGGING = """
    SELECT h.tenant::text, coalesce(c.position, -1)
    FROM log.heads h LEFT JOIN read.projection_checkpoints c ON c.tenant = h.tenant AND c.projection = %s
    WHERE coalesce(c.position, -1) < h.size - 1
    ORDER BY h.tenant
"""
_CHECKPOINT = "SELECT position FROM read.projection_checkpoints WHERE projection = %s AND tenant = %s"
_ADVANCE = """
    INSERT INTO read.projection_checkpoints (projection, tenant, position) VALUES (%s, %s, %s)
    ON CONFLICT (projection, tenant) DO UPDATE SET position = excluded.position
"""
_FORGET = "DELETE FROM read.projection_checkpoints WHERE projection = %s"
# Whoever applies events shares the projection's lock and holds its tenant's alone; whoever resets holds the
# projection's alone. Two names that hash alike only wait for each other.
_LOCK_TENANT = """
    SELECT pg_try_advisory_xact_lock_shared(hashtextextended('projection ' || %(projection)s, 0))
        AND pg_try_advisory_xact_lock(hashtextextended('projection ' || %(projection)s || ' ' || %(tenant)s, 0))
"""
_LOCK_PROJECTION = "SELECT pg_advisory_xact_lock(hashtextextended('projection ' || %s, 0))"

_log = structlog.get_logger(__name__)


class Projection(Protocol):
    """Turns events into rows. `apply` must depend on nothing but the events, so that a replay gives equal rows."""

    @property
    def name(self) -> str:
        """Name the projection; its checkpoints are kept under it."""
        ...

    def apply(self, cursor: psycopg.Cursor, event: RecordedEvent) -> None:
        """Change the rows that this event changes; an event of no interest changes none."""
        ...

    def reset(self, cursor: psycopg.Cursor) -> None:
        """Empty the read model, for all tenants."""
        ...


class ProjectionRunner:
    """Runs a service's projections."""

    def __init__(self, pool: Pool, log: TenantLog, projections: Sequence[Projection]) -> None:
        self._pool, self._log, self._projections = pool, log, tuple(projections)
        self._halted: dict[tuple[str, str], int] = {}

    @property
    def halted(self) -> dict[tuple[str, str], int]:
        """Where a poison event stopped a projection: (projection, tenant) to position."""
        return dict(self._halted)

    def run(self, stop: Callable[[], bool], pause: Callable[[float], None]) -> None:
        """Follow the logs until `stop()`; `pause(seconds)` lets others work. Survives the database being away."""
        while not stop():
            try:
                applied = self.run_once()
            except psycopg.OperationalError as error:
                _log.warning("projections_wait_for_database", reason=type(error).__name__)
                self._pool.check()
                pause(PAUSE_UNAVAILABLE)
            else:
                if applied == 0:
                    pause(PAUSE_IDLE)

    def run_once(self) -> int:
        """Bring every projection up to date for every tenant; return how many events were applied."""
        return sum(self._catch_up(projection) for projection in self._projections)

    def rebuild(self, projection: Projection) -> None:
        """Empty the read model and replay the whole log into it, also past an event that was poison before."""
        with self._pool.connection() as connection, connection.transaction(), connection.cursor() as cursor:
            cursor.execute(_LOCK_PROJECTION, (projection.name,))
            projection.reset(cursor)
            cursor.execute(_FORGET, (projection.name,))
        self._halted = {key: at for key, at in self._halted.items() if key[0] != projection.name}
        self._catch_up(projection)

    def wait_for(self, tenant: str, projection: str, position: int, timeout: float) -> None:
        """Return once the read model holds the event at `position`; PublicError read_model_behind after `timeout`.

        `timeout` is in seconds. This lets a caller read its own write.
        """
        deadline = time.monotonic() + timeout
        while self._position(projection, tenant) < position:
            if time.monotonic() >= deadline:
                raise PublicError(ErrorCode.READ_MODEL_BEHIND, "The read model has not caught up yet; ask again.")
            time.sleep(_POLL)

    def _position(self, projection: str, tenant: str) -> int:
        with self._pool.connection() as connection:
            row = connection.execute(_CHECKPOINT, (projection, tenant)).fetchone()
        return -1 if row is None else int(row[0])

    def _catch_up(self, projection: Projection) -> int:
        with self._pool.connection() as connection:
            lagging = connection.execute(_LAGGING, (projection.name,)).fetchall()
        return sum(
            self._follow(projection, tenant, position)
            for tenant, position in lagging
            if (projection.name, tenant) not in self._halted
        )

    def _follow(self, projection: Projection, tenant: str, position: int) -> int:
        """Apply batches from `position + 1` to the log's end, to a poison event, or until another process is at it."""
        start = position
        while True:
            events, poison = self._read(tenant, position)
            if events:
                applied, failure = self._apply(projection, tenant, position, events)
                position += applied
                if failure is not None:
                    poison = failure
                elif applied == 0:  # another process holds the lock or was faster
                    return position - start
            if poison is not None:
                self._halt(projection, tenant, position + 1, poison)
                return position - start
            if len(events) < BATCH:
                return position - start

    def _read(self, tenant: str, after: int) -> tuple[list[RecordedEvent], Exception | None]:
        """Return the next batch as far as it can be read, and why it ends early if it does."""
        events: list[RecordedEvent] = []
        try:
            for event in self._log.read(tenant, after, BATCH):
                # Positions are dense; a hole means that a row is gone, and must not be stepped over.
                if event.position != after + 1 + len(events):
                    return events, LookupError(f"position {after + 1 + len(events)} is missing from the log")
                events.append(event)
        except psycopg.OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one event stops this tenant only
            return events, error
        return events, None

    def _apply(
        self, projection: Projection, tenant: str, position: int, events: Sequence[RecordedEvent]
    ) -> tuple[int, Exception | None]:
        """Apply a batch in one transaction; when an event is poison, those before it in another one.

        Returns how many were applied and why not all.
        """
        applied = 0
        try:
            with self._pool.connection() as connection, connection.transaction(), connection.cursor() as cursor:
                if not self._take(cursor, projection, tenant, position):
                    return 0, None
                for event in events:
                    if not event.shredded:  # its effect is undone by a later SubjectShredded, so it needs not be done
                        projection.apply(cursor, event)
                    applied += 1
                cursor.execute(_ADVANCE, (projection.name, tenant, position + applied))
        except psycopg.OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - a poison event, of whatever kind, stops only its projection
            before = self._apply(projection, tenant, position, events[:applied])[0] if applied else 0
            return before, error
        return applied, None

    @staticmethod
    def _take(cursor: psycopg.Cursor, projection: Projection, tenant: str, position: int) -> bool:
        """Lock the projection for this tenant; False when another process has it or has moved it on."""
        cursor.execute(_LOCK_TENANT, {"projection": projection.name, "tenant": tenant})
        if cursor.fetchone() != (True,):
            return False
        row = cursor.execute(_CHECKPOINT, (projection.name, tenant)).fetchone()
        return position == (-1 if row is None else row[0])

    def _halt(self, projection: Projection, tenant: str, position: int, poison: Exception) -> None:
        self._halted[projection.name, tenant] = position
        # The kind of error only: its text may quote the payload.
        _log.error(
            "projection_halted",
            projection=projection.name,
            tenant=tenant,
            position=position,
            error=type(poison).__name__,
        )
