"""The processes beside the service: there while it is, started again when they die, gone with the service."""

import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from services.invoices.dependencies import ARCHIVIST, FOLLOWERS
from tests.integration.invoices.running import SELLER, Caller, Running
from tests.integration.messaging.processes import wait_until

pytestmark = pytest.mark.integration

Beside = Callable[[str], int]


def children(parent: int, action: str) -> set[int]:
    """The ids of the processes that a service started for an action."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().split(b"\0")
            ours = (process / "stat").read_text().rpartition(")")[2].split()[1] == str(parent)
        except OSError:
            continue  # it ended meanwhile
        if ours and action.encode() in command:
            found.add(int(process.name))
    return found


def ended(process: int) -> bool:
    try:
        return (Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]) == "Z"
    except OSError:
        return True


@pytest.fixture
def beside(running: Running) -> Beside:
    """Waits for the one process that the service runs for an action, and tells its id."""

    def one(action: str) -> int:
        wait_until(lambda: children(running.process.process.pid, action), f"the service to start its {action}")
        (found,) = children(running.process.process.pid, action)
        return found

    return one


def test_an_archivist_that_dies_is_started_again_and_nothing_is_missed(caller: Caller, beside: Beside) -> None:
    caller.order("configure_seller", **SELLER)
    customer = caller.customer()
    for _ in range(2):
        before = beside(ARCHIVIST)
        os.kill(before, signal.SIGKILL)
        invoice_id = caller.draft(customer)
        caller.order("issue_invoice", invoice_id=invoice_id)
        assert caller.document(invoice_id)["digest"]
        assert beside(ARCHIVIST) != before


def test_followers_that_die_are_started_again_and_nothing_is_missed(caller: Caller, beside: Beside) -> None:
    caller.order("configure_seller", **SELLER)
    customer = caller.customer()
    drafted: list[str] = []

    def followed() -> bool:
        return [each["invoice_id"] for each in caller.ask("list_invoices")["invoices"]] == drafted

    for _ in range(2):
        before = beside(FOLLOWERS)
        os.kill(before, signal.SIGKILL)
        drafted.append(caller.draft(customer))
        wait_until(followed, "the read models to follow")
        assert beside(FOLLOWERS) != before


def test_what_is_beside_ends_with_the_service_however_that_ends(
    running: Running, caller: Caller, beside: Beside
) -> None:
    before = [beside(action) for action in (ARCHIVIST, FOLLOWERS)]
    running.process.process.kill()
    running.process.process.wait()
    for process in before:
        wait_until(partial(ended, process), "the process to end")

    running.start()
    running.process.wait_for("serving", times=2)
    before = [beside(action) for action in (ARCHIVIST, FOLLOWERS)]
    assert running.process.terminate() == 0
    assert all(map(ended, before))
    running.start()
    running.process.wait_for("serving", times=3)
    wait_until(running.hears, "invoices to hear from auth what was revoked")
    assert caller.ask("list_invoices")["invoices"] == []
