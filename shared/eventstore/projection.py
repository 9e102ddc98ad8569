"""Projections: they follow each tenant's log and feed read models, exactly once per event.

An advisory lock per projection and tenant lets any number of processes run the same projections: one of them works,
and when it dies the server frees the lock and another takes over.
"""

import time
from collections.abc import Callable, Sequence

import psycopg
import structlog

from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore import halts
from shared.eventstore.copies import LiveCopy, live_position
from shared.eventstore.following import BATCH, Follower, Projection
from shared.eventstore.log import TenantLog
from shared.eventstore.pool import Pool
from shared.eventstore.rebuild import Progress, Rebuild, RebuildRunning, is_in_shape, show_nothing
from shared.eventstore.wakeups import Channel, Wakeups

__all__ = ["Projection", "ProjectionRunner"]

PAUSE_UNAVAILABLE = 1.0
"""Seconds before the next try when the database is away."""

_PAUSE_TAKEN_UP = 0.5
"""Seconds between two looks whether another process has filled a read model."""

_NOTIFY = "SELECT pg_notify(%s, %s)"

_log = structlog.get_logger(__name__)


class ProjectionRunner:
    """Runs a service's projections."""

    def __init__(
        self,
        pool: Pool,
        log: TenantLog,
        projections: Sequence[Projection],
        wakeups: Wakeups,
        *,
        batch: int = BATCH,
    ) -> None:
        """`batch`: events per transaction."""
        self._pool, self._log, self._projections, self._wakeups = pool, log, tuple(projections), wakeups
        self._batch = batch

    def run(self, stop: Callable[[], bool], pause: Callable[[float], None]) -> None:
        """Follow the logs until `stop()`; `pause(seconds)` lets others work. Survives the database being away."""
        started = False
        while not stop():
            seen = self._wakeups.seen(Channel.LOG)
            try:
                if not started:
                    self.begin()
                    started = True
                applied = self.run_once()
            except psycopg.OperationalError as error:
                _log.warning("projections_wait_for_database", reason=type(error).__name__)
                self._pool.check()
                pause(PAUSE_UNAVAILABLE)
            else:
                if applied == 0:
                    self._wakeups.wait(Channel.LOG, seen)

    def begin(self) -> None:
        """Let halted projections be tried at once: a process that starts may be a repaired one."""
        halts.retry_now(self._pool, [projection.name for projection in self._projections])

    def run_once(self) -> int:
        """Bring every projection up to date for every tenant; return by how many positions that went on."""
        return sum(self._catch_up(projection) for projection in self._projections)

    def rebuild(self, projection: Projection, show: Progress = show_nothing) -> None:
        """Fill a fresh copy of the read model from the whole log beside the live one, and swap (see `Rebuild`)."""
        Rebuild(self._pool, self._log, projection).run(show)
        self._tell("")

    def take_up_shape(self, projections: Sequence[Projection]) -> None:
        """Fill and swap what is live in an earlier shape, before anything here reads it. Raises as `Rebuild.run`.

        Meanwhile processes of the version before go on answering from the live one. Of several that start at once one
        does the work and the others wait.
        """
        for projection in projections:
            while not is_in_shape(self._pool, projection.name):
                try:
                    self.rebuild(projection)
                except RebuildRunning:
                    time.sleep(_PAUSE_TAKEN_UP)

    def wait_for(self, tenant: str, projection: str, position: int, timeout: float) -> None:
        """Return once the read model holds the event at `position`; PublicError read_model_behind after `timeout`.

        `timeout` is in seconds. This lets a caller read its own write.
        """
        deadline = time.monotonic() + timeout
        while True:
            seen = self._wakeups.seen(Channel.READ)
            if live_position(self._pool, projection, tenant) >= position:
                return
            left = deadline - time.monotonic()
            if left <= 0:
                raise PublicError(ErrorCode.READ_MODEL_BEHIND, "The read model has not caught up yet; ask again.")
            self._wakeups.wait(Channel.READ, seen, left)

    def _catch_up(self, projection: Projection) -> int:
        copy = LiveCopy(self._pool, projection.name)
        follower = Follower(self._log, projection, copy, batch=self._batch)
        moved = 0
        for tenant, position in copy.lagging():
            reached, poison = follower.follow(tenant, position)
            if poison is not None:
                with self._pool.connection() as connection:
                    halts.halt(connection, projection.name, tenant, poison)
            if reached > position:
                self._tell(tenant)
            moved += reached - position
        return moved

    def _tell(self, tenant: str) -> None:
        """Wake those who wait for the read model, in whatever process: after the commit, as they look at rows."""
        with self._pool.connection() as connection:
            connection.execute(_NOTIFY, (Channel.READ.value, tenant))
