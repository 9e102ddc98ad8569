"""A sealed bus on the private broker, tokens, and processes that serve on it."""

import base64
import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.crypto.signing import SigningKey
from shared.crypto.tokens import bearer_claims, issue_token, jwk
from shared.kernel.ids import new_id
from shared.messaging.client import RpcClient
from shared.messaging.command_hash import Asked
from shared.messaging.serializer import BusKeys
from shared.messaging.settings import BusSettings
from tests.integration.messaging.broker import OwnBroker, Vhost
from tests.integration.messaging.processes import Processes, ended_with
from tests.stack import Database, Stack

TENANT = "019aa0e5-0000-7000-8000-000000000001"


class Bus:
    """Everything a service or a client needs on one virtual host."""

    def __init__(self, vhost: Vhost, directory: Path) -> None:
        self.vhost, self._directory = vhost, directory
        self._signing = SigningKey.generate()
        key = base64.b64encode(os.urandom(32)).decode()
        self.keys = BusKeys.parse(f"k1 {key}")
        self._write("bus-key", f"k1 {key}\n")
        self._write("token-keys", json.dumps({"keys": [jwk(self._signing.public, "t1")]}))

    def settings(self, user: str) -> BusSettings:
        """Settings of a client in this process."""
        return BusSettings(self.vhost.url(user, password=True), self.keys)

    def client(self, timeout: float = 120) -> RpcClient:
        """A client with the rights of the command line."""
        return RpcClient(self.settings("client"), timeout)

    def environment(self, service: str, database: Database) -> dict[str, str]:
        """The environment of a service process."""
        return {
            "TALLYSTICK_AMQP_URL": self.vhost.url(service),
            "TALLYSTICK_AMQP_PASSWORD_FILE": self._write(f"amqp-{service}", self.vhost.passwords[service]),
            "TALLYSTICK_DATABASE_URL": database.url,
            "TALLYSTICK_DATABASE_PASSWORD_FILE": self._write(f"database-{service}", database.password),
            "TALLYSTICK_BUS_KEY_FILE": str(self._directory / "bus-key"),
            "TALLYSTICK_TOKEN_KEYS_FILE": str(self._directory / "token-keys"),
        }

    def token(self, *permissions: str, **changes: object) -> str:
        """A person's token, as auth makes it; `changes` overrides claims."""
        now = int(datetime.now(UTC).timestamp())
        claims: dict[str, object] = {
            "iss": "tallystick/auth",
            "aud": "tallystick",
            "sub": "019aa0e5-0000-7000-8000-0000000000aa",
            "kind": "person",
            "tenant": TENANT,
            "grants": [[permission] for permission in permissions],
            "amr": ["pwd", "otp"],
            "sid": new_id(),
            "role": "owner",
            "pos": 0,
            "jti": new_id(),
            "iat": now,
            "exp": now + 300,
        }
        claims.update(changes)
        return issue_token({name: value for name, value in claims.items() if value is not None}, self._signing, "t1")

    def proof(self, token: str, asked: Asked, idempotency_key: str | None) -> str:
        """A step-up proof for a call with this token, as auth makes it."""
        claims = bearer_claims(token)
        cmd, now = asked.command_hash(idempotency_key), int(claims["iat"])
        bound = {"sub": claims["sub"], "tenant": claims["tenant"], "sid": claims["sid"], "deed": asked.deed, "cmd": cmd}
        standard = {
            "iss": "tallystick/auth",
            "aud": "tallystick/step-up",
            "jti": new_id(),
            "iat": now,
            "exp": now + 120,
        }
        return issue_token({**standard, **bound}, self._signing, "t1")

    def _write(self, name: str, content: str) -> str:
        path = self._directory / name
        path.touch(mode=0o600)
        path.write_text(content, encoding="utf-8")
        return str(path)


@pytest.fixture(scope="session")
def vhost(stack: Stack, worker_id: str) -> Vhost:
    """This test process's own virtual host."""
    number = int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 0
    broker = stack.rabbitmq
    return Vhost(broker.host, broker.port, f"test-{number}", dict(broker.users))


@pytest.fixture
def bus(vhost: Vhost, tmp_path: Path) -> Bus:
    """A bus on the shared broker, with empty queues."""
    vhost.clear()
    return Bus(vhost, tmp_path)


@pytest.fixture(scope="session")
def own_broker(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnBroker]:
    """A broker to kill; it runs when a test begins."""
    broker = OwnBroker.plan(tmp_path_factory.mktemp("broker") / "rabbitmq", dict(stack.rabbitmq.users))
    try:
        broker.start()
        yield broker
    finally:
        broker.end()


@pytest.fixture
def fragile_bus(own_broker: OwnBroker, tmp_path: Path) -> Bus:
    """A bus on the broker that the test kills."""
    own_broker.vhost.clear()
    return Bus(own_broker.vhost, tmp_path)


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """Starts service processes; they end with the test."""
    yield from ended_with(Processes(tmp_path))


@pytest.fixture
def invoices_database(database: Callable[[str], Database]) -> Database:
    """An empty database of the service invoices."""
    return database("invoices")
