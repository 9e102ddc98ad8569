import base64
import os
from collections.abc import Callable, Iterator

import pytest

from shared.crypto.signing import SigningKey
from tests.integration.invoices.endpoints import VALID
from tests.integration.invoices.judged_shop import Shop
from tests.integration.invoices.running import SELLER, Caller, Running
from tests.integration.invoices.trade import Trade
from tests.integration.messaging.broker import Vhost
from tests.integration.messaging.conftest import Bus
from tests.integration.messaging.processes import ServiceProcess, wait_until
from tests.stack import Database, Databases, Stack


@pytest.fixture(scope="session")
def invoices_database(databases: Databases) -> Iterator[Database]:
    """One database for the tests that keep to their own tenants."""
    database = databases.create("invoices")
    yield database
    databases.drop(database)


@pytest.fixture(scope="session")
def _process(invoices_database: Database) -> Trade:
    return Trade.over(invoices_database)


@pytest.fixture
def stranger(_process: Trade) -> Trade:
    """A business that has not said who it is."""
    return Trade(_process.ports, _process.queries, _process.runner, _process.projection, _process.database)


@pytest.fixture
def trade(stranger: Trade) -> Trade:
    """A business that may issue."""
    stranger.open_for_business()
    return stranger


@pytest.fixture
def lonely_trade(database: Callable[[str], Database]) -> Trade:
    """For tests that look at the whole database."""
    trade = Trade.over(database("invoices"))
    trade.open_for_business()
    return trade


@pytest.fixture(scope="module")
def running(
    stack: Stack, databases: Databases, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[Running]:
    """The service in a process of its own."""
    directory, database = tmp_path_factory.mktemp("invoices"), databases.create("invoices")
    number = int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 0
    broker = stack.rabbitmq
    vhost = Vhost(broker.host, broker.port, f"test-{number}", dict(broker.users))
    vhost.clear()
    bus = Bus(vhost, directory)
    kek = directory / "kek"
    kek.touch(mode=0o600)
    kek.write_text(base64.b64encode(os.urandom(32)).decode(), encoding="ascii")
    for name in ("log-signing-key", "service-key"):
        SigningKey.generate().save(directory / name)
    environment = {
        **bus.environment("invoices", database),
        "TALLYSTICK_KEK_FILE": str(kek),
        "TALLYSTICK_LOG_SIGNING_KEY_FILE": str(directory / "log-signing-key"),
        "TALLYSTICK_LOG_DOMAIN": "tallystick.example",
        "TALLYSTICK_SERVICE_KEY_FILE": str(directory / "service-key"),
    }
    log = directory / "log"
    auth = "tests.integration.messaging.serve_auth"
    stand_in = ServiceProcess.start(auth, bus.environment("auth", database), directory / "auth-log")
    process = ServiceProcess.start("services.invoices", environment, log)
    with bus.client() as client:
        running = Running(bus, client, process, environment, log)
        try:
            stand_in.wait_for("serving")
            process.wait_for("serving")
            process.wait_for("following")  # or the first who reads their own write waits for a process to start
            wait_until(running.hears, "invoices to hear from auth what was revoked")
            yield running
        finally:
            running.process.end()
            stand_in.end()
            databases.drop(database)


@pytest.fixture
def caller(running: Running) -> Caller:
    """Somebody of a business of their own."""
    return Caller(running.bus, running.client)


@pytest.fixture
def shop(running: Running) -> Shop:
    """A business that may issue and remind, with Ada and Bob."""
    ada = Caller(running.bus, running.client)
    ada.order("configure_seller", **SELLER)
    ada.order("configure_reminders", **VALID["configure_reminders"])
    return Shop(ada, Caller(running.bus, running.client, tenant=ada.tenant))
