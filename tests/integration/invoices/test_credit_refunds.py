"""Refunds of credit notes that name no invoice, over a real log and in the read models: each counted once."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest

from cli.audit.folded import fingerprint
from cli.audit.ledger import Ledger
from services.invoices.domain.document.content import DocumentType
from services.invoices.domain.free_credit import free_credit
from services.invoices.history import decode, load_invoice, receivable_stream
from services.invoices.read_models.filters import ANY
from services.invoices.read_models.reading import NOW
from services.invoices.read_models.reports import Page, Reports
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.invoices import CreditRefundSchema, InvoiceReply
from shared.contracts.reports import StatementReply
from shared.crypto.keyring import KeyShredded
from shared.eventstore.faults import Faults
from tests.integration.invoices.paying import DAY, Till
from tests.integration.invoices.test_forgotten_customers import forget
from tests.integration.invoices.test_life import credit
from tests.integration.invoices.trade import ALL, Trade, command_id, everything, refused_with

pytestmark = pytest.mark.integration
AT_ONCE = 6


@pytest.fixture
def till(trade: Trade) -> Till:
    return Till(trade)


@pytest.fixture
def customer(trade: Trade) -> str:
    return trade.customer()


def bonus(trade: Trade, customer: str) -> str:
    """Issue a credit note over 23.21 that names no invoice."""
    return trade.issued(customer, document_type=DocumentType.CREDIT_NOTE).invoice_id


def free(trade: Trade, note: str) -> Decimal:
    became = map(decode, trade.ports.log.load(trade.tenant, receivable_stream(note)))
    return free_credit(load_invoice(trade.ports.log, trade.tenant, note)[0], became).free


def statement(trade: Trade, customer: str) -> dict[str, Any]:
    trade.runner.run_once()
    return Reports(trade.queries).statement(trade.tenant, customer, (None, None), Page(200), everything)


def test_a_refund_is_in_the_account_and_shown_with_its_credit_note_also_after_a_rebuild(lonely_trade: Trade) -> None:
    trade, customer = lonely_trade, lonely_trade.customer()
    note = bonus(trade, customer)
    positions = [Till(trade).refund_credit(note, amount).position for amount in ("20.00", "3.21")]
    account = statement(trade, customer)
    assert StatementReply().validate(account) == {}
    assert [(each["kind"], each["amount"], each["balance"], each["invoice_id"]) for each in account["entries"]] == [
        ("credit_note", "-23.21", "-23.21", note),
        ("refund", "20.00", "-3.21", note),
        ("refund", "3.21", "0.00", note),
    ]
    shown = trade.queries.invoice(trade.tenant, note, None, everything)
    assert CreditRefundSchema(many=True).validate(shown["refunds"]) == {}
    assert shown["refunds"] == [
        {"amount": amount, "day": str(DAY), "position": position}
        for amount, position in zip(("20.00", "3.21"), positions, strict=True)
    ]
    assert Reports(trade.queries).open_items(trade.tenant, ANY, DAY, Page(200, None, NOW), ALL)["items"] == []
    trade.runner.rebuild(trade.projection)
    assert statement(trade, customer) == account
    assert trade.queries.invoice(trade.tenant, note, None, everything) == shown


def test_a_credit_note_is_shown_as_an_auditor_folds_it(till: Till, trade: Trade, customer: str) -> None:
    note, found = bonus(trade, customer), Faults()
    till.refund_credit(note, "20.00")
    trade.runner.run_once()
    ledger = Ledger(found, remember=True)
    ledger.add_all(trade.ports.log.read(trade.tenant))
    ledger.end()
    assert found.kept == []
    folded = ledger.invoices[note]
    shown = InvoiceReply().dump(trade.queries.invoice(trade.tenant, note, None, everything))
    assert {name: shown.get(name) for name in folded.issuing} == folded.issuing
    assert fingerprint(shown) == folded.fingerprint
    assert ledger.receivables.credit_notes[note].free == free(trade, note) == Decimal("3.21")


def test_no_more_is_refunded_than_the_credit_note_gives(till: Till, trade: Trade, customer: str) -> None:
    note = bonus(trade, customer)
    till.refund_credit(note, "23.20")
    with refused_with(ErrorCode.CREDIT_NOTE_SPENT) as refused:
        till.refund_credit(note, "0.02")
    assert refused.value.details == {"free": "0.01"}


def test_what_a_credit_note_takes_off_an_invoice_is_refunded_of_the_payment_alone(
    till: Till, trade: Trade, customer: str
) -> None:
    invoice = trade.issued(customer).invoice_id
    note = credit(trade, invoice).invoice_id
    with refused_with(ErrorCode.INVOICE_NOT_ISSUED):
        till.refund_credit(note, "1.00")
    trade.issue(note)
    for each in (note, invoice):
        with refused_with(ErrorCode.NOT_REFUNDABLE):
            till.refund_credit(each, "1.00")


def test_a_refund_that_is_sent_twice_is_one(till: Till, trade: Trade, customer: str) -> None:
    note, command = bonus(trade, customer), command_id()
    first = till.refund_credit(note, "20.00", command)
    assert till.process().refund_credit(note, "20.00", command).position == first.position
    assert free(trade, note) == Decimal("3.21")


def test_many_refunds_at_once_never_give_back_more_than_there_is(till: Till, trade: Trade, customer: str) -> None:
    note = bonus(trade, customer)

    def refund(one: Till) -> None:
        with suppress(PublicError):
            one.refund_credit(note, "10.00")

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(refund, [till.process() for _ in range(AT_ONCE)]))
    assert free(trade, note) == Decimal("3.21")


def test_nothing_is_refunded_to_a_customer_who_is_forgotten(till: Till, trade: Trade, customer: str) -> None:
    note = bonus(trade, customer)
    till.refund_credit(note, "1.00")
    forget(trade, customer)
    with pytest.raises(KeyShredded):
        till.refund_credit(note, "1.00")
    with refused_with(ErrorCode.CUSTOMER_UNKNOWN):
        statement(trade, customer)
