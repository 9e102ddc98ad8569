"""Brings a profile's programs up in order and tells where to find them."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from deploy.local.broker_permissions import BROKER_USERS
from deploy.local.ports import LOOPBACK, free_ports
from deploy.local.postgres import PostgresServer
from deploy.local.profile import Profile
from deploy.local.program import Program
from deploy.local.rabbitmq import RabbitServer
from deploy.local.secrets import password
from deploy.local.supervision import Supervisor

VHOST = "tallystick"
_TEST_VHOSTS = tuple(f"test-{number}" for number in range(8))
_READY_SECONDS = 90

Say = Callable[[str], None]


@dataclass(frozen=True)
class Stack:
    """The servers of a profile, planned: ports chosen, nothing started."""

    profile: Profile
    postgres: PostgresServer
    rabbitmq: RabbitServer

    @classmethod
    def plan(cls, profile: Profile) -> "Stack":
        """Choose free ports and read or make the passwords."""
        postgres_port, port, epmd_port, distribution_port = free_ports(4)
        passwords = {user: password(profile.secrets / f"rabbitmq-{user}") for user in BROKER_USERS}
        vhosts = (VHOST,) if profile.complete else (VHOST, *_TEST_VHOSTS)
        # Tests kill processes, which loses nothing without fsync, and never the machine.
        settings = {} if profile.complete else {"fsync": "off"}
        return cls(
            profile,
            PostgresServer(
                profile.directory / "postgres",
                postgres_port,
                password(profile.secrets / "postgres-admin"),
                settings,
            ),
            RabbitServer(profile.directory / "rabbitmq", port, epmd_port, distribution_port, passwords, vhosts),
        )

    def programs(self) -> list[Program]:
        """Return everything that supervisord is to look after."""
        mark = self.profile.directory
        return [self.rabbitmq.epmd_program(mark), self.postgres.program(mark), self.rabbitmq.program(mark)]

    def start(self, supervisor: Supervisor, say: Say, *, detached: bool) -> None:
        """Start everything and return when all of it is of use. Raises StackError."""
        self._clear_away()
        self.postgres.prepare()
        self.rabbitmq.prepare()
        supervisor.start(self.programs(), detached=detached)
        started = time.monotonic()
        supervisor.start_program("epmd")
        supervisor.start_program("postgres")
        supervisor.wait_ready("epmd", self.rabbitmq.epmd_is_ready, _READY_SECONDS)
        supervisor.start_program("rabbitmq")
        for name, title, ready, port in (
            ("postgres", "PostgreSQL", self.postgres.is_ready, self.postgres.port),
            ("rabbitmq", "RabbitMQ", self.rabbitmq.is_ready, self.rabbitmq.port),
        ):
            supervisor.wait_ready(name, ready, _READY_SECONDS)
            say(f"{title} is ready on {LOOPBACK}:{port} after {time.monotonic() - started:.1f} s")

    def test_stack(self) -> str:
        """Return what tests need to know to reach the servers, as JSON."""
        return json.dumps(
            {
                "postgres": {
                    "host": LOOPBACK,
                    "port": self.postgres.port,
                    "admin_dsn": self.postgres.admin_dsn,
                },
                "rabbitmq": {
                    "host": LOOPBACK,
                    "port": self.rabbitmq.port,
                    "vhosts": list(self.rabbitmq.vhosts),
                    "users": dict(self.rabbitmq.passwords),
                },
            }
        )

    def _clear_away(self) -> None:
        """Remove old logs, and what a profile that starts afresh stored the last time."""
        for path in self.profile.logs.iterdir():
            path.unlink()
        if not self.profile.durable:
            for path in (self.postgres.directory, self.rabbitmq.directory):
                shutil.rmtree(path, ignore_errors=True)


@contextmanager
def running(stack: Stack, say: Say) -> Iterator[None]:
    """Hold a stack that ends with us."""
    supervisor = Supervisor(stack.profile)
    try:
        stack.start(supervisor, say, detached=False)
        yield
    finally:
        say("Stopping the servers")
        supervisor.stop()
