"""A process that kills itself in mid-batch: `dying_process rebuild|follow N` dies while it applies its Nth event."""

import os
import signal
import sys
import time

import psycopg

from shared.eventstore.log import TenantLog
from shared.eventstore.model import RecordedEvent
from shared.eventstore.pool import open_pool
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.eventstore.projection import ProjectionRunner
from shared.eventstore.registry import EventRegistry
from shared.eventstore.wakeups import Wakeups
from tests.integration.eventstore.ledger import Totals
from tests.keyrings import CLOCK, keyring_over


class Dying(Totals):
    """Ends its own process, without any clearing up."""

    left = int(sys.argv[2])

    def apply(self, cursor: psycopg.Cursor, event: RecordedEvent) -> None:
        super().apply(cursor, event)
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    pool = open_pool(os.environ["DSN"], max_size=4)
    log = TenantLog(
        PostgresEventStore(pool), keyring_over(PostgresKeyStore(pool)), EventRegistry({"AmountAdded": 1}), CLOCK
    )
    runner = ProjectionRunner(pool, log, [Dying()], Wakeups.beside(pool))
    if sys.argv[1] == "rebuild":
        runner.rebuild(Dying())
    else:
        runner.run(lambda: False, time.sleep)
