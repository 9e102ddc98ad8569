"""A relay that is killed after some events were confirmed, before its checkpoint moves on."""

import os
import signal

from shared.eventstore.model import StoredEvent
from shared.eventstore.pool import open_pool
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.wakeups import Wakeups
from shared.messaging.relay import Relay
from shared.messaging.settings import Environment, WorkerSettings
from tests.integration.messaging.test_events import EVENTS


class DyingRelay(Relay):
    """Ends its own process, without any clearing up."""

    left = int(os.environ["DIE_AFTER"])

    def _publish(self, event: StoredEvent) -> bool:
        published = super()._publish(event)
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return published


if __name__ == "__main__":
    settings = WorkerSettings.read(Environment(), "invoices")
    pool = open_pool(settings.database.conninfo)
    DyingRelay(pool, PostgresEventStore(pool), settings.bus, "invoices", EVENTS, wakeups=Wakeups()).run_once()
