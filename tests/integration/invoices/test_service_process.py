"""The service as it runs: a process of its own, sealed messages over the broker, every refusal with its public code."""

import base64
import hashlib
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.permissions import Permission
from shared.kernel.ids import new_id
from shared.merkle.note import NoteVerifier
from shared.merkle.tlog_proof import TlogProof
from shared.merkle.tree import verify_consistency
from tests.integration.invoices.endpoints import COMMANDS, ENDPOINTS, VALID
from tests.integration.invoices.running import CUSTOMER, ISSUE_DATE, LINE, SELLER, Caller, Running
from tests.integration.invoices.trade import refused_with

pytestmark = pytest.mark.integration


def refusal(call: Callable[[], object]) -> PublicError:
    with pytest.raises(PublicError) as refused:
        call()
    return refused.value


def test_it_is_well(running: Running) -> None:
    assert running.client.call("invoices", "health") == {"service": "invoices", "database": True, "halted": []}


def test_from_the_seller_to_the_document(caller: Caller) -> None:
    caller.order("configure_seller", **SELLER)
    customer = caller.customer()
    drafted = caller.order(
        "draft_invoice",
        customer_id=customer,
        document_type="invoice",
        issue_date=ISSUE_DATE,
        currency="EUR",
        lines=[LINE],
    )
    assert [drafted["totals"][name] for name in ("net", "vat", "payable")] == ["19.50", "3.71", "23.21"]
    issued = caller.order("issue_invoice", invoice_id=drafted["invoice_id"])
    assert issued["number"] == "INV-000001"

    document = caller.document(drafted["invoice_id"])
    log = caller.ask("read_log", after=-1, limit=500)
    [archived] = [event for event in log["events"] if event["type"] == "DocumentArchived"]
    found = caller.ask("get_invoice", invoice_id=drafted["invoice_id"], after=archived["position"])
    assert (found["state"], found["number"], found["digest"]) == ("issued", "INV-000001", document["digest"])
    assert found["content"]["lines"] == [LINE]
    assert found["content"]["issue_date"] == ISSUE_DATE
    (listed,) = caller.ask("list_invoices")["invoices"]
    assert (listed["number"], listed["customer_name"]) == ("INV-000001", "Canary Buyers")
    (totals,) = caller.ask("customer_totals", customer_id=customer)["totals"]
    assert (totals["invoices"], totals["payable"]) == (1, "23.21")

    (same,) = caller.ask("find_customers", email="canary.buyer@canary.example")["customers"]
    assert same == {"customer_id": customer, "name": "Canary Buyers", "email": "canary.buyer@canary.example"}

    content = base64.b64decode(document["content_base64"], validate=True)
    assert hashlib.sha256(content).hexdigest() == document["digest"] == archived["digest"]
    assert caller.ask("check_invoice", invoice_id=drafted["invoice_id"]) == {"rules": []}
    ubl = caller.ask("get_document", invoice_id=drafted["invoice_id"], form="ubl")
    assert (ubl["file_name"], ubl["media_type"]) == ("INV-000001.xml", "application/xml")
    assert hashlib.sha256(base64.b64decode(ubl["content_base64"])).hexdigest() == ubl["digest"]
    stream = caller.ask("read_stream", stream=f"invoice-{drafted['invoice_id']}")["events"]
    assert stream == [event for event in log["events"] if event["stream"] == stream[0]["stream"]]
    assert [event["version"] for event in stream] == [1, 2, 3, 4]
    page = caller.ask("read_stream", stream=stream[0]["stream"], after=0, limit=1)["events"]
    assert (page, caller.ask("read_stream", stream=stream[0]["stream"], after=4)["events"]) == (stream[:1], [])
    assert caller.ask("read_stream", stream="nope")["events"] == []
    before = [event for event in log["events"] if event["at"] <= stream[0]["at"]]
    assert caller.ask("position_at", instant=stream[0]["at"])["position"] == before[-1]["position"]
    checkpoint = caller.ask("checkpoint")
    assert log["size"] == checkpoint["size"] == len(log["events"])

    verifier = NoteVerifier.parse(checkpoint["verifier_key"])
    for reply in (drafted, issued):
        shown = TlogProof.from_text(reply["receipt"]).verify([verifier], verifier.name)
        assert (shown.position, shown.checkpoint.size) == (reply["position"], reply["position"] + 1)
    shown = TlogProof.from_text(document["proof"]).verify([verifier], verifier.name)
    assert json.loads(shown.entry)["digest"] == hashlib.sha256(content).hexdigest()
    proved = caller.ask("prove", position=issued["position"], size=checkpoint["size"])["proof"]
    shown = TlogProof.from_text(proved).verify([verifier], verifier.name)
    assert (shown.position, shown.checkpoint.root.hex()) == (issued["position"], checkpoint["root"])
    tile = base64.b64decode(caller.ask("tile", level=0, index=0, width=checkpoint["size"])["hashes_base64"])
    assert tile.hex() == "".join(event["leaf_hash"] for event in log["events"])
    hashes = caller.ask("consistency", first=2, second=checkpoint["size"])["hashes"]
    first, second = (bytes.fromhex(caller.ask("checkpoint", size=size)["root"]) for size in (2, checkpoint["size"]))
    verify_consistency(2, first, checkpoint["size"], second, [bytes.fromhex(each) for each in hashes])


@pytest.mark.parametrize(
    ("method", "request_", "code"),
    [
        ("checkpoint", {"size": 2}, ErrorCode.TREE_SIZE_UNKNOWN),
        ("prove", {"position": 1}, ErrorCode.POSITION_UNKNOWN),
        ("prove", {"position": 0, "size": 2}, ErrorCode.TREE_SIZE_UNKNOWN),
        ("consistency", {"first": 1, "second": 2}, ErrorCode.TREE_SIZE_UNKNOWN),
        ("consistency", {"first": 1, "second": 0}, ErrorCode.MALFORMED_REQUEST),
        ("tile", {"level": 0, "index": 0, "width": 2}, ErrorCode.TILE_UNKNOWN),
        ("tile", {"level": 64, "index": 0}, ErrorCode.MALFORMED_REQUEST),
        ("export_keys", {"recipient": "age1", "first": 1}, ErrorCode.MALFORMED_REQUEST),
        ("export_keys", {"recipient": "age1", "first": 1, "last": 0}, ErrorCode.MALFORMED_REQUEST),
    ],
)
def test_what_the_log_does_not_hold_has_its_own_code(
    caller: Caller, method: str, request_: dict[str, object], code: ErrorCode
) -> None:
    caller.order("configure_seller", **SELLER)
    with refused_with(code):
        caller.ask(method, **request_)


def test_the_first_document_in_greek_is_issued_like_any_other(caller: Caller) -> None:
    caller.order("configure_seller", **SELLER)
    customer = caller.order("register_customer", **{**CUSTOMER, "name": "Ποδήλατα Αιγαίο"})["customer_id"]
    assert caller.order("issue_invoice", invoice_id=caller.draft(customer))["number"] == "INV-000001"


def test_a_retried_command_gets_the_first_answer(caller: Caller) -> None:
    caller.order("configure_seller", **SELLER)
    invoice_id, key = caller.draft(caller.customer()), new_id()
    first = caller.order("issue_invoice", key=key, invoice_id=invoice_id)
    assert caller.order("issue_invoice", key=key, invoice_id=invoice_id) == first
    with refused_with(ErrorCode.INVOICE_ALREADY_ISSUED):
        caller.order("issue_invoice", invoice_id=invoice_id)
    with refused_with(ErrorCode.IDEMPOTENCY_CONFLICT):
        caller.order("issue_invoice", key=key, invoice_id=new_id())
    with refused_with(ErrorCode.IDEMPOTENCY_CONFLICT):
        caller.order("register_customer", key=key, **CUSTOMER)


@pytest.mark.parametrize("method", ENDPOINTS)
def test_no_endpoint_answers_without_a_token_that_is_alive_and_permits_it(caller: Caller, method: str) -> None:
    key = {"idempotency_key": new_id()} if method in COMMANDS else {}
    call: Callable[..., Any] = partial(caller.client.call, "invoices", method, {}, **key)
    others = [permission for permission in Permission if permission is not ENDPOINTS[method]]
    assert refusal(call).code is ErrorCode.TOKEN_MISSING
    assert refusal(partial(call, token="nonsense")).code is ErrorCode.TOKEN_INVALID
    assert refusal(partial(call, token=caller.token(iat=1, exp=2))).code is ErrorCode.TOKEN_EXPIRED
    assert refusal(partial(call, token=caller.token(amr=["pwd"]))).code is ErrorCode.TOKEN_INVALID
    denied = refusal(partial(call, token=caller.token(*others)))
    assert denied.code is ErrorCode.PERMISSION_DENIED
    assert denied.details["permission"] == ENDPOINTS[method].value
    assert [reason["code"] for reason in denied.details["reasons"]] == ["no_grant"]  # type: ignore[attr-defined]  # a list


@pytest.mark.parametrize("method", COMMANDS)
def test_a_command_needs_an_idempotency_key(caller: Caller, method: str) -> None:
    with refused_with(ErrorCode.IDEMPOTENCY_KEY_MISSING):
        caller.client.call("invoices", method, VALID[method], token=caller.token())


@pytest.mark.parametrize(
    ("method", "changes", "field"),
    [
        ("configure_seller", {"iban": "canary"}, "iban"),
        ("configure_seller", {"name": None}, "name"),
        ("register_customer", {"canary": 1}, "canary"),
        ("draft_invoice", {"lines": []}, "lines"),
        ("draft_invoice", {"lines": [{**LINE, "unit_price": 9.75}]}, "lines"),
        ("draft_invoice", {"lines": [{**LINE, "unit_price": "-9.75"}]}, "lines"),
        ("draft_invoice", {"currency": "XXX"}, "currency"),
        ("issue_invoice", {"invoice_id": "canary"}, "invoice_id"),
        ("request_shredding", {"reason": "Jane Canary asked for it"}, "reason"),
        ("request_shredding", {"override": "because"}, "override"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_malformed_request_is_refused_by_its_field(
    caller: Caller, method: str, changes: dict[str, object], field: str
) -> None:
    refused = refusal(partial(caller.order, method, **{**VALID[method], **changes}))
    assert refused.code is ErrorCode.MALFORMED_REQUEST
    named = refused.details["fields"]
    assert isinstance(named, dict)
    assert set(named) == {field}


def test_what_is_wrong_with_a_line_is_said_by_its_place(caller: Caller) -> None:
    customer = caller.customer()
    refused = refusal(partial(caller.draft, customer, lines=[LINE, {**LINE, "vat_category": "Z"}]))
    assert refused.code is ErrorCode.LINE_INVALID
    assert refused.details == {"line": 1, "field": "vat_rate"}


def test_what_is_not_there_has_its_own_code(caller: Caller) -> None:
    for method in ("get_invoice", "get_document"):
        with refused_with(ErrorCode.INVOICE_UNKNOWN):
            caller.ask(method, invoice_id=new_id())
    with refused_with(ErrorCode.INVOICE_UNKNOWN):
        caller.order("issue_invoice", invoice_id=new_id())
    with refused_with(ErrorCode.CUSTOMER_UNKNOWN):
        caller.ask("customer_totals", customer_id=new_id())
    with refused_with(ErrorCode.CUSTOMER_UNKNOWN):
        caller.draft(new_id())
    invoice_id = caller.draft(caller.customer())
    with refused_with(ErrorCode.INVOICE_NOT_ISSUED):
        caller.ask("get_document", invoice_id=invoice_id)
    with refused_with(ErrorCode.SELLER_MISSING):
        caller.order("issue_invoice", invoice_id=invoice_id)


def test_another_business_gets_nothing_and_may_not_ask_in_its_name(caller: Caller, running: Running) -> None:
    customer = caller.customer()
    invoice_id = caller.draft(customer)
    other = Caller(running.bus, running.client)
    other.order("configure_seller", **SELLER)
    for ask in (
        partial(other.ask, "get_invoice", invoice_id=invoice_id),
        partial(other.ask, "get_document", invoice_id=invoice_id),
        partial(other.order, "issue_invoice", invoice_id=invoice_id),
    ):
        with refused_with(ErrorCode.INVOICE_UNKNOWN):
            ask()
    with refused_with(ErrorCode.CUSTOMER_UNKNOWN):
        other.draft(customer)
    with refused_with(ErrorCode.PERMISSION_DENIED):
        request = {"invoice_id": invoice_id}
        running.client.call("invoices", "get_invoice", request, token=other.token(), tenant=caller.tenant)


def test_a_service_names_the_business_for_which_it_fetches_a_document(caller: Caller) -> None:
    caller.order("configure_seller", **SELLER)
    invoice_id = caller.draft(caller.customer())
    caller.order("issue_invoice", invoice_id=invoice_id)
    digest = caller.document(invoice_id)["digest"]
    token = caller.token(Permission.DOCUMENT_READ, kind="service", sub="notifier", tenant=None, amr=[])
    fetch = partial(caller.client.call, "invoices", "get_document", {"invoice_id": invoice_id}, token=token)
    assert fetch(tenant=caller.tenant)["digest"] == digest
    with refused_with(ErrorCode.INVOICE_UNKNOWN):
        fetch(tenant=new_id())
    with refused_with(ErrorCode.MALFORMED_REQUEST):
        fetch()


def test_it_stops_when_asked_and_its_log_holds_no_content(caller: Caller, running: Running) -> None:
    caller.order("configure_seller", **SELLER)
    # No moment reads like this amount: before the fraction of a second stand two digits and a colon.
    costly = {**LINE, "quantity": "1", "unit_price": "98765.43"}
    invoice_id = caller.draft(caller.customer(), note="Canary note", lines=[costly])
    issued = caller.order("issue_invoice", invoice_id=invoice_id)
    found = caller.ask("get_invoice", invoice_id=invoice_id, after=issued["position"])
    with refused_with(ErrorCode.MALFORMED_REQUEST):
        caller.order("register_customer", **{**CUSTOMER, "vat_id": "canary"})
    assert running.process.terminate() == 0
    events, written = running.process.events(), running.process.text()
    assert events[-1]["event"] == "stopped"
    assert "malformed_request" in written  # it does tell what happened, and nothing of what it was about:
    assert (found["totals"]["payable"], found["number"]) == ("117530.86", "INV-000001")
    for content in ("canary", "98765.43", "117530.86", SELLER["iban"], "INV-000001"):
        assert str(content).lower() not in written.lower()
    running.start()
    running.process.wait_for("serving", times=2)


def test_it_stops_when_asked_right_after_its_start(running: Running) -> None:
    assert running.process.terminate() == 0
    before = len(running.process.logged("serving"))
    running.start()
    running.process.wait_for("serving", times=before + 1)
    assert running.process.terminate() == 0  # while it still cuts its fonts
    assert running.process.logged("container_died") == []
    running.start()
    running.process.wait_for("serving", times=before + 2)
