"""Wake-ups: one connection per process listens for what others committed, so that followers need not ask all the time.

A wake-up is a hint and never the only way to learn something: whoever waits looks again after a second at the latest,
so that a wake-up lost with its connection costs a second and nothing else. The payload is a tenant's id, no content.
It needs no framework: under a green standard library its thread is green and its waiting lets others run.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from enum import StrEnum

import psycopg
import structlog
from psycopg import conninfo, sql

from shared.eventstore.pool import Pool

LOOK = 1.0
"""Seconds after which whoever waits looks for himself: the most that a lost wake-up costs."""
_TICK = 0.25
"""Seconds between two looks of the listening thread at whether it should end."""
_AGAIN_AFTER = 0.5
"""Seconds until the next try to connect."""
_CONNECT_TIMEOUT = 5

_log = structlog.get_logger(__name__)

Told = Callable[[str | None], None]
"""Is told the tenant that something happened to; None: wake-ups may have been lost, so it may be any tenant."""


class Channel(StrEnum):
    """What there is to be woken for; the names are PostgreSQL's notification channels."""

    LOG = "tallystick_log"
    """A log has grown."""
    READ = "tallystick_read"
    """A read model has moved on."""
    KEYS = "tallystick_keys"
    """Keys were rotated or shredded: drop cached ones."""


class Wakeups:
    """Lets any number of threads of this process wait for news. Use `beside(pool)`; `close()` ends it.

    One that was made without `beside` listens to nobody: waiting on it is looking once a second.
    """

    def __init__(self, channels: Iterable[Channel] = Channel) -> None:
        """`channels` are those that anybody in this process waits for: each other one would wake it for nothing."""
        self._channels = tuple(channels)
        self._changed = threading.Condition()
        self._counts = Counter[Channel]()
        self._told: dict[Channel, list[Told]] = {channel: [] for channel in Channel}
        self._closed = threading.Event()

    @classmethod
    def beside(cls, pool: Pool, channels: Iterable[Channel] = Channel) -> "Wakeups":
        """Listen to the database that the pool connects to; it may start later."""
        wakeups = cls(channels)
        wakeups.listen(pool)
        return wakeups

    def listen(self, pool: Pool) -> None:
        """Begin to listen, in a thread of its own: whoever must not miss the beginning asks to be told before."""
        address = pool.conninfo() if callable(pool.conninfo) else pool.conninfo
        dsn = conninfo.make_conninfo(address, connect_timeout=_CONNECT_TIMEOUT)
        threading.Thread(target=self._listen, args=(dsn,), name="wakeups", daemon=True).start()

    def close(self) -> None:
        """Stop listening; whoever waits goes on at once."""
        self._closed.set()
        self.wake()

    def tell(self, channel: Channel, told: Told) -> None:
        """Call `told` for every wake-up of the channel, in the listening thread; it must be quick and not raise."""
        self._told[channel].append(told)

    def seen(self, channel: Channel) -> int:
        """Return how many wake-ups there have been: take it before looking, and give it to `wait` afterwards."""
        return self._counts[channel]

    def wait(self, channel: Channel, seen: int, timeout: float = LOOK) -> None:
        """Return when there has been a wake-up after `seen`, or after `timeout` seconds, at most `LOOK`."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._counts[channel] != seen or self._closed.is_set(), max(0.0, min(timeout, LOOK))
            )

    def wake(self) -> None:
        """Wake everybody who waits, e.g. to see that it is time to stop."""
        with self._changed:
            self._counts.update(Channel)
            self._changed.notify_all()

    def _listen(self, dsn: str) -> None:
        lost_at = 0.0
        while not self._closed.is_set():
            try:
                with psycopg.connect(dsn, autocommit=True) as connection:
                    for channel in self._channels:
                        connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                    if lost_at:
                        _log.info("wakeups_back", after_seconds=round(time.monotonic() - lost_at, 1))
                        lost_at = 0.0
                    self._catch_up()
                    self._follow(connection)
            except psycopg.Error as error:
                if not lost_at and not self._closed.is_set():
                    lost_at = time.monotonic()
                    _log.warning("wakeups_lost", reason=type(error).__name__)
                self._closed.wait(_AGAIN_AFTER)

    def _catch_up(self) -> None:
        """Treat the time without a connection as if everything had happened in it."""
        for channel in Channel:
            for told in self._told[channel]:
                told(None)
        self.wake()

    def _follow(self, connection: psycopg.Connection) -> None:
        known = {channel.value: channel for channel in Channel}
        while not self._closed.is_set():
            for notify in connection.notifies(timeout=_TICK):
                channel = known[notify.channel]
                for told in self._told[channel]:
                    told(notify.payload)
                with self._changed:
                    self._counts[channel] += 1
                    self._changed.notify_all()
