"""What is imported without mail is mailed to nobody, also after a rebuild of the read models and after a restart."""

import copy
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from shared.kernel.ids import new_id
from tests.integration.invoices.endpoints import VALID
from tests.integration.invoices.running import SELLER, Caller, Running
from tests.integration.messaging.processes import wait_until

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[3]


def imported(caller: Caller, key: str, *, mail: bool) -> dict[str, Any]:
    """What became of one document that is imported under a key."""
    asked = copy.deepcopy(VALID["import_documents"])
    asked["documents"][0]["key"] = key
    (outcome,) = caller.order("import_documents", **asked, mail=mail)["outcomes"]
    told: dict[str, Any] = outcome
    return told


def rebuild(running: Running) -> None:
    subprocess.run(
        [sys.executable, "-m", "services.invoices", "rebuild"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **running.environment},
        check=True,
        capture_output=True,
        timeout=60,
    )


def test_a_restart_and_a_rebuild_change_nothing_of_who_is_mailed(running: Running, caller: Caller) -> None:
    caller.order("configure_seller", **SELLER)
    drawn = {mail: imported(caller, new_id(), mail=mail) for mail in (True, False)}
    assert caller.document(str(drawn[False]["invoice_id"]))["delivery"] == "none"
    keys = {mail: new_id() for mail in (True, False)}
    waiting = {mail: imported(caller, key, mail=mail) for mail, key in keys.items()}

    running.process.process.kill()
    running.process.process.wait()
    running.start()
    running.process.wait_for("serving", times=2)
    wait_until(running.hears, "invoices to hear from auth what was revoked")
    rebuild(running)

    for outcomes in (drawn, waiting):
        told = {mail: caller.document(str(outcome["invoice_id"]))["delivery"] for mail, outcome in outcomes.items()}
        assert told == {True: "mail", False: "none"}
    again = {mail: imported(caller, key, mail=not mail) for mail, key in keys.items()}
    assert again == waiting
    assert {mail: outcome["mailed"] for mail, outcome in again.items()} == {True: True, False: False}
    assert {each["state"] for each in caller.ask("list_invoices")["invoices"]} == {"issued"}
