"""A role of a business's own, from its definition to its end, over the running system."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from deploy.demo.people import Operator, Person
from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.ids import new_id
from tests.e2e.conftest import System
from tests.integration.messaging.processes import wait_until

pytestmark = pytest.mark.integration

OWN = {"own_customers": True}
GRANTS = [["customer:write", OWN], ["invoice:draft", OWN], ["invoice:read", OWN]]
ADDRESS = {"line": "Oudegracht 218", "city": "Utrecht", "post_code": "3511 NP", "country_code": "NL"}
LINE = {"name": "Bell", "quantity": "2", "unit_price": "9.75", "vat_category": "S", "vat_rate": "19"}


@pytest.fixture
def boss(system: System) -> Person:
    """The owner of a business of the test's own."""
    email = f"{new_id()}@firm.example"
    founded = Operator(system.client, system.stack.operator_key).create_tenant("Firm", "Ada", email)
    boss = Person(system.client, str(founded["tenant"]), email)
    boss.enrol(str(founded["invitation"]))
    boss.log_in()
    return boss


def customer_of(person: Person) -> str:
    request: dict[str, object] = {"name": "Hof van Fietsen", "email": "hof@fietsen.example", "address": ADDRESS}
    return str(person.command("invoices", "register_customer", request)["customer_id"])


def draft(person: Person, customer_id: str) -> dict[str, object]:
    request: dict[str, Any] = {"customer_id": customer_id, "document_type": "invoice", "issue_date": "2026-06-02"}
    return person.command("invoices", "draft_invoice", {**request, "currency": "EUR", "lines": [LINE]})


def refusal(call: Callable[[], object]) -> PublicError | None:
    try:
        call()
    except PublicError as refused:
        return refused
    return None


def told(boss: Person) -> set[str]:
    """The types of the events in the business's log of auth."""
    events: Any = boss.call("auth", "read_log", {"after": -1, "limit": 200})["events"]
    return {event["type"] for event in events}


def test_a_role_limits_from_its_definition_to_its_end_and_the_log_tells(boss: Person) -> None:
    role_id = str(boss.command("auth", "define_role", {"name": "Junior", "grants": GRANTS})["role_id"])
    zoe = boss.invite(role_id, "Zoë", f"{new_id()}@firm.example")
    zoe.log_in()
    assert zoe.call("auth", "whoami", {})["role_name"] == "Junior"
    foreign = customer_of(boss)

    denied = refusal(lambda: draft(zoe, foreign))
    assert denied is not None
    assert denied.code is ErrorCode.PERMISSION_DENIED
    reasons: Any = denied.details["reasons"]
    assert [reason["code"] for reason in reasons] == ["not_own_customer"]
    totals: Any = draft(zoe, customer_of(zoe))["totals"]
    assert totals["payable"] == "23.21"
    request: dict[str, object] = {"permission": "invoice:draft", "facts": {"own_customer": False}}
    assert zoe.call("auth", "explain_own_access", request)["reasons"] == reasons

    token = str(zoe.session["token"])
    boss.command("auth", "retire_role", {"role_id": role_id})

    def revoked() -> bool:
        refused = refusal(lambda: zoe.client.call("invoices", "list_invoices", {}, token=token))
        return refused is not None and refused.code is ErrorCode.TOKEN_REVOKED

    wait_until(revoked, "the retired role to open nothing any more")
    expected = {"RoleDefined", "RoleRetired", "AccessDenied", "SensitiveAccessGranted"}
    wait_until(lambda: expected <= told(boss), "the business's log to tell of it")


def test_nobody_below_an_owner_makes_or_gives_roles(boss: Person) -> None:
    clerk = boss.invite("bookkeeper", "Bob", f"{new_id()}@firm.example")
    clerk.log_in()
    attempts: list[tuple[str, dict[str, object]]] = [
        ("define_role", {"name": "Mine", "grants": [["invoice:read"]]}),
        ("retire_role", {"role_id": new_id()}),
        ("assign_role", {"user_id": new_id(), "role": "owner"}),
        ("invite_user", {"email": "x@firm.example", "name": "X", "role": "owner"}),
    ]
    for method, request in attempts:
        refused = refusal(partial(clerk.command, "auth", method, request))
        assert refused is not None
        assert refused.code is ErrorCode.PERMISSION_DENIED, method
    for method in ("list_users", "list_roles"):
        refused = refusal(partial(clerk.call, "auth", method, {}))
        assert refused is not None
        assert refused.code is ErrorCode.PERMISSION_DENIED, method
