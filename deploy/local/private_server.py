"""A further PostgreSQL or RabbitMQ of one's own, for tests that stop, kill and start servers."""

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.ports import free_ports
from deploy.local.postgres import PostgresServer
from deploy.local.processes import wait_until
from deploy.local.profile import StackError
from deploy.local.program import MARK, Program
from deploy.local.rabbitmq import RabbitServer

_READY_SECONDS = 90
_END_SECONDS = 30


class RunningProgram:
    """A program without supervisord: nobody starts it again but us.

    It ends with the thread that started it, so start it from the main thread.
    """

    def __init__(self, program: Program, directory: Path, ready: Callable[[], bool]) -> None:
        self._program = program
        self._log = directory / f"{program.name}.log"
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and return when it is of use. Raises StackError with its log when it does not come up."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - a fixed command
                self._program.argv(),
                cwd=self._program.directory,
                env=dict(self._program.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        process = self._process
        wait_until(lambda: self._ready() or process.poll() is not None, _READY_SECONDS)
        if process.poll() is not None or not self._ready():
            self.kill()
            raise StackError(f"{self._program.name} does not start: {self._log.read_text(errors='replace')}")

    def stop(self) -> None:
        """End it in its own way."""
        if self._process is not None:
            self._process.send_signal(self._program.stop_number)
            try:
                self._process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """End it as a crash would: SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@dataclass(frozen=True)
class PrivateBroker:
    """A RabbitMQ node: `server` knows port, users and passwords, `node` stops, kills and starts it."""

    server: RabbitServer
    node: RunningProgram


@dataclass(frozen=True)
class PrivateDatabase:
    """A PostgreSQL: `server` knows port and connection string, `node` stops, kills and starts it."""

    server: PostgresServer
    node: RunningProgram


@contextmanager
def private_rabbitmq(directory: Path, passwords: Mapping[str, str], vhosts: Sequence[str]) -> Iterator[PrivateBroker]:
    """Run a node below an existing directory; `passwords` must have one for `admin`. Raises StackError."""
    port, epmd_port, distribution_port = free_ports(3)
    server = RabbitServer(directory / "rabbitmq", port, epmd_port, distribution_port, passwords, vhosts)
    server.prepare()
    epmd = RunningProgram(server.epmd_program(_mark(directory)), directory, server.epmd_is_ready)
    node = RunningProgram(server.program(_mark(directory)), directory, server.is_ready)
    try:
        epmd.start()
        node.start()
        yield PrivateBroker(server, node)
    finally:
        node.stop()
        epmd.stop()


@contextmanager
def private_postgres(directory: Path, settings: Mapping[str, str] | None = None) -> Iterator[PrivateDatabase]:
    """Run a server below an existing directory, with an empty cluster the first time. Raises StackError."""
    (port,) = free_ports(1)
    server = PostgresServer(directory / "postgres", port, "password of a throw-away server", settings or {})
    server.prepare()
    node = RunningProgram(server.program(_mark(directory)), directory, server.is_ready)
    try:
        node.start()
        yield PrivateDatabase(server, node)
    finally:
        node.stop()


def _mark(directory: Path) -> Path:
    """Return the profile that we run in ourselves, so that `make down` finds these too."""
    return Path(os.environ.get(MARK, str(directory)))
