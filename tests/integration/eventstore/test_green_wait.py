"""A green process waits for its database co-operatively, and what psycopg promises of waiting holds."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.stack import Database

pytestmark = pytest.mark.integration

_BEGIN = """
import os
from shared.messaging import green
green.patch()
import eventlet
import psycopg
green.assert_green()
def connected():
    return psycopg.connect(os.environ["DSN"], autocommit=True)
connection = connected()
"""
LARGE = """
sent = b"x" * (32 << 20)  # more than any buffer of a socket: writing has to wait as well
[(size, answer)] = connection.execute("SELECT octet_length(%b::bytea), %b::bytea", (sent, sent)).fetchall()
assert (size, answer) == (len(sent), sent)
with connection.pipeline():
    found = [connection.execute("SELECT octet_length(%b::bytea) + %s", (sent, more)) for more in range(3)]
assert [cursor.fetchone()[0] - len(sent) for cursor in found] == [0, 1, 2]
"""
OTHERS = """
ticks = []
def tick():
    while True:
        ticks.append(1)
        eventlet.sleep(0)
eventlet.spawn(tick)
for query in ("SELECT pg_sleep(0.01)", "SELECT 1"):
    before = len(ticks)
    connection.execute(query)
    assert len(ticks) > before
"""
ENDED = """
pid = connection.info.backend_pid
eventlet.spawn(lambda: connected().execute("SELECT pg_terminate_backend(%s)", (pid,)))
try:
    connection.execute("SELECT pg_sleep(600)")
except psycopg.OperationalError:
    pass
else:
    raise AssertionError("it waited to the end")
"""
GIVEN_UP = """
mine = eventlet.Timeout(0.3)  # longer than psycopg's own interval
try:
    connection.execute("SELECT pg_sleep(600)")
except eventlet.Timeout as timeout:
    assert timeout is mine
else:
    raise AssertionError("it waited to the end")
"""
NOTIFIED = """
connection.execute("LISTEN news")
assert list(connection.notifies(timeout=0.2)) == []
eventlet.spawn(lambda: connected().execute("NOTIFY news, 'heard'"))
[heard] = connection.notifies(stop_after=1)
assert heard.payload == "heard"
"""


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(LARGE, id="what is larger than a buffer is sent and read"),
        pytest.param(OTHERS, id="others run while one waits, however short"),
        pytest.param(ENDED, id="a connection that the server ends is an error"),
        pytest.param(GIVEN_UP, id="a caller further out may give up"),
        pytest.param(NOTIFIED, id="notifications come, or not in time"),
    ],
)
def test_in_a_green_process(invoices: Database, program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _BEGIN + program],
        cwd=Path(__file__).parents[3],
        env={"DSN": psycopg.conninfo.make_conninfo(invoices.url, password=invoices.password)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
