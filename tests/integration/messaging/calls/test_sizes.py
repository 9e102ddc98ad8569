"""What is larger than a message may be is refused in public words, on either side, and takes nothing else with it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from shared.contracts.errors import ErrorCode, PublicError
from shared.messaging.client import RpcClient
from shared.messaging.settings import BusSettings
from tests.integration.messaging.conftest import Bus
from tests.integration.messaging.processes import Processes, ServiceProcess
from tests.stack import Database

pytestmark = pytest.mark.integration
LARGEST = 100_000
FITS = {"text": "x" * 70_000}
TOO_LARGE = {"text": "x" * 80_000}
"""In base64 on either side of what may be sent."""


@pytest.fixture(scope="module")
def service(
    bus: Bus, invoices_database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServiceProcess]:
    """A service that may send little."""
    processes = Processes(tmp_path_factory.mktemp("processes"))
    small = {"TALLYSTICK_LARGEST_MESSAGE_BYTES": str(LARGEST)}
    service = processes.start("serve_invoices", {**bus.environment("invoices", invoices_database), **small})
    service.wait_for("serving")
    yield service
    assert service.logged("container_died") == []
    processes.end()


def refusal(client: RpcClient, request: dict[str, Any]) -> PublicError:
    with pytest.raises(PublicError) as refused:
        client.call("invoices", "echo", request)
    return refused.value


def test_an_answer_that_is_too_large_is_refused_and_the_service_goes_on(
    client: RpcClient, service: ServiceProcess
) -> None:
    refused = refusal(client, TOO_LARGE)
    assert (refused.code, refused.details) == (ErrorCode.ANSWER_TOO_LARGE, {})
    assert "smaller page" in refused.message
    assert client.call("invoices", "echo", FITS) == FITS
    assert len(service.logged("answer_too_large")) == 1, "answered once: the broker did not hand it out again"


def test_a_request_that_is_too_large_is_not_sent(bus: Bus, service: ServiceProcess) -> None:
    settings = replace(BusSettings(bus.vhost.url("client", password=True), bus.published), largest=LARGEST)
    with RpcClient(settings) as client:
        assert refusal(client, TOO_LARGE).code is ErrorCode.REQUEST_TOO_LARGE
        assert client.call("invoices", "echo", FITS) == FITS
