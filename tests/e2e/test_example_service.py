"""The example of docs/integrating.md, as it stands there, on the running system."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.demo.people import Person
from deploy.demo.scenario import SELLER
from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.ids import new_id
from tests.e2e.conftest import System
from tests.integration.messaging.processes import ServiceProcess, wait_until

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "mirror.py"
_LINE = {"name": "Bell", "quantity": "2", "unit_price": "9.75", "vat_category": "S", "vat_rate": "19"}
_CUSTOMER: dict[str, object] = {"name": "Zoë", "email": "zoe@kunde.example", "address": SELLER["address"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "mirror"
    folder.mkdir()
    return folder


@pytest.fixture
def mirror(another: System, tmp_path: Path, folder: Path) -> Iterator[ServiceProcess]:
    """The example, in the place of the notifier: with its account and its keys, beside the real one."""
    settings = another.stack.description["services"]["notifier"]
    environment = {**settings, "MIRROR_FOLDER": str(folder), "PYTHONPATH": str(ROOT)}
    process = ServiceProcess.start_program([str(EXAMPLE)], environment, tmp_path / "mirror.log")
    try:
        process.wait_for("serving")
        yield process
    finally:
        process.end()


def test_the_example_keeps_what_is_issued(another: System, mirror: ServiceProcess, folder: Path) -> None:
    digest = archived(another.owner, issued(another.owner))
    copy = folder / f"{digest}.pdf"
    wait_until(copy.exists, f"the copy of the document in\n{mirror.text()}")
    assert hashlib.sha256(copy.read_bytes()).hexdigest() == digest
    assert mirror.terminate() == os.EX_OK


def test_what_the_page_says_of_keys_and_positions_is_so(another: System) -> None:
    owner = another.owner
    owner.command("invoices", "configure_seller", SELLER)
    key = new_id()
    first = owner.call("invoices", "register_customer", _CUSTOMER, key)
    assert owner.call("invoices", "register_customer", _CUSTOMER, key) == first
    with pytest.raises(PublicError) as refused:
        owner.call("invoices", "register_customer", {**_CUSTOMER, "name": "Yoë"}, key)
    assert refused.value.code is ErrorCode.IDEMPOTENCY_CONFLICT
    found = owner.call("invoices", "find_customers", {"name": "Zoë", "after": first["position"]})
    assert [each["customer_id"] for each in found["customers"]] == [first["customer_id"]]  # type: ignore[attr-defined]


def issued(owner: Person) -> str:
    """Issue an invoice; return its id."""
    owner.command("invoices", "configure_seller", SELLER)
    customer = owner.command("invoices", "register_customer", _CUSTOMER)["customer_id"]
    content: dict[str, object] = {"customer_id": customer, "document_type": "invoice", "issue_date": "2026-06-02"}
    draft = owner.command("invoices", "draft_invoice", {**content, "currency": "EUR", "lines": [_LINE]})
    owner.command("invoices", "issue_invoice", {"invoice_id": draft["invoice_id"]})
    return str(draft["invoice_id"])


def archived(owner: Person, invoice: str) -> str:
    """Wait until an invoice has its document; return the digest."""
    found: list[object] = []

    def asked() -> bool:
        try:
            found.append(owner.call("invoices", "get_document", {"invoice_id": invoice})["digest"])
        except PublicError as refused:
            if refused.code is not ErrorCode.DOCUMENT_PENDING:
                raise
        return bool(found)

    wait_until(asked, "the document")
    return str(found[0])
