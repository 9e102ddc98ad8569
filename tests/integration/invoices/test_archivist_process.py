"""The archivist's own process: there while the service is, started again when it dies, gone with the service."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.invoices.running import SELLER, Caller, Running
from tests.integration.messaging.processes import wait_until

pytestmark = pytest.mark.integration


def archivists(parent: int) -> set[int]:
    """The ids of the archivists that a service started."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().split(b"\0")
            ours = (process / "stat").read_text().rpartition(")")[2].split()[1] == str(parent)
        except OSError:
            continue  # it ended meanwhile
        if ours and b"archivist" in command:
            found.add(int(process.name))
    return found


def lives(process: int) -> bool:
    try:
        return (Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]) != "Z"
    except OSError:
        return False


@pytest.fixture
def archivist(running: Running) -> Callable[[], int]:
    def one() -> int:
        wait_until(lambda: archivists(running.process.process.pid), "the service to start an archivist")
        (found,) = archivists(running.process.process.pid)
        return found

    return one


def test_an_archivist_that_dies_is_started_again_and_nothing_is_missed(
    caller: Caller, archivist: Callable[[], int]
) -> None:
    caller.order("configure_seller", **SELLER)
    customer = caller.customer()
    for _ in range(2):
        before = archivist()
        os.kill(before, signal.SIGKILL)
        invoice_id = caller.draft(customer)
        caller.order("issue_invoice", invoice_id=invoice_id)
        assert caller.document(invoice_id)["digest"]
        assert archivist() != before


def test_an_archivist_ends_with_its_service_however_that_ends(
    running: Running, caller: Caller, archivist: Callable[[], int]
) -> None:
    beside = archivist()
    running.process.process.kill()
    running.process.process.wait()
    wait_until(lambda: not lives(beside), "the archivist to end")

    running.start()
    running.process.wait_for("serving", times=2)
    beside = archivist()
    assert running.process.terminate() == 0
    assert not lives(beside)
    running.start()
    running.process.wait_for("serving", times=3)
    wait_until(running.hears, "invoices to hear from auth what was revoked")
    assert caller.ask("list_invoices")["invoices"] == []
