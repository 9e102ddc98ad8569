"""Reminders of training go out by themselves: a round over all businesses now and then, by one process at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from services.auth.handlers.training_oversight import remind_team
from services.auth.ports import Ports
from shared.eventstore.pool import Pool

_LOCK = "SELECT pg_try_advisory_lock(hashtextextended('training reminders', 0))"
_UNLOCK = "SELECT pg_advisory_unlock(hashtextextended('training reminders', 0))"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Reminders:
    """Looks at everybody once a round. What was told already is in the log, so rounds may overlap, repeat or be cut."""

    ports: Ports
    pool: Pool
    every_seconds: float

    def run(self, stop: Callable[[], bool], pause: Callable[[float], None]) -> None:
        """Make rounds until it is time to stop; raises when the database is lost, to be run again after a pause."""
        while not stop():
            self.run_once(stop)
            pause(self.every_seconds)

    def run_once(self, stop: Callable[[], bool] = lambda: False) -> int:
        """Record all reminders that are to go out now; return how many. None while another process is at it."""
        sent = 0
        with self._alone() as alone:
            for tenant in self.ports.log.tenants() if alone else ():
                if stop():
                    break
                sent += remind_team(self.ports, tenant)
        if sent:
            _log.info("training_reminded", reminders=sent)
        return sent

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Hold the lock, which the server frees when this process dies."""
        with self.pool.connection() as connection:
            row = connection.execute(_LOCK).fetchone()
            alone = bool(row is not None and row[0])
            connection.commit()
            try:
                yield alone
            finally:
                if alone:
                    connection.execute(_UNLOCK)
