"""A private RabbitMQ node with its own epmd: loopback only, no guest, users and permissions from a file."""

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pika
import pika.exceptions

from deploy.local.account import Account, private_directory, private_file, unprivileged
from deploy.local.ports import LOOPBACK, accepts_connections
from deploy.local.profile import StackError
from deploy.local.program import Program, plain_environment
from shared.messaging.topology import RPC_EXCHANGE, broker_permissions, call_permissions, exchanges

ADMINISTRATOR = "admin"

# Debian's /usr/sbin/rabbitmq-server insists on its own user and its own directories; what it wraps does not.
_SERVER_PROGRAMS = (Path("/usr/lib/rabbitmq/bin/rabbitmq-server"), Path("/opt/rabbitmq/sbin/rabbitmq-server"))

# The path is relative to the node's directory, where it runs: this format has no quotes for a # in a path.
_CONFIGURATION = """\
listeners.tcp.local = {host}:{port}
load_definitions = definitions.json
log.console = true
log.console.level = warning
log.file = false
# A small machine's defaults: refuse publishers before the machine suffers.
vm_memory_high_watermark.absolute = 512MB
disk_free_limit.absolute = 200MB
"""


@dataclass(frozen=True)
class RabbitServer:
    """A node whose data live in `directory`, with `passwords` by user name, the same users in every vhost."""

    directory: Path
    port: int
    epmd_port: int
    distribution_port: int
    passwords: Mapping[str, str]
    vhosts: Sequence[str]

    @property
    def account(self) -> Account | None:
        """The account it runs as."""
        return unprivileged("rabbitmq", "nobody")

    def prepare(self) -> None:
        """Write the node's configuration. Raises StackError when RabbitMQ is not installed."""
        server_program()
        private_directory(self.directory, self.account)
        private_directory(self.directory / "data", self.account)
        cookie = self.directory / ".erlang.cookie"
        if not cookie.exists():
            private_file(cookie, secrets.token_hex(32), self.account)
        text = json.dumps(definitions(self.passwords, self.vhosts), indent=1)
        private_file(self.directory / "definitions.json", text, self.account)
        text = _CONFIGURATION.format(host=LOOPBACK, port=self.port)
        private_file(self.directory / "rabbitmq.conf", text, self.account)
        private_file(self.directory / "enabled_plugins", "[].\n", self.account)

    def epmd_program(self, mark: Path) -> Program:
        """Return Erlang's port mapper; an own one, because a machine-wide one is not ours to use or leave."""
        return Program(
            name="epmd",
            command=("epmd", "-address", LOOPBACK, "-port", str(self.epmd_port)),
            directory=self.directory,
            priority=10,
            environment=plain_environment(mark),
            account=self.account,
            must_reach=(self.directory / "data",),
        )

    def program(self, mark: Path) -> Program:
        """Return the node as a program."""
        return Program(
            name="rabbitmq",
            command=(str(server_program()),),
            directory=self.directory,
            priority=20,
            environment={**plain_environment(mark), **self._environment()},
            account=self.account,
            must_reach=(self.directory / "data",),
        )

    def epmd_is_ready(self) -> bool:
        """Tell whether the port mapper listens; the node must not be started before."""
        return accepts_connections(self.epmd_port)

    def is_ready(self) -> bool:
        """Tell whether the administrator can log in to the last of the vhosts."""
        try:
            self.administrator(self.vhosts[-1]).close()
        except (pika.exceptions.AMQPError, OSError):
            return False
        return True

    def serves(self, vhost: str, service: str) -> bool:
        """Tell whether a service is there to answer calls, which is when it reads its queue."""
        connection = self.administrator(vhost)
        try:
            declared = connection.channel().queue_declare(f"rpc-{service}", passive=True)
        except pika.exceptions.ChannelClosedByBroker:  # no such queue yet
            return False
        finally:
            connection.close()
        return bool(declared.method.consumer_count)

    def administrator(self, vhost: str) -> pika.BlockingConnection:
        """Open a connection of the user who may do everything; raises pika's AMQPError."""
        credentials = pika.PlainCredentials(ADMINISTRATOR, self.passwords[ADMINISTRATOR])
        return pika.BlockingConnection(
            pika.ConnectionParameters(
                LOOPBACK, self.port, vhost, credentials, socket_timeout=5, blocked_connection_timeout=5
            )
        )

    def _environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.directory),  # where Erlang looks for the cookie
            "RABBITMQ_NODENAME": "tallystick@localhost",  # unique within our own epmd, which is all it must be
            "RABBITMQ_MNESIA_BASE": str(self.directory / "data"),
            "RABBITMQ_LOG_BASE": str(self.directory / "data"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_CONFIG_FILE": str(self.directory / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.directory / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.directory / "enabled_plugins"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",  # not the machine's settings
            "RABBITMQ_DIST_PORT": str(self.distribution_port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            # The start script then becomes the Erlang machine instead of waiting for it, so that signals,
            # the parent-death signal among them, reach the right process.
            "RABBITMQ_ALLOW_INPUT": "1",
            "RABBITMQ_SERVER_START_ARGS": "-noinput",
            "ERL_EPMD_PORT": str(self.epmd_port),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "ERL_AFLAGS": "-start_epmd false",  # or it would leave a daemon behind when ours is missing
            "ERL_CRASH_DUMP_SECONDS": "0",  # a crash dump holds messages and passwords
        }


def definitions(passwords: Mapping[str, str], vhosts: Sequence[str]) -> dict[str, object]:
    """Return what RabbitMQ's `load_definitions` reads: users by hash, vhosts, permissions of each user in each.

    Exchanges that several users touch are there before anybody comes, so that nobody needs a right to declare them.
    """
    return {
        "users": [
            {
                "name": user,
                "password_hash": password_hash(password),
                "hashing_algorithm": "rabbit_password_hashing_sha512",
                "tags": "administrator" if user == ADMINISTRATOR else "",
            }
            for user, password in passwords.items()
        ],
        "vhosts": [{"name": vhost} for vhost in vhosts],
        "permissions": [_permission(user, vhost) for vhost in vhosts for user in passwords],
        "topic_permissions": [
            _call_permission(user, vhost) for vhost in vhosts for user in passwords if user != ADMINISTRATOR
        ],
        "exchanges": [
            {
                "name": exchange,
                "vhost": vhost,
                "type": "topic",
                "durable": True,
                "auto_delete": False,
                "internal": False,
                "arguments": {},
            }
            for vhost in vhosts
            for exchange in exchanges()
        ],
    }


def password_hash(password: str) -> str:
    """Return the password as RabbitMQ stores it: base64 of salt (4 bytes) and SHA-512 of salt and password.

    The passwords are 256 random bits, so that a fast hash is as good as a slow one.
    """
    salt = os.urandom(4)
    return base64.b64encode(salt + hashlib.sha512(salt + password.encode()).digest()).decode()


def server_program() -> Path:
    """Return RabbitMQ's start script. Raises StackError."""
    for path in _SERVER_PROGRAMS:
        if os.access(path, os.X_OK):
            return path
    raise StackError(
        "RabbitMQ is not installed: run `apt-get install rabbitmq-server` as root, or `make setup` as root."
    )


def _permission(user: str, vhost: str) -> dict[str, str]:
    everything = (".*", ".*", ".*")
    configure, write, read = everything if user == ADMINISTRATOR else broker_permissions(user)
    return {"user": user, "vhost": vhost, "configure": configure, "write": write, "read": read}


def _call_permission(user: str, vhost: str) -> dict[str, str]:
    write, read = call_permissions(user)
    return {"user": user, "vhost": vhost, "exchange": RPC_EXCHANGE, "write": write, "read": read}
