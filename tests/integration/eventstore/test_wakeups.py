"""Wake-ups arrive, also in a green process, also after the database was away; a lost one costs a second."""

import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from shared.eventstore.wakeups import Channel, Wakeups
from tests.stack import Database

pytestmark = pytest.mark.integration
TENANT = "019aa0e5-0000-7000-8000-000000000001"

GREEN = """
from shared.messaging import green
green.patch()
import os, sys
import eventlet
from shared.eventstore.pool import open_pool
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.wakeups import Channel, Wakeups
from shared.kernel.ids import new_id
from tests.sealed_events import sealed_event
pool = open_pool(os.environ["DSN"], max_size=2)
wakeups = Wakeups.beside(pool)
heard = []
wakeups.tell(Channel.LOG, heard.append)
while not heard:  # told None: it listens now
    eventlet.sleep(0.01)
ticks = []
def tick():
    while True:
        ticks.append(1)
        eventlet.sleep(0.001)
eventlet.spawn(tick)
eventlet.sleep(0.05)
before = len(ticks)
wakeups.wait(Channel.READ, wakeups.seen(Channel.READ))  # for what does not come
assert len(ticks) > before, "nothing else ran while this one waited"
seen = wakeups.seen(Channel.LOG)
tenant = new_id()
PostgresEventStore(pool).append(tenant, [sealed_event(tenant, "invoice-1", 1)], {"invoice-1": 0})
while tenant not in heard:
    wakeups.wait(Channel.LOG, seen)
wakeups.close()
pool.close()
print("heard and others ran")
"""


class Heard:
    """What a listener was told, in order."""

    def __init__(self, wakeups: Wakeups) -> None:
        self._told: queue.Queue[str | None] = queue.Queue()
        wakeups.tell(Channel.KEYS, self._told.put)

    def next(self) -> str | None:
        return self._told.get(timeout=60)


@pytest.fixture
def wakeups() -> Iterator[Wakeups]:
    wakeups = Wakeups()
    yield wakeups
    wakeups.close()


@pytest.fixture
def heard(invoices: Database, wakeups: Wakeups) -> Heard:
    """It asks before anybody listens, so that it hears of the beginning; from then on nothing may be missed."""
    heard = Heard(wakeups)
    wakeups.listen(invoices.pool())
    assert heard.next() is None
    return heard


def notify(database: Database, channel: Channel, tenant: str = TENANT) -> None:
    with database.connect() as connection:
        connection.execute("SELECT pg_notify(%s, %s)", (channel.value, tenant))


def test_a_listener_is_told_the_tenant(invoices: Database, heard: Heard) -> None:
    notify(invoices, Channel.KEYS)
    assert heard.next() == TENANT


def test_what_nobody_here_waits_for_wakes_nobody(invoices: Database) -> None:
    wakeups = Wakeups({Channel.READ, Channel.KEYS})
    try:
        heard = Heard(wakeups)
        wakeups.listen(invoices.pool())
        assert heard.next() is None
        logs, reads = wakeups.seen(Channel.LOG), wakeups.seen(Channel.READ)
        for channel in (Channel.LOG, Channel.READ, Channel.KEYS):
            notify(invoices, channel)
        assert heard.next() == TENANT
        wakeups.wait(Channel.READ, reads)
        # Notifications come in order: had this process asked for that of the log, it would have been first.
        assert (wakeups.seen(Channel.LOG), wakeups.seen(Channel.READ)) == (logs, reads + 1)
    finally:
        wakeups.close()


def test_everybody_who_waits_is_woken_by_one_notification(invoices: Database, wakeups: Wakeups, heard: Heard) -> None:
    seen = wakeups.seen(Channel.LOG)
    woken: queue.Queue[int] = queue.Queue()

    def wait() -> None:
        while wakeups.seen(Channel.LOG) == seen:
            wakeups.wait(Channel.LOG, seen)
        woken.put(wakeups.seen(Channel.LOG))

    waiting = [threading.Thread(target=wait) for _ in range(3)]
    for each in waiting:
        each.start()
    notify(invoices, Channel.LOG)
    for each in waiting:
        each.join(60)
    assert woken.qsize() == 3


def test_a_wakeup_between_looking_and_waiting_is_not_lost(invoices: Database, wakeups: Wakeups, heard: Heard) -> None:
    seen = wakeups.seen(Channel.KEYS)
    notify(invoices, Channel.KEYS)
    heard.next()
    while wakeups.seen(Channel.KEYS) == seen:
        time.sleep(0.001)
    wakeups.wait(Channel.KEYS, seen, timeout=60)  # returns, because what it waits for has happened already


def test_after_the_database_was_away_everything_may_have_happened(invoices: Database, heard: Heard) -> None:
    with invoices.connect_as_admin() as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert heard.next() is None
    notify(invoices, Channel.KEYS)
    assert heard.next() == TENANT


def test_closing_lets_go_of_whoever_waits() -> None:
    wakeups = Wakeups()
    waiting = threading.Thread(target=lambda: wakeups.wait(Channel.LOG, wakeups.seen(Channel.LOG)))
    waiting.start()
    wakeups.close()
    waiting.join(60)
    assert not waiting.is_alive()


def test_in_a_green_process_others_run_while_one_waits(invoices: Database) -> None:
    dsn = psycopg.conninfo.make_conninfo(invoices.url, password=invoices.password)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", GREEN],
        cwd=Path(__file__).parents[3],
        env={"DSN": dsn},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "heard and others ran"), done.stderr
