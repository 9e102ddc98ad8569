"""Wake-ups, the sending side: after appends have committed, tell whoever follows the logs (wakeups.py listens).

Not in the append's transaction, because a NOTIFY takes a lock of the whole database until its transaction is on disk:
tenants would wait for each other. Not on the append's connection either: it would cost every append a second
transaction. One thread sends for all appends of a store, those of a few milliseconds together.
"""

import threading
import time

import psycopg
import structlog
from psycopg_pool import PoolClosed

from shared.eventstore.pool import Pool
from shared.eventstore.wakeups import Channel

APART = 0.005
"""Seconds between two notifications, at least: what a follower waits for at most while there are many appends."""
_IDLE = 1.0
"""Seconds without an append after which the thread ends; the next append starts another."""

_NOTIFY = "SELECT pg_notify(%s, tenant) FROM unnest(string_to_array(%s, ' ')) AS tenant"
"""One text of all tenants: it is sent as it is, where psycopg would look at each of a list to find its type."""

_log = structlog.get_logger(__name__)


class Waker:
    """Sends wake-ups for the logs of one database, in a thread that is there while there are appends.

    Nothing has to be closed: the thread ends when there is nothing to send, or when the pool is closed. What it had
    not sent when its process died is lost, which costs followers a second. Under a green standard library it is green.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._changed = threading.Condition()
        self._tenants: set[str] = set()
        self._running = False

    def grown(self, tenant: str) -> None:
        """Say that an append to the tenant's log has committed; followers are told soon. It does not wait."""
        with self._changed:
            self._tenants.add(tenant)
            if self._running:
                self._changed.notify()
                return
            self._running = True
        threading.Thread(target=self._run, name="waker", daemon=True).start()

    def _run(self) -> None:
        sent = time.monotonic() - APART
        while self._wait():
            # Only who comes soon after another waits; by then more may have come, and they go together.
            if (left := sent + APART - time.monotonic()) > 0:
                time.sleep(left)
            self._send(self._take())
            sent = time.monotonic()

    def _wait(self) -> bool:
        """Wait for appends; False: it has been quiet, and the next append starts a thread again."""
        with self._changed:
            self._running = self._changed.wait_for(lambda: bool(self._tenants), _IDLE)
            return self._running

    def _take(self) -> list[str]:
        with self._changed:
            tenants, self._tenants = sorted(self._tenants), set()
            return tenants

    def _send(self, tenants: list[str]) -> None:
        try:
            with self._pool.connection() as connection:
                connection.execute(_NOTIFY, (Channel.LOG.value, " ".join(tenants)))
        except PoolClosed:
            pass  # the process is ending
        except psycopg.Error as error:
            _log.warning("wakeup_not_sent", reason=type(error).__name__)
