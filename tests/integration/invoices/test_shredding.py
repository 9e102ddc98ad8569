"""Forgetting a customer: who may, what is gone afterwards, and what stands."""

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from services.invoices.commands.shredding import ApproveShredding, EndShredding, RequestShredding
from services.invoices.domain.document.content import DocumentType
from services.invoices.handlers import documents, shredding
from services.invoices.replies import ShreddingAsked
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.four_eyes import digest_of
from shared.crypto.keyring import KeyShredded
from shared.eventstore.model import Author, CommandId, RecordedEvent
from shared.kernel.clock import FixedClock
from shared.kernel.ids import new_id
from tests.integration.invoices.trade import ADA, BOB, KEK_BYTES, Trade, command_id, everything, refused_with

pytestmark = pytest.mark.integration
# The documents of these tests are issued by the real clock: far enough ahead, no retention period runs any more.
LONG_AFTER = FixedClock(datetime(2090, 1, 1, tzinfo=UTC))
# What leaves a service as `key_shredded`: the log says so, or the key is gone already.
FORGOTTEN = pytest.RaisesExc(
    (PublicError, KeyShredded),
    check=lambda error: not isinstance(error, PublicError) or error.code is ErrorCode.KEY_SHREDDED,
)


def long_after(trade: Trade) -> Trade:
    return replace(trade, ports=replace(trade.ports, clock=LONG_AFTER))


def request(trade: Trade, customer_id: str, command: CommandId | None = None, **changes: Any) -> ShreddingAsked:  # noqa: ANN401 -- as the command's
    asked = replace(RequestShredding(customer_id, "erasure_request"), **changes)
    return shredding.request_shredding(trade.ports, asked, tenant=trade.tenant, command_id=command or command_id())


def approve(
    trade: Trade, customer_id: str, request_id: str, by: Author = BOB, digest: str | None = None
) -> ShreddingAsked:
    found = shredding.get_shredding(trade.ports, tenant=trade.tenant, customer_id=customer_id)
    asked = ApproveShredding(customer_id, request_id, digest or digest_of(found.waiting or {}))
    return shredding.approve_shredding(trade.ports, asked, tenant=trade.tenant, command_id=command_id(by))


def end(trade: Trade, customer_id: str, request_id: str, by: Author = BOB, command: CommandId | None = None) -> int:
    asked = EndShredding(customer_id, request_id)
    return shredding.end_shredding(trade.ports, asked, tenant=trade.tenant, command_id=command or command_id(by))


def waiting(trade: Trade) -> list[Mapping[str, object]]:
    """What a second person finds, once the read model has followed."""
    trade.runner.run_once()
    overrides = trade.queries.overrides(trade.tenant)
    return [each.shown for each in shredding.waiting_shreddings(trade.ports, overrides, tenant=trade.tenant)]


def types(events: list[RecordedEvent]) -> list[str]:
    return [event.type for event in events]


def log_of(trade: Trade) -> list[RecordedEvent]:
    """The whole log, by a process that has no key in memory."""
    return list(trade.process().ports.log.read(trade.tenant))


def test_a_customer_without_documents_is_forgotten_on_one_persons_word(trade: Trade) -> None:
    customer = trade.customer()
    trade.draft(customer)
    asked = request(trade, customer)
    assert asked.state == "shredded"
    assert [(event.type, event.shredded) for event in log_of(trade)] == [
        ("SellerConfigured", False),
        ("CustomerRegistered", True),
        ("InvoiceDrafted", True),
        ("ShreddingRequested", False),
        ("SubjectShredded", False),
    ]
    with pytest.raises(KeyShredded):
        trade.process().ports.log.load(trade.tenant, f"customer-{customer}")


def test_what_waits_is_found_until_it_is_decided(trade: Trade) -> None:
    withdrawn, agreed = trade.customer("Withdrawn"), trade.customer("Agreed")
    first, second = (request(trade, each, override="court_order") for each in (withdrawn, agreed))
    assert {(each["customer_id"], each["request_id"]) for each in waiting(trade)} == {
        (withdrawn, first.request_id),
        (agreed, second.request_id),
    }
    same = command_id(ADA)
    assert end(trade, withdrawn, first.request_id, command=same) == end(
        trade, withdrawn, first.request_id, command=same
    )
    found = shredding.get_shredding(trade.ports, tenant=trade.tenant, customer_id=withdrawn)
    assert (found.state, found.waiting) == ("withdrawn", None)
    with refused_with(ErrorCode.APPROVAL_UNKNOWN):
        approve(trade, withdrawn, first.request_id)
    assert [each["customer_id"] for each in waiting(trade)] == [agreed]
    approve(trade, agreed, second.request_id)
    assert waiting(trade) == []
    trade.draft(withdrawn)  # who was not forgotten goes on


def test_another_owner_rejects_and_it_may_be_asked_for_again(trade: Trade) -> None:
    customer = trade.customer()
    asked = request(trade, customer, override="court_order")
    end(trade, customer, asked.request_id, by=BOB)
    assert shredding.get_shredding(trade.ports, tenant=trade.tenant, customer_id=customer).state == "rejected"
    again = request(trade, customer, override="court_order")
    assert [each["request_id"] for each in waiting(trade)] == [again.request_id]


def test_what_waited_too_long_is_not_found(trade: Trade) -> None:
    request(trade, trade.customer(), override="court_order")
    assert len(waiting(trade)) == 1
    assert waiting(long_after(trade)) == []


def test_a_running_retention_period_refuses_and_says_until_when(trade: Trade) -> None:
    customer = trade.customer()
    trade.issued(customer)
    with refused_with(ErrorCode.RETENTION_RUNS) as refused:
        request(trade, customer)
    assert refused.value.details == {"until": f"{datetime.now(UTC).year + trade.ports.retention_years}-12-31"}
    assert shredding.get_shredding(trade.ports, tenant=trade.tenant, customer_id=customer).state == "none"


def test_a_date_that_was_set_back_ends_no_retention_period(trade: Trade) -> None:
    customer = trade.customer()
    trade.issued(customer, issue_date=datetime(1999, 1, 1, tzinfo=UTC).date())
    with refused_with(ErrorCode.RETENTION_RUNS):
        request(trade, customer)


@pytest.mark.parametrize("document_type", DocumentType)
def test_when_the_period_is_over_one_person_is_enough(trade: Trade, document_type: DocumentType) -> None:
    customer = trade.customer()
    trade.issued(customer, document_type=document_type)
    assert request(long_after(trade), customer, reason="retention_ended").state == "shredded"


def test_another_customers_documents_keep_nobody(trade: Trade) -> None:
    customer = trade.customer()
    trade.issued(trade.customer("Somebody else"))
    assert request(trade, customer).state == "shredded"


def test_two_people_override_a_running_period_and_both_stand_in_the_log(trade: Trade) -> None:
    customer = trade.customer()
    trade.issued(customer)
    asked = request(trade, customer, override="court_order")
    assert asked.state == "awaiting_approval"
    found = shredding.get_shredding(trade.ports, tenant=trade.tenant, customer_id=customer)
    assert (found.request_id, found.override, found.requested_by) == (asked.request_id, "court_order", ADA.id)
    assert approve(trade, customer, asked.request_id).state == "shredded"
    requested, approved, shredded = log_of(trade)[-3:]
    assert (requested.by, approved.by, shredded.by) == (ADA, BOB, BOB)
    assert shredded.payload["approvals"] == [
        {"user_id": ADA.id, "factors": ["pwd", "otp"]},
        {"user_id": BOB.id, "factors": ["pwd", "otp"]},
    ]


def test_one_person_does_not_make_four_eyes_in_two_sessions(trade: Trade) -> None:
    customer = trade.customer()
    trade.issued(customer)
    asked = request(trade, customer, override="court_order")
    with refused_with(ErrorCode.SECOND_PERSON_NEEDED):
        approve(trade, customer, asked.request_id, by=structs.replace(ADA, session=new_id(), source="elsewhere"))
    with refused_with(ErrorCode.PERMISSION_DENIED):
        approve(trade, customer, asked.request_id, by=Author("service", "notifier"))
    with refused_with(ErrorCode.APPROVAL_UNKNOWN):
        approve(trade, customer, new_id())
    trade.draft(customer)  # a request alone stops nobody's work


def test_a_request_waits_for_a_week(trade: Trade) -> None:
    customer = trade.customer()
    trade.issued(customer)
    asked = request(trade, customer, override="court_order")
    found = shredding.get_shredding(trade.ports, tenant=trade.tenant, customer_id=customer)
    shown = digest_of(found.waiting or {})
    late = replace(trade, ports=replace(trade.ports, clock=FixedClock(datetime.now(UTC) + timedelta(days=7))))
    assert shredding.get_shredding(late.ports, tenant=trade.tenant, customer_id=customer).state == "expired"
    with refused_with(ErrorCode.APPROVAL_EXPIRED):
        approve(late, customer, asked.request_id, digest=shown)


def test_what_was_not_shown_is_not_agreed_to(trade: Trade) -> None:
    customer, other = trade.customer(), trade.customer("Somebody else")
    trade.issued(customer)
    request(trade, other, override="court_order")
    shown = shredding.get_shredding(trade.ports, tenant=trade.tenant, customer_id=other).waiting
    asked = request(trade, customer, override="court_order")
    with refused_with(ErrorCode.APPROVAL_DIFFERS):
        approve(trade, customer, asked.request_id, digest=digest_of(shown or {}))


def test_an_unknown_customer_is_not_forgotten(trade: Trade) -> None:
    with refused_with(ErrorCode.CUSTOMER_UNKNOWN):
        request(trade, new_id())


def kill_before_the_key_is_destroyed(trade: Trade, customer_id: str, key: str) -> None:
    """Have another process ask, which is killed as soon as the shredding stands in the log."""
    given = {
        "url": trade.database.url,
        "password": trade.database.password,
        "kek": KEK_BYTES.hex(),
        "tenant": trade.tenant,
        "customer": customer_id,
        "command": key,
    }
    killed = subprocess.run(
        [sys.executable, "-m", "tests.integration.invoices.dying_shredder"],
        cwd=Path(__file__).parents[3],
        input=json.dumps(given).encode(),
        check=False,
        timeout=60,
    )
    assert killed.returncode == -signal.SIGKILL
    assert log_of(trade)[-1].type == "SubjectShredded"
    trade.process().ports.keyring.dek_for(trade.tenant, f"customer-{customer_id}")  # still there


def require_destroyed(trade: Trade, customer_id: str) -> None:
    with pytest.raises(KeyShredded):
        trade.process().ports.keyring.dek_for(trade.tenant, f"customer-{customer_id}")


def test_a_retry_is_answered_from_the_log_and_destroys_the_key_that_a_kill_left(trade: Trade) -> None:
    customer, command = trade.customer(), CommandId(new_id(), bytes(32), ADA)
    kill_before_the_key_is_destroyed(trade, customer, command.key)
    size = trade.ports.log.head(trade.tenant).size
    first = request(trade.process(), customer, command)
    assert (first.state, first.position) == ("shredded", size - 1)
    assert request(trade.process(), customer, command) == first
    assert trade.ports.log.head(trade.tenant).size == size
    require_destroyed(trade, customer)


def test_after_a_kill_between_event_and_key_nothing_is_accepted_and_the_follower_finishes(trade: Trade) -> None:
    customer = trade.customer()
    draft, document = trade.draft(customer), trade.issued(trade.customer("Somebody else"))
    trade.archive(document.invoice_id)
    kill_before_the_key_is_destroyed(trade, customer, new_id())
    survivor = trade.process()
    for refused in (lambda: survivor.issue(draft.invoice_id), lambda: survivor.draft(customer)):
        with refused_with(ErrorCode.KEY_SHREDDED):
            refused()
    survivor.runner.run_once()
    require_destroyed(trade, customer)
    assert survivor.document(document.invoice_id).content


def test_nothing_is_accepted_about_who_was_forgotten_and_others_go_on(trade: Trade) -> None:
    customer, other = trade.customer(), trade.customer("Somebody else")
    issued, draft = trade.issued(customer), trade.draft(customer)
    request(long_after(trade), customer)
    later = trade.process()
    for refused in (
        lambda: later.draft(customer),
        lambda: later.issue(draft.invoice_id),
        lambda: request(later, customer),
        lambda: approve(later, customer, new_id()),
        lambda: documents.get_document(
            later.ports, tenant=trade.tenant, invoice_id=issued.invoice_id, allow=everything
        ),
    ):
        with FORGOTTEN:
            refused()
    assert later.issued(other).number == "INV-000002"
    assert later.series() == [1, 2]


def test_a_document_that_is_issued_while_the_log_is_looked_at_is_not_overlooked(trade: Trade) -> None:
    customer = trade.customer()
    draft = trade.draft(customer)
    clock = IssuingClock(trade, draft.invoice_id)
    hasty = replace(trade, ports=replace(trade.ports, clock=clock))
    with refused_with(ErrorCode.RETENTION_RUNS):
        request(hasty, customer)
    assert clock.asked == 2


class IssuingClock:
    """Between the look at the log and the append the time is asked: then somebody issues a document."""

    def __init__(self, trade: Trade, invoice_id: str) -> None:
        self._trade, self._invoice_id, self.asked = trade, invoice_id, 0

    def now(self) -> datetime:
        self.asked += 1
        if self.asked == 1:
            self._trade.issue(self._invoice_id)
        return self._trade.ports.clock.now()


def test_all_that_the_log_holds_about_a_customer_is_found_and_nothing_else(trade: Trade) -> None:
    customer, other = trade.customer(), trade.customer("Somebody else")
    trade.issued(other)
    trade.issued(customer)
    about = list(trade.ports.log.about(trade.tenant, f"customer-{customer}"))
    assert types(about) == ["CustomerRegistered", "InvoiceDrafted", "InvoiceIssued"]
    assert all(event.by == ADA for event in about)
