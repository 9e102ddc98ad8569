"""A RabbitMQ node of a test's own, to kill; and what tests do to a broker from outside."""

import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pika

from deploy.local.ports import LOOPBACK, free_ports
from deploy.local.program import Program
from deploy.local.rabbitmq import RabbitServer, server_program
from tests.integration.messaging.processes import PATIENCE, wait_until


@dataclass(frozen=True)
class Vhost:
    """One virtual host of a broker and the passwords of its users."""

    host: str
    port: int
    name: str
    passwords: dict[str, str]

    def url(self, user: str, *, password: bool = False) -> str:
        """The AMQP URL of a user."""
        secret = f":{quote(self.passwords[user], safe='')}" if password else ""
        return f"amqp://{user}{secret}@{self.host}:{self.port}/{quote(self.name, safe='')}"

    def connect(self, user: str = "admin") -> pika.BlockingConnection:
        """Connect with pika."""
        return pika.BlockingConnection(pika.URLParameters(self.url(user, password=True)))

    def clear(self) -> None:
        """Forget the queues that these tests make, so that they do not see each other's messages."""
        connection = self.connect()
        channel = connection.channel()
        for queue in (
            "rpc-auth",
            "rpc-invoices",
            "rpc-notifier",
            "dead-notifier",
            "evt-invoices-DocumentArchived--notifier.document_archived",
            "evt-invoices-ReminderArchived--notifier.reminder_archived",
            "evt-invoices-QuoteArchived--notifier.quote_archived",
            "listening",
            "overheard",
        ):
            channel.queue_delete(queue)
        connection.close()

    def depth(self, queue: str) -> int:
        """How many messages wait in a queue."""
        return int(self._look_at(queue).message_count)

    def consumers(self, queue: str) -> int:
        """How many consumers read a queue."""
        return int(self._look_at(queue).consumer_count)

    def _look_at(self, queue: str) -> pika.spec.Queue.DeclareOk:
        connection = self.connect()
        try:
            return connection.channel().queue_declare(queue, passive=True).method
        finally:
            connection.close()


@dataclass
class OwnBroker:
    """A node that a test may kill."""

    server: RabbitServer
    _processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @classmethod
    def plan(cls, directory: Path, passwords: dict[str, str]) -> "OwnBroker":
        """Choose ports and write the configuration."""
        port, epmd_port, distribution_port = free_ports(3)
        directory.mkdir(exist_ok=True)
        server = RabbitServer(directory, port, epmd_port, distribution_port, passwords, ("/",))
        server.prepare()
        return cls(server)

    def take_at_most(self, size: int) -> None:
        """Have messages of more bytes refused, from the next start on."""
        (self.server.directory / "advanced.config").write_text(f"[{{rabbit, [{{max_message_size, {size}}}]}}].\n")

    def raise_alarm(self) -> None:
        """Take nothing more from those who send, as when memory is short."""
        self._control("set_vm_memory_high_watermark", "0")

    def end_alarm(self) -> None:
        """Take messages again."""
        self._control("set_vm_memory_high_watermark", "0.9")

    @property
    def vhost(self) -> Vhost:
        """Where it is."""
        return Vhost(LOOPBACK, self.server.port, "/", dict(self.server.passwords))

    def start(self) -> None:
        """Start the node, with its data, and return when it can be used."""
        mark = self.server.directory
        if "epmd" not in self._processes:
            self._run(self.server.epmd_program(mark))
            wait_until(self.server.epmd_is_ready, "the port mapper")
        self._run(self.server.program(mark))
        wait_until(self.server.is_ready, "the broker")

    def kill(self) -> None:
        """SIGKILL the node, as a power cut would."""
        self._end("rabbitmq")

    def end(self) -> None:
        """End everything."""
        for name in list(self._processes):
            self._end(name)

    def _control(self, *order: str) -> None:
        node = self.server.program(self.server.directory)
        command = [str(server_program().with_name("rabbitmqctl")), *order]
        environment = {**node.environment, "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ""}
        subprocess.run(command, cwd=node.directory, env=environment, check=True, capture_output=True, timeout=PATIENCE)

    def _run(self, program: Program) -> None:
        with (self.server.directory / f"{program.name}.log").open("ab") as log:
            self._processes[program.name] = subprocess.Popen(
                program.argv(), cwd=program.directory, env={**program.environment}, stdout=log, stderr=log
            )

    def _end(self, name: str) -> None:
        process = self._processes.pop(name)
        if process.poll() is None:
            os.kill(process.pid, 9)
        process.wait(PATIENCE)
