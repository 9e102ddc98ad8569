"""Brings a profile's programs up in order and tells where to find them."""

import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from deploy.local.account import private_directory, private_file
from deploy.local.environment import VHOST, Places, client_environment, operator_environment, service_environment
from deploy.local.ports import LOOPBACK, free_ports
from deploy.local.postgres import ADMINISTRATOR, PostgresServer
from deploy.local.profile import CHECKOUT, Profile, StackError
from deploy.local.program import Program, plain_environment
from deploy.local.rabbitmq import RabbitServer
from deploy.local.secrets import BROKER_USERS, SERVICES, make_secrets, password
from deploy.local.smtp import SmtpServer
from deploy.local.supervision import Supervisor
from deploy.postgres.bootstrap import BootstrapRefused, bootstrap

_TEST_VHOSTS = tuple(f"test-{number}" for number in range(8))
_READY_SECONDS = 90

Say = Callable[[str], None]


@dataclass(frozen=True)
class Stack:
    """The servers of a profile, planned: ports chosen, nothing started."""

    profile: Profile
    postgres: PostgresServer
    rabbitmq: RabbitServer
    smtp: SmtpServer
    places: Places

    @classmethod
    def plan(cls, profile: Profile) -> "Stack":
        """Choose free ports and make the secrets that are missing."""
        make_secrets(profile.secrets, profile.offline)
        postgres_port, smtp_port, drill_port, rabbitmq_port, epmd_port, distribution_port = free_ports(6)
        return cls(
            profile,
            PostgresServer(
                profile.directory / "postgres",
                postgres_port,
                password(profile.secrets / "postgres-admin"),
                # Tests kill processes, which loses nothing without fsync, and never the machine.
                {} if profile.complete else {"fsync": "off"},
            ),
            RabbitServer(
                profile.directory / "rabbitmq",
                rabbitmq_port,
                epmd_port,
                distribution_port,
                {user: password(profile.secrets / f"rabbitmq-{user}") for user in BROKER_USERS},
                (VHOST,) if profile.complete else (VHOST, *_TEST_VHOSTS),
            ),
            SmtpServer(profile.maildir, smtp_port),
            Places(postgres_port, rabbitmq_port, smtp_port, drill_port, profile.secrets, profile.offsite),
        )

    def start(self, supervisor: Supervisor, say: Say, *, detached: bool) -> None:
        """Start everything and return when all of it is of use. Raises StackError."""
        self._clear_away()
        self.postgres.prepare()
        self.rabbitmq.prepare()
        supervisor.start(self._programs(), detached=detached)
        self._start_servers(supervisor, say)
        if self.profile.complete:
            self._start_services(supervisor, say)
        described = self._description() if self.profile.complete else self._test_description()
        private_file(self.profile.stack_file, json.dumps(described, indent=1), None)

    def command_environment(self) -> dict[str, str]:
        """Return the variables by which a command learns about the stack.

        Both files are private: they may hold passwords, which do not belong into an environment.
        """
        if not self.profile.complete:
            return {"TALLYSTICK_TEST_STACK": str(self.profile.stack_file)}
        return {"TALLYSTICK_STACK": str(self.profile.stack_file), **client_environment(self.places)}

    def _test_description(self) -> dict[str, object]:
        """Return what tests need to know to reach the servers."""
        return {
            "ports": self._server_ports(),
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

    def _description(self) -> dict[str, object]:
        """Return where everything of a complete stack is; secrets by the files that hold them."""
        secrets, offline = self.profile.secrets, self.profile.offline
        return {
            "directory": str(self.profile.directory),
            "ports": {**self._server_ports(), "smtp": self.smtp.port},
            "postgres": {
                "host": LOOPBACK,
                "port": self.postgres.port,
                "admin_user": ADMINISTRATOR,
                "admin_password_file": str(secrets / "postgres-admin"),
            },
            "secrets": {path.name: str(path) for path in sorted(secrets.iterdir())},
            "backup_identities": [str(path) for path in sorted(offline.iterdir())],
            "logs": str(self.profile.logs),
            "maildir": str(self.profile.maildir),
            "offsite": str(self.profile.offsite),
            "client": client_environment(self.places),
            "operator": operator_environment(self.places),
            "services": {service: service_environment(service, self.places) for service in SERVICES},
        }

    def _server_ports(self) -> dict[str, int]:
        return {"postgres": self.postgres.port, "rabbitmq": self.rabbitmq.port}

    def _programs(self) -> list[Program]:
        mark = self.profile.directory
        servers = [self.rabbitmq.epmd_program(mark), self.postgres.program(mark), self.rabbitmq.program(mark)]
        if not self.profile.complete:
            return servers
        return [*servers, self.smtp.program(mark), *(self._service(name) for name in SERVICES)]

    def _service(self, name: str) -> Program:
        mark = plain_environment(self.profile.directory)
        return Program(
            name=name,
            command=(sys.executable, "-m", f"services.{name}"),
            directory=CHECKOUT,
            priority=40,
            environment={**mark, **service_environment(name, self.places)},
        )

    def _start_servers(self, supervisor: Supervisor, say: Say) -> None:
        started = time.monotonic()
        supervisor.start_program("epmd")
        supervisor.start_program("postgres")
        supervisor.wait_ready("epmd", self.rabbitmq.epmd_is_ready, _READY_SECONDS)
        supervisor.start_program("rabbitmq")  # takes longest: the rest gets ready beside it
        supervisor.wait_ready("postgres", self.postgres.is_ready, _READY_SECONDS)
        say(_ready("PostgreSQL", self.postgres.port, started))
        if self.profile.complete:
            private_directory(self.profile.offsite, None)
            supervisor.start_program("smtp")
            self._make_databases()
            supervisor.wait_ready("smtp", self.smtp.is_ready, _READY_SECONDS)
            say(_ready("SMTP", self.smtp.port, started))
        supervisor.wait_ready("rabbitmq", self.rabbitmq.is_ready, _READY_SECONDS)
        say(_ready("RabbitMQ", self.rabbitmq.port, started))

    def _start_services(self, supervisor: Supervisor, say: Say) -> None:
        started = time.monotonic()
        for name in SERVICES:
            supervisor.start_program(name)
        for name in SERVICES:
            supervisor.wait_ready(name, partial(self.rabbitmq.serves, VHOST, name), _READY_SECONDS)
            say(f"{name} answers after {time.monotonic() - started:.1f} s")

    def _make_databases(self) -> None:
        def password_of(role: str) -> str:
            return password(self.profile.secrets / f"postgres-{role}")

        try:
            bootstrap(self.postgres.admin_dsn, SERVICES, password_of)
        except BootstrapRefused as refusal:
            raise StackError(f"The databases cannot be made: {refusal}") from None

    def _clear_away(self) -> None:
        """Put the logs of the run before aside, and remove what a profile that starts afresh stored the last time.

        Starting again is what people do first after something went wrong: what was said about it has to outlive that.
        """
        self.profile.stack_file.unlink(missing_ok=True)
        shutil.rmtree(self.profile.logs_before, ignore_errors=True)
        self.profile.logs.rename(self.profile.logs_before)
        self.profile.make_directories()
        if not self.profile.durable:
            for path in (self.postgres.directory, self.rabbitmq.directory, self.smtp.maildir, self.profile.offsite):
                shutil.rmtree(path, ignore_errors=True)


@contextmanager
def running(stack: Stack, say: Say) -> Iterator[None]:
    """Hold a stack that ends with us."""
    supervisor = Supervisor(stack.profile)
    try:
        stack.start(supervisor, say, detached=False)
        yield
    finally:
        if supervisor.states():
            say("Stopping the stack")
        supervisor.stop()


def _ready(title: str, port: int, started: float) -> str:
    return f"{title} is ready on {LOOPBACK}:{port} after {time.monotonic() - started:.1f} s"
