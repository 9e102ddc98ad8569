"""A process that follows or rebuilds, and at its Nth event dies or says so and waits to be killed.

`dying_process follow|rebuild die|wait N`
"""

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
    """Ends its own process in the middle of a batch, without any clearing up."""

    def __init__(self, ending: str, left: int) -> None:
        super().__init__()
        self._ending, self._left = ending, left

    def apply(self, cursor: psycopg.Cursor, event: RecordedEvent) -> None:
        super().apply(cursor, event)
        self._left -= 1
        if self._left == 0:
            if self._ending == "wait":
                print("in the middle of a batch", flush=True)  # noqa: T201 - the test waits for this line
                signal.pause()
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    work, ending, left = sys.argv[1:]
    pool = open_pool(os.environ["DSN"], max_size=4)
    log = TenantLog(
        PostgresEventStore(pool), keyring_over(PostgresKeyStore(pool)), EventRegistry({"AmountAdded": 1}), CLOCK
    )
    projection = Dying(ending, int(left))
    runner = ProjectionRunner(pool, log, [projection], Wakeups.beside(pool))
    if work == "rebuild":
        runner.rebuild(projection)
    else:
        runner.run(lambda: False, time.sleep)
