"""What it takes to run auth as a process, and to be one of its callers."""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pyotp

from deploy.local.environment import service_bus_keys
from deploy.local.secrets import make_bus_keys
from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.signing import SigningKey
from shared.crypto.tokens import jwk
from shared.messaging.access import Access
from shared.messaging.bus_keys import PublishedCallKeys
from shared.messaging.caller import ServiceCaller
from shared.messaging.client import RpcClient
from shared.messaging.revocations import NothingRevoked
from shared.messaging.settings import BusSettings
from tests.authenticator import ORIGIN
from tests.integration.auth.business import PASSWORD
from tests.integration.messaging.broker import Vhost
from tests.integration.messaging.processes import ROOT, ServiceProcess
from tests.stack import Databases, Stack

EMAIL = "ada@example.org"
STEP_SECONDS = 30


class Secrets:
    """The files that the service is given."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.operator_key = SigningKey.generate()
        token_key = SigningKey.generate()
        token_key.save(directory / "token-signing-key")
        SigningKey.generate().save(directory / "log-signing-key")
        make_bus_keys(directory)
        self.write("token-keys", json.dumps({"keys": [jwk(token_key.public, "t1")]}))
        self.write("service-keys", json.dumps({"keys": [jwk(self.operator_key.public, "operator")]}))
        for name in ("kek", "pepper"):
            self.write(name, base64.b64encode(os.urandom(32)).decode())

    def write(self, name: str, content: str) -> None:
        path = self._directory / name
        path.touch(mode=0o600)
        path.write_text(content, encoding="utf-8")

    def file(self, name: str) -> str:
        return str(self._directory / name)


@dataclass
class Wire:
    """A caller in this process, in the place of the bus caller that services have."""

    client: RpcClient

    def call(
        self,
        service: str,
        method: str,
        arguments: dict[str, object],
        timeout: float = 30,  # noqa: ARG002 - the client has its own
    ) -> dict[str, object]:
        request = arguments.pop("request")
        assert isinstance(request, dict)
        return self.client.call(service, method, request, **arguments)  # type: ignore[arg-type]


@dataclass
class Running:
    """auth, served, and a tenant in it."""

    process: ServiceProcess
    log: Path
    environment: Mapping[str, str]
    client: RpcClient
    operator: ServiceCaller
    access: Access
    recovery_codes: list[str] = field(default_factory=list)
    """Of whoever enrolled last."""

    def ask(self, method: str, **request: object) -> dict[str, object]:
        return self.client.call("auth", method, request)

    def enrol(self, invitation: object) -> pyotp.TOTP:
        """Enrol with the previous step's code, so that the present one is left for a login."""
        begun = self.ask("begin_enrolment", invitation=invitation, password=PASSWORD)
        totp = pyotp.parse_uri(str(begun["provisioning_uri"]))
        assert isinstance(totp, pyotp.TOTP)
        for attempt in range(3):
            try:
                code = totp.generate_otp(step() - 1)
                enrolled = self.ask("complete_enrolment", enrolment=begun["enrolment"], code=code)
            except PublicError as refusal:
                # The step ended between reading the clock here and there.
                if refusal.code is not ErrorCode.CODE_REFUSED or attempt == 2:
                    raise
            else:
                self.recovery_codes = cast("list[str]", enrolled["recovery_codes"])
                break
        return totp

    def challenge(self, tenant: object) -> object:
        return self.ask("begin_login", tenant=tenant, email=EMAIL, password=PASSWORD)["challenge"]


def step() -> int:
    return int(time.time()) // STEP_SECONDS


@contextmanager
def served(stack: Stack, databases: Databases, directory: Path, worker_id: str) -> Iterator[Running]:
    """Run auth over a database of its own, with its secrets in files of this directory."""
    secrets, database = Secrets(directory), databases.create("auth")
    number = int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 0
    broker = stack.rabbitmq
    vhost = Vhost(broker.host, broker.port, f"test-{number}", dict(broker.users))
    secrets.write("amqp", vhost.passwords["auth"])
    secrets.write("database", database.password)
    environment = {
        "TALLYSTICK_AMQP_URL": vhost.url("auth"),
        "TALLYSTICK_AMQP_PASSWORD_FILE": secrets.file("amqp"),
        "TALLYSTICK_CALL_KEYS_FILE": secrets.file("call-keys.json"),
        **service_bus_keys("auth", directory),
        "TALLYSTICK_DATABASE_URL": database.url,
        "TALLYSTICK_DATABASE_PASSWORD_FILE": secrets.file("database"),
        "TALLYSTICK_KEK_FILE": secrets.file("kek"),
        "TALLYSTICK_PEPPER_FILE": secrets.file("pepper"),
        "TALLYSTICK_WEB_ORIGIN": ORIGIN,
        "TALLYSTICK_TOKEN_KEYS_FILE": secrets.file("token-keys"),
        "TALLYSTICK_TOKEN_SIGNING_KEY_FILE": secrets.file("token-signing-key"),
        "TALLYSTICK_SERVICE_KEYS_FILE": secrets.file("service-keys"),
        "TALLYSTICK_LOG_SIGNING_KEY_FILE": secrets.file("log-signing-key"),
        "TALLYSTICK_LOG_DOMAIN": "tallystick.example",
    }
    connection = vhost.connect()
    connection.channel().queue_delete("rpc-auth")  # calls that an earlier test left behind
    connection.close()
    settings = BusSettings(vhost.url("client", password=True), PublishedCallKeys(directory / "call-keys.json"))
    log = directory / "log"
    with RpcClient(settings) as client:
        running = Running(
            process=ServiceProcess.start("services.auth", environment, log),
            log=log,
            environment=environment,
            client=client,
            operator=ServiceCaller(Wire(client), "operator", secrets.operator_key),
            access=Access(Path(secrets.file("token-keys")), NothingRevoked()),
        )
        try:
            running.process.wait_for("serving")
            yield running
        finally:
            running.process.end()
            databases.drop(database)


def run_auth(environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.auth", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        check=False,
        capture_output=True,
        timeout=60,
        text=True,
    )
