"""What is sensitive takes a fresh proof, and docs/approvals.md names all of it."""

import inspect
import re
from pathlib import Path

from shared.contracts.permissions import Permission
from shared.messaging.step_up import StepUp
from tests.architecture.test_entrypoints import SERVICES, entrypoints

PAGE = Path(__file__).resolve().parents[2] / "docs" / "approvals.md"
# Who holds one of these decides over people, the bank account or keys: every command under it takes a fresh proof, but
# those that only keep something from happening.
DECIDING = {
    Permission.TENANT_CONFIGURE,
    Permission.ROLE_DEFINE,
    Permission.ROLE_ASSIGN,
    Permission.OWNER_APPROVE,
    Permission.SHREDDING_REQUEST,
    Permission.SHREDDING_APPROVE,
    Permission.SESSION_REVOKE,
    Permission.FACTORS_RESET,
}
HARMLESS = {"end_bank_account_change", "end_owner_grant", "end_factor_reset", "end_shredding"}


def sensitive() -> dict[str, StepUp]:
    return {
        name: method.endpoint.step_up
        for service in SERVICES
        for name, method in entrypoints(service).items()
        if hasattr(method, "endpoint") and method.endpoint.step_up is not StepUp.NEVER
    }


def test_the_documentation_names_every_call_that_takes_a_fresh_proof_and_no_other() -> None:
    table = PAGE.read_text("utf-8").split("| what needs it | calls |")[1].split("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", table)) == set(sensitive())


def test_every_command_of_whoever_decides_over_people_account_and_keys_takes_a_fresh_proof() -> None:
    commands = {
        name
        for service in SERVICES
        for name, method in entrypoints(service).items()
        if hasattr(method, "endpoint") and method.endpoint.kind == "command" and method.endpoint.permission in DECIDING
    }
    assert commands - HARMLESS - set(sensitive()) == set()


def test_a_method_that_is_to_ask_for_a_proof_asks() -> None:
    for service in SERVICES:
        for name, method in entrypoints(service).items():
            if hasattr(method, "endpoint") and method.endpoint.step_up is StepUp.WHERE_ASKED:
                body = inspect.getsource(inspect.getclosurevars(method).nonlocals["method"])
                assert "require_step_up" in body, f"{service}.{name} never asks"
