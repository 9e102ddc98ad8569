"""Another bank account, as two owners decide it at the command line."""

import base64
import io
from pathlib import Path

import pytest
from pypdf import PdfReader

from deploy.demo.people import Operator, Person
from deploy.demo.scenario import SELLER
from shared.kernel.ids import new_id
from tests.e2e.conftest import System, mail_to, typed
from tests.e2e.contents import DRAFT
from tests.integration.messaging.processes import wait_until

pytestmark = pytest.mark.integration

OLD, NEW = str(SELLER["iban"]), "GB33BUKB20201555555555"
SUBJECT = "An owner asked to change the bank account on your invoices"


@pytest.fixture
def owners(system: System) -> tuple[Person, Person]:
    """Two owners of a business of the test's own."""
    first, second = (f"{new_id()}@firm.example" for _ in range(2))
    operator = Operator(system.client, system.stack.operator_key)
    founded = operator.create_tenant("Firm", "Ada", first)
    ada = Person(system.client, str(founded["tenant"]), first, user_id=str(founded["user_id"]))
    ada.enrol(str(founded["invitation"]))
    ada.log_in()
    ada.command("invoices", "configure_seller", SELLER)
    bob = ada.invite("sales", "Bob", second)
    operator.make_owner(ada, bob.user_id)
    bob.log_in()
    return ada, bob


def issued(person: Person) -> str:
    """Issue an invoice; return what is printed on it, without spaces."""
    who: dict[str, object] = {"name": "Zoë", "email": "zoe@kunde.example", "address": SELLER["address"]}
    customer_id = person.command("invoices", "register_customer", who)["customer_id"]
    drafted = person.command("invoices", "draft_invoice", {"customer_id": customer_id, **DRAFT})
    invoice: dict[str, object] = {"invoice_id": drafted["invoice_id"]}
    known = {"after": person.command("invoices", "issue_invoice", invoice)["position"]}
    wait_until(lambda: "digest" in person.call("invoices", "get_invoice", invoice | known), "the document is archived")
    content = base64.b64decode(str(person.call("invoices", "get_document", invoice)["content_base64"]))
    return "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def test_an_account_changes_when_another_owner_agrees_to_what_is_shown_and_not_before(
    system: System, owners: tuple[Person, Person], tmp_path: Path
) -> None:
    (ada, bob), folders = owners, {}
    for person in owners:
        folders[person.email] = tmp_path / person.user_id
        folders[person.email].mkdir()

    def types(person: Person, *arguments: str, answer: str = "") -> str:
        done = typed(system, person, folders[person.email], list(arguments), answer)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert OLD in issued(ada)
    state, request_id = types(ada, "seller", "change-account", NEW).split()
    assert state == "awaiting_approval"
    for owner in owners:
        assert "tallystick approvals list" in mail_to(system, owner.email, SUBJECT)

    refused = typed(system, ada, folders[ada.email], ["approvals", "approve", request_id], "y\n")
    assert refused.returncode == 1
    assert "second_person_needed" in refused.stderr
    assert OLD in types(ada, "seller", "show")

    assert f"pay into {NEW} instead of {OLD}" in types(bob, "approvals", "list")
    shown = types(bob, "approvals", "show", request_id)
    assert {f"  new_iban: {NEW}", f"  old_iban: {OLD}", f"  requested_by: {ada.user_id}"} <= set(shown.splitlines())
    assert types(bob, "approvals", "approve", request_id, answer="y\n") == f"approved {request_id}\n"

    assert f"account {NEW}, valid since" in types(ada, "seller", "show")
    printed = issued(ada)
    assert NEW in printed
    assert OLD not in printed
    assert types(ada, "approvals", "list") == ""
