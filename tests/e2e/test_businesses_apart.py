"""The token of one business names nothing of another: its things are answered as things that never were."""

from collections.abc import Callable

import pytest

from deploy.demo.people import Person
from deploy.demo.scenario import SELLER
from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.ids import new_id
from tests.e2e.conftest import System
from tests.e2e.test_running_system import CUSTOMER, LINE

pytestmark = pytest.mark.integration

QUERIES = {
    ("invoices", "get_invoice"): "invoice_id",
    ("invoices", "get_document"): "invoice_id",
    ("auth", "explain_access"): "user_id",
}
COMMANDS = {
    ("invoices", "issue_invoice"): "invoice_id",
    ("invoices", "draft_invoice"): "customer_id",
    ("invoices", "request_shredding"): "customer_id",
    ("auth", "end_session"): "session_id",
    ("auth", "end_sessions_of"): "user_id",
    ("auth", "assign_role"): "user_id",
    ("auth", "retire_role"): "role_id",
}
"""Every endpoint that takes the id of something that belongs to a business."""
BESIDES: dict[str, dict[str, object]] = {
    "draft_invoice": {"document_type": "invoice", "issue_date": "2026-11-22", "currency": "EUR", "lines": [LINE]},
    "request_shredding": {"reason": "erasure_request"},
    "assign_role": {"role": "sales"},
    "explain_access": {"permission": "invoice:issue"},
}


def things_of(person: Person) -> dict[str, str]:
    """What a business has."""
    person.command("invoices", "configure_seller", SELLER)
    customer = person.command("invoices", "register_customer", CUSTOMER)["customer_id"]
    draft = {"customer_id": customer, **BESIDES["draft_invoice"]}
    me = person.call("auth", "whoami", {})
    grants = [["invoice:read"]]
    role = person.command("auth", "define_role", {"name": "Reader", "grants": grants})["role_id"]
    return {
        "customer_id": str(customer),
        "invoice_id": str(person.command("invoices", "draft_invoice", draft)["invoice_id"]),
        "user_id": str(me["user_id"]),
        "session_id": str(me["session_id"]),
        "role_id": str(role),
    }


Answer = tuple[ErrorCode, str, object]


def answer(call: Callable[[], object]) -> Answer:
    """Return all that a caller sees of a refusal."""
    with pytest.raises(PublicError) as refused:
        call()
    return refused.value.code, refused.value.message, refused.value.details


def test_what_belongs_to_another_business_is_answered_as_what_never_was(system: System, another: System) -> None:
    things, stranger = things_of(system.owner), another.owner
    for (service, method), field in (QUERIES | COMMANDS).items():

        def ask(thing: str, service: str = service, method: str = method, field: str = field) -> Answer:
            key = new_id() if (service, method) in COMMANDS else None
            return answer(lambda: stranger.call(service, method, {field: thing, **BESIDES.get(method, {})}, key))

        theirs, nobodys = ask(things[field]), ask(new_id())
        assert theirs == nobodys, method
        assert theirs[0] is not ErrorCode.MALFORMED_REQUEST, (method, theirs)


def test_who_names_another_business_is_refused_whether_it_is_there_or_not(system: System, another: System) -> None:
    client, token = another.client, str(another.owner.session["token"])
    for service, method in (("invoices", "list_invoices"), ("auth", "list_users"), ("notifier", "deliveries")):

        def ask(tenant: str, service: str = service, method: str = method) -> Answer:
            return answer(lambda: client.call(service, method, {}, token=token, tenant=tenant))

        assert ask(system.owner.tenant) == ask(new_id())
        assert ask(system.owner.tenant)[0] is ErrorCode.PERMISSION_DENIED
