"""Issuing on what a process remembers: whatever another process changed meanwhile counts all the same."""

from dataclasses import replace

import pytest

from services.invoices.commands.customers import ChangeCustomer
from services.invoices.commands.documents import ChangeDraft, DiscardDraft, IssueInvoice
from services.invoices.domain.events import InvoiceIssued, SubjectShredded
from services.invoices.handlers import customers, drafts, issuing
from services.invoices.history import customer_stream, decode, encode, invoice_stream, load_invoice, shredding_stream
from services.invoices.replies import Numbered
from shared.contracts.decision import Allow, Facts
from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.keyring import TENANT_SUBJECT
from shared.eventstore.model import CommandId
from tests.integration.invoices.test_customers import OLD
from tests.integration.invoices.trade import ADA, BOB, SELLER, Trade, command_id, everything, line, refused_with

pytestmark = pytest.mark.integration


@pytest.fixture
def customer(trade: Trade) -> str:
    return trade.customer()


@pytest.fixture
def invoice_id(trade: Trade, customer: str) -> str:
    """A draft of a process that remembers all that issuing it takes."""
    trade.issued(customer)
    return trade.draft(customer).invoice_id


@pytest.fixture
def other(trade: Trade) -> Trade:
    return trade.process()


def what_was_issued(trade: Trade, invoice_id: str) -> InvoiceIssued:
    event = decode(trade.ports.log.load(trade.tenant, invoice_stream(invoice_id))[-1])
    assert isinstance(event, InvoiceIssued)
    return event


def change(trade: Trade, invoice_id: str, price: str) -> None:
    """Have a draft say another price."""
    invoice, version = load_invoice(trade.ports.log, trade.tenant, invoice_id)
    assert invoice is not None
    command = ChangeDraft(invoice_id, version, replace(invoice.content, lines=(line("1", price),)))
    drafts.change_draft(trade.ports, command, tenant=trade.tenant, command_id=command_id(), allow=everything)


def test_a_seller_who_moved_is_the_one_that_the_document_names(trade: Trade, other: Trade, invoice_id: str) -> None:
    other.configure(replace(SELLER, name="Fahrradteile Süd GmbH"))
    trade.issue(invoice_id)
    assert what_was_issued(trade, invoice_id).seller.name == "Fahrradteile Süd GmbH"


def test_a_customer_who_is_called_otherwise_is_named_so(
    trade: Trade, other: Trade, customer: str, invoice_id: str
) -> None:
    asked = ChangeCustomer(customer, 1, replace(OLD, name="Rowerownia Łódź"))
    customers.change_customer(
        other.ports,
        asked,
        tenant=trade.tenant,
        command_id=command_id(),
        allow=everything,
        require_step_up=lambda: None,
    )
    trade.issue(invoice_id)
    assert what_was_issued(trade, invoice_id).customer.name == "Rowerownia Łódź"


def test_a_draft_that_says_something_else_is_issued_as_it_is(trade: Trade, other: Trade, invoice_id: str) -> None:
    change(other, invoice_id, "100.00")
    trade.issue(invoice_id)
    assert str(what_was_issued(trade, invoice_id).totals.net) == "100.00"


def test_a_draft_that_was_discarded_is_refused(trade: Trade, other: Trade, invoice_id: str) -> None:
    drafts.discard_draft(
        other.ports, DiscardDraft(invoice_id), tenant=trade.tenant, command_id=command_id(), allow=everything
    )
    with refused_with(ErrorCode.INVOICE_DISCARDED):
        trade.issue(invoice_id)


def test_a_draft_that_was_issued_is_refused_and_takes_no_second_number(
    trade: Trade, other: Trade, invoice_id: str
) -> None:
    other.issue(invoice_id)
    with refused_with(ErrorCode.INVOICE_ALREADY_ISSUED):
        trade.issue(invoice_id)
    assert trade.series() == [1, 2]


def test_nothing_is_issued_to_a_customer_who_is_being_forgotten(
    trade: Trade, other: Trade, customer: str, invoice_id: str
) -> None:
    stream = shredding_stream(customer)
    told = SubjectShredded(customer_stream(customer), "erasure_request", None, (), ())
    other.ports.log.append(trade.tenant, [encode(stream, TENANT_SUBJECT, told)], {stream: 0})
    with refused_with(ErrorCode.KEY_SHREDDED):
        trade.issue(invoice_id)


def test_numbers_stay_dense_when_processes_issue_by_turns(trade: Trade, other: Trade, customer: str) -> None:
    written = [process.draft(customer).invoice_id for process in (trade, other) * 4]
    for process, invoice_id in zip((trade, other) * 4, written, strict=True):
        process.issue(invoice_id)
    assert trade.series() == list(range(1, 9))


def test_a_refusal_that_is_not_so_any_more_is_not_told(stranger: Trade) -> None:
    invoice_id = stranger.draft(stranger.customer()).invoice_id
    with refused_with(ErrorCode.SELLER_MISSING):
        stranger.issue(invoice_id)
    stranger.process().configure()
    assert stranger.issue(invoice_id).number == "INV-000001"


def at_most(amount: int) -> Allow:
    """Judge for somebody who may issue up to an amount."""

    def allow(facts: Facts) -> None:
        assert facts.amount is not None
        if facts.amount > amount:
            raise PublicError(ErrorCode.PERMISSION_DENIED, "More than you may.")

    return allow


def issue_as_bob(trade: Trade, invoice_id: str, command: CommandId) -> Numbered:
    """Issue as somebody who may do so up to 50."""
    asked = IssueInvoice(invoice_id)
    return issuing.issue_invoice(trade.ports, asked, tenant=trade.tenant, command_id=command, allow=at_most(50))


def test_what_is_judged_is_what_the_draft_says_now(trade: Trade, other: Trade, invoice_id: str) -> None:
    change(other, invoice_id, "100.00")
    with refused_with(ErrorCode.PERMISSION_DENIED):
        issue_as_bob(trade, invoice_id, command_id(BOB))
    change(other, invoice_id, "10.00")
    assert issue_as_bob(trade, invoice_id, command_id(BOB)).number == "INV-000002"


def test_a_colleague_is_not_told_the_answer_to_what_they_may_not(trade: Trade, other: Trade, invoice_id: str) -> None:
    """The process remembers a draft that they might issue; what was issued under the same key is more."""
    first = command_id(ADA)
    again = replace(first, by=BOB)
    change(other, invoice_id, "100.00")
    answer = other.issue(invoice_id, first)
    with refused_with(ErrorCode.PERMISSION_DENIED):
        issue_as_bob(trade, invoice_id, again)
    assert trade.issue(invoice_id, again) == answer
