"""A customer is forgotten while the service runs: found nowhere any more, and everything still verifies."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import pyrage
import pytest

from cli.audit.live import LiveLog
from shared.contracts.errors import ErrorCode
from shared.contracts.four_eyes import digest_of
from shared.eventstore.model import RecordedEvent
from shared.eventstore.trust import Trust
from shared.eventstore.verification import verify_log
from shared.kernel.ids import new_id
from shared.merkle.note import NoteVerifier
from shared.merkle.tlog_proof import TlogProof
from tests.integration.invoices.running import CUSTOMER, LINE, SELLER, Caller
from tests.integration.invoices.trade import refused_with
from tests.integration.messaging.processes import wait_until

pytestmark = pytest.mark.integration
GONE = "Jane Forgotten"
PARTICULARS = {**CUSTOMER, "name": GONE, "email": "jane.forgotten@canary.example", "reference": "Forgotten 7"}
CANARIES = (GONE, "jane.forgotten@", "Forgotten 7", "Forgotten article", "4321.09")


def replayed(caller: Caller) -> tuple[str, int]:
    """Verify the whole log as an auditor with every key there is; return all it says, and what it says is shredded."""
    identity = pyrage.x25519.Identity.generate()

    def query(method: str, request: Mapping[str, object]) -> Mapping[str, Any]:
        return caller.ask(method, **request)

    live = LiveLog(query)
    said: list[str] = []

    def page(events: Sequence[RecordedEvent]) -> None:
        assert all(event.by is not None or event.shredded for event in events)
        said.extend(msgspec.json.encode(event).decode() for event in events)

    trust = Trust(NoteVerifier.parse(caller.ask("checkpoint")["verifier_key"]))
    keys = live.keys(str(identity), str(identity.to_public()))
    found = verify_log(live, trust, keys=keys, on_page=page)
    assert found.faults == []
    return "\n".join(said), found.shredded


def test_who_is_forgotten_by_two_is_found_nowhere_and_everything_still_verifies(caller: Caller) -> None:
    caller.order("configure_seller", **SELLER)
    gone = str(caller.order("register_customer", **PARTICULARS)["customer_id"])
    kept = caller.customer()
    line = {**LINE, "name": "Forgotten article", "unit_price": "4321.09"}
    invoice_id = caller.draft(gone, lines=[line])
    issued = caller.order("issue_invoice", invoice_id=invoice_id)
    caller.document(invoice_id)
    said, shredded = replayed(caller)
    assert shredded == 0
    assert all(canary in said for canary in CANARIES)

    with refused_with(ErrorCode.RETENTION_RUNS):
        caller.order("request_shredding", customer_id=gone, reason="erasure_request")
    asked = caller.order("request_shredding", customer_id=gone, reason="erasure_request", override="court_order")
    shown = caller.ask("get_shredding", customer_id=gone)["waiting"]
    wait_until(lambda: caller.ask("list_shreddings")["waiting"] == [shown], "what waits is listed")
    approval = {"customer_id": gone, "request_id": asked["request_id"], "digest": digest_of(shown)}
    with refused_with(ErrorCode.SECOND_PERSON_NEEDED):
        caller.order("approve_shredding", **approval)
    second = replace(caller, person=new_id())
    done = second.order("approve_shredding", **approval)
    assert (asked["state"], done["state"]) == ("awaiting_approval", "shredded")
    assert caller.ask("get_shredding", customer_id=gone)["state"] == "shredded"

    said, shredded = replayed(caller)
    assert shredded == 5
    assert [canary for canary in CANARIES if canary in said] == []
    verifier = NoteVerifier.parse(caller.ask("checkpoint")["verifier_key"])
    TlogProof.from_text(issued["receipt"]).verify([verifier], verifier.name)

    with refused_with(ErrorCode.INVOICE_UNKNOWN):
        caller.ask("get_invoice", invoice_id=invoice_id, after=done["position"])
    with refused_with(ErrorCode.CUSTOMER_UNKNOWN):
        caller.ask("customer_totals", customer_id=gone)
    assert caller.ask("find_customers", name=GONE) == {"customers": []}
    assert caller.ask("list_invoices")["invoices"] == []
    with refused_with(ErrorCode.KEY_SHREDDED):
        caller.ask("get_document", invoice_id=invoice_id)
    with refused_with(ErrorCode.KEY_SHREDDED):
        caller.draft(gone)
    with refused_with(ErrorCode.KEY_SHREDDED):
        caller.order("issue_invoice", invoice_id=invoice_id)

    assert caller.order("issue_invoice", invoice_id=caller.draft(kept))["number"] == "INV-000002"


def test_only_persons_of_the_business_are_eyes(caller: Caller) -> None:
    gone = caller.customer()
    asked = caller.order("request_shredding", customer_id=gone, reason="erasure_request", override="court_order")
    shown = caller.ask("get_shredding", customer_id=gone)["waiting"]
    request = {"customer_id": gone, "request_id": asked["request_id"], "digest": digest_of(shown)}
    service = caller.token(kind="service", sub="notifier", tenant=None, amr=[])
    with refused_with(ErrorCode.PERMISSION_DENIED):
        caller.client.call(
            "invoices", "approve_shredding", request, token=service, tenant=caller.tenant, idempotency_key=new_id()
        )
    stranger = replace(caller, tenant=new_id(), person=new_id())
    stranger.order("configure_seller", **SELLER)
    with refused_with(ErrorCode.APPROVAL_UNKNOWN):
        stranger.order("approve_shredding", **request)
