"""One process for all calls of a file: whatever a test sends it, the next one finds it alive."""

from collections.abc import Iterator

import pytest

from shared.messaging.client import RpcClient
from tests.integration.messaging.broker import Vhost
from tests.integration.messaging.conftest import Bus
from tests.integration.messaging.processes import Processes, ServiceProcess
from tests.stack import Database, Databases


@pytest.fixture(scope="module")
def bus(vhost: Vhost, tmp_path_factory: pytest.TempPathFactory) -> Bus:
    vhost.clear()
    return Bus(vhost, tmp_path_factory.mktemp("bus"))


@pytest.fixture(scope="module")
def invoices_database(databases: Databases) -> Iterator[Database]:
    database = databases.create("invoices")
    yield database
    databases.drop(database)


@pytest.fixture(scope="module")
def service(
    bus: Bus, invoices_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServiceProcess]:
    processes = Processes(tmp_path_factory.mktemp("processes"))
    service = processes.start("serve_invoices", bus.environment("invoices", invoices_database))
    service.wait_for("serving")
    yield service
    assert service.logged("container_died") == []
    processes.end()


@pytest.fixture
def client(bus: Bus, service: ServiceProcess) -> Iterator[RpcClient]:
    with bus.client() as client:
        yield client
