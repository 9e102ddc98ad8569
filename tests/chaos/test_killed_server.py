"""The database server is killed under its writers: what was acknowledged is on disk, nothing happens twice."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import psycopg
import pytest

from deploy.local.ports import LOOPBACK
from deploy.local.private_server import PrivateDatabase, private_postgres
from deploy.local.processes import wait_until
from tests.chaos.aftermath import Witness
from tests.chaos.conftest import writers_of
from tests.stack import Databases, RabbitServer, Stack

pytestmark = pytest.mark.integration

ROUNDS = 4
LONGEST_WAIT = 0.01
"""Seconds between answers to all writers and a kill; an append takes two to five thousandths."""


@pytest.fixture
def server(stack: Stack, tmp_path: Path) -> Iterator[PrivateDatabase]:
    """A server of our own; its commits are as durable as a service's."""
    with private_postgres(tmp_path) as private:
        yield private


@pytest.fixture
def databases_there(server: PrivateDatabase) -> Iterator[Databases]:
    stack = Stack(server.server.admin_dsn, LOOPBACK, server.server.port, RabbitServer(LOOPBACK, 0, [], {}))
    with closing(Databases(stack)) as databases:
        yield databases


def test_killing_the_server_loses_nothing_acknowledged_and_doubles_nothing(
    server: PrivateDatabase, databases_there: Databases, tmp_path: Path
) -> None:
    chance = Random(15)  # noqa: S311 - when and what is killed: nothing secret
    database = databases_there.create("invoices")
    with writers_of(database, tmp_path) as writers:
        witnesses = [Witness(database, tenant) for tenant in {writer.tenant for writer in writers}]
        for writer in writers:
            writer.start()
        for number in range(ROUNDS):
            for writer in writers:
                answered = writer.next_command + 2
                while writer.next_command < answered:
                    assert writer.is_alive
            time.sleep(chance.uniform(0, LONGEST_WAIT))
            if number % 2:
                kill_server(server)
            else:
                kill_one_backend(server)
            database.close()  # connections that the server has forgotten
            for witness in witnesses:
                witness.take()
        for writer in writers:
            writer.kill()
            writer.start(last=writer.next_command + 3)
            writer.finish()
        for witness in witnesses:
            witness.check(writers)
    database.close()


def kill_server(server: PrivateDatabase) -> None:
    """Kill the whole server as a power cut would, and start it again."""
    pid_file = server.server.directory / "data" / "postmaster.pid"
    postmaster = int(pid_file.read_text().splitlines()[0])
    os.kill(postmaster, signal.SIGSTOP)  # so that it has no further child between the count and the kill
    assert wait_until(lambda: _state_and_parent(postmaster)[0] == "T", 60)
    children = [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _is_child(int(entry.name), postmaster)]
    server.node.kill()
    # They end by themselves when they see that their parent has gone; until then nothing may start over their memory.
    assert wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children), 60)
    server.node.start()


def _is_child(pid: int, parent: int) -> bool:
    try:
        return _state_and_parent(pid)[1] == str(parent)
    except OSError:  # it has ended
        return False


def _state_and_parent(pid: int) -> list[str]:
    """Return what proc(5) says behind a process's name, which may hold anything: its state, its parent, and more."""
    return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()


def kill_one_backend(server: PrivateDatabase) -> None:
    """Kill one process of the server in the middle of an append: all end, and the server recovers by itself."""
    with psycopg.connect(server.server.admin_dsn, autocommit=True) as admin:
        busy = None
        while busy is None:
            busy = admin.execute(
                "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'writer-%' AND backend_xid IS NOT NULL"
            ).fetchone()
    os.kill(busy[0], signal.SIGKILL)
    assert wait_until(lambda: not Path(f"/proc/{busy[0]}").exists() and server.server.is_ready(), 60)
