"""A sealed bus on the private broker, tokens, and processes that serve on it."""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.local.bus_keys import add_bus_keys, drop_old_bus_keys
from deploy.local.environment import service_bus_keys
from deploy.local.secrets import event_keys_file, make_bus_keys
from shared.crypto.signing import SigningKey
from shared.crypto.tokens import bearer_claims, issue_token, jwk
from shared.kernel.ids import new_id
from shared.messaging.bus_keys import CallKeys, EventKeys, PublishedCallKeys, ServiceKeys
from shared.messaging.client import RpcClient
from shared.messaging.command_hash import Asked
from shared.messaging.settings import BusSettings, ServiceBusSettings
from shared.messaging.topology import event_keys_of
from tests.integration.messaging.broker import OwnBroker, Vhost
from tests.integration.messaging.processes import Processes, ended_with
from tests.stack import Database, Stack

TENANT = "019aa0e5-0000-7000-8000-000000000001"


class Bus:
    """Everything a service or a client needs on one virtual host."""

    def __init__(self, vhost: Vhost, directory: Path) -> None:
        self.vhost, self._directory = vhost, directory
        self._signing = SigningKey.generate()
        make_bus_keys(directory)
        self._write("token-keys", json.dumps({"keys": [jwk(self._signing.public, "t1")]}))

    @property
    def published(self) -> PublishedCallKeys:
        """The public keys of all services: what every caller has."""
        return PublishedCallKeys(self._directory / "call-keys.json")

    def published_now(self) -> PublishedCallKeys:
        """A copy of the public keys that does not follow them."""
        copy = self._directory / "call-keys-of-earlier.json"
        shutil.copy(self._directory / "call-keys.json", copy)
        return PublishedCallKeys(copy)

    def keys(self, service: str) -> ServiceKeys:
        """What a service holds."""
        events = {ends: EventKeys(self._directory / event_keys_file(*ends)) for ends in event_keys_of(service)}
        return ServiceKeys(self.published, CallKeys(self._directory / f"call-key-{service}"), events)

    def settings(self, service: str) -> ServiceBusSettings:
        """Settings of a service in this process."""
        return ServiceBusSettings(self.vhost.url(service, password=True), self.keys(service))

    def add_keys(self, service: str) -> None:
        """Give a service new keys, as `deploy` does."""
        add_bus_keys(self._directory, service)

    def drop_old_keys(self, service: str) -> None:
        """Destroy a service's old keys, as `deploy` does."""
        drop_old_bus_keys(self._directory, service)

    def client(self, timeout: float = 120) -> RpcClient:
        """A client with the rights of the command line."""
        return RpcClient(BusSettings(self.vhost.url("client", password=True), self.published), timeout)

    def environment(self, service: str, database: Database) -> dict[str, str]:
        """The environment of a service process."""
        return {
            "TALLYSTICK_AMQP_URL": self.vhost.url(service),
            "TALLYSTICK_AMQP_PASSWORD_FILE": self._write(f"amqp-{service}", self.vhost.passwords[service]),
            "TALLYSTICK_DATABASE_URL": database.url,
            "TALLYSTICK_DATABASE_PASSWORD_FILE": self._write(f"database-{service}", database.password),
            "TALLYSTICK_CALL_KEYS_FILE": str(self._directory / "call-keys.json"),
            **service_bus_keys(service, self._directory),
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
