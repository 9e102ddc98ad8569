"""Any service may be killed at any moment: it comes back, and nothing acknowledged is lost."""

import os
import signal
import time
from pathlib import Path

import pytest

from deploy.demo import readback
from deploy.demo.scenario import SELLER
from deploy.local.processes import marked
from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.ids import new_id
from tests.e2e.conftest import System

pytestmark = [pytest.mark.integration, pytest.mark.xdist_group("system")]

CUSTOMER = {"name": "Zoë", "email": "zoe@kunde.example", "address": SELLER["address"]}
LINE = {"description": "Bell", "quantity": "2", "unit_price": "9.75", "vat_category": "S", "vat_rate": "19"}


def kill(system: System, service: str) -> None:
    """Kill the process of a service as the kernel does when memory runs out."""
    command = f"services.{service}".encode()
    pids = [pid for pid in marked(system.stack.directory) if command in Path(f"/proc/{pid}/cmdline").read_bytes()]
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def insist(system: System, method: str, request: dict[str, object]) -> dict[str, object]:
    """Send one command, under one idempotency key, until it is answered."""
    key = new_id()
    for _ in range(60):
        try:
            return system.owner.call("invoices", method, request, key)
        except PublicError as error:
            if error.code != ErrorCode.SERVICE_UNAVAILABLE:
                raise
            time.sleep(0.5)
    raise AssertionError(f"{method} was never answered")


def issue_one(system: System) -> str:
    customer = insist(system, "register_customer", CUSTOMER)["customer_id"]
    draft: dict[str, object] = {
        "customer_id": customer,
        "document_type": "invoice",
        "issue_date": "2026-11-22",
        "currency": "EUR",
        "lines": [LINE],
    }
    invoice_id = insist(system, "draft_invoice", draft)["invoice_id"]
    return str(insist(system, "issue_invoice", {"invoice_id": invoice_id})["number"])


def test_killed_services_come_back_and_numbers_stay_gapless_and_mails_single(system: System) -> None:
    system.owner.command("invoices", "configure_seller", SELLER)
    numbers = [issue_one(system)]
    for program in ("invoices", "notifier"):
        kill(system, program)
        numbers.append(issue_one(system))
    assert numbers == ["INV-000001", "INV-000002", "INV-000003"]
    deadline = time.monotonic() + 60
    while len(readback.message_ids(system.stack.maildir)) < len(numbers):
        assert time.monotonic() < deadline, system.owner.call("notifier", "deliveries", {})
        time.sleep(0.2)
    ids = readback.message_ids(system.stack.maildir)
    assert len(ids) == len(set(ids)) == len(numbers)
