"""Imported documents name one another by key: a credit note takes back of its invoice, never more than is there."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest

from services.invoices.commands.importing import ImportedDocument, Keyed
from services.invoices.domain.document.content import Preceding
from services.invoices.domain.invoice import Invoice, State
from services.invoices.history import load_invoice
from services.invoices.replies import Outcome
from tests.integration.invoices.test_importing import CREDIT, codes, document, imported, numbers, size, told
from tests.integration.invoices.trade import Trade, line

pytestmark = pytest.mark.integration


def note(key: str, of: str, price: str = "9.75", customer: str = "a") -> ImportedDocument:
    return document(key, customer, price, earlier=(Keyed(of),), **CREDIT)


def stands(trade: Trade, outcome: Outcome) -> Invoice:
    """What the log says of a document that was imported."""
    assert outcome.numbered is not None, outcome.refusal
    invoice, _ = load_invoice(trade.ports.log, trade.tenant, outcome.numbered.invoice_id)
    assert invoice is not None
    return invoice


def test_a_credit_note_takes_back_of_the_invoice_that_it_names_by_key(trade: Trade) -> None:
    sold, back = imported(trade, document("1"), note("2", "1", "1.25"))
    invoice = stands(trade, sold)
    assert invoice.state is State.PARTLY_CREDITED
    assert invoice.no_longer_owed == Decimal("2.98")
    (named,) = stands(trade, back).content.preceding
    assert named == Preceding(invoice.draft.invoice_id, "INV-000001", invoice.content.issue_date)


def test_an_invoice_of_an_earlier_import_is_named_by_the_same_key(trade: Trade) -> None:
    (sold,) = imported(trade, document("1"))
    imported(trade, document("other"), note("2", "1"))
    assert stands(trade, sold).state is State.CANCELLED


def test_no_more_is_taken_back_than_was_invoiced_within_a_batch_and_over_batches(trade: Trade) -> None:
    outcomes = imported(trade, document("1"), note("2", "1", "5.00"), note("3", "1", "5.00"), note("4", "1", "4.75"))
    assert codes(outcomes) == ["", "", "credit_exceeds_invoice", ""]
    assert codes(imported(trade, note("5", "1", "0.01"))) == ["credit_exceeds_invoice"]
    assert stands(trade, outcomes[0]).state is State.CANCELLED


def test_a_command_afterwards_sees_what_was_taken_back(trade: Trade) -> None:
    sold, _ = imported(trade, document("1"), note("2", "1", "5.00"))
    content = stands(trade, sold).content
    named = (Preceding(stands(trade, sold).draft.invoice_id, "INV-000001"),)
    trade.issued(content.customer_id, line("2", "4.75"), **CREDIT, preceding=named)
    assert stands(trade, sold).state is State.CANCELLED


def test_a_key_under_which_nothing_is_issued_is_refused_with_its_place(trade: Trade) -> None:
    outcomes = imported(trade, note("1", "2"), document("2"), note("3", "3"), document("4", lines=()), note("5", "4"))
    assert codes(outcomes) == ["document_invalid", "", "document_invalid", "invoice_empty", "document_invalid"]
    refused = outcomes[0].refusal
    assert refused is not None
    assert refused.details == {"field": "preceding.0.key"}
    assert codes(imported(trade, note("1", "2"))) == [""]


def test_an_earlier_document_that_is_named_twice_is_refused_with_its_place(trade: Trade) -> None:
    by_key, elsewhere = (Keyed("1"), Keyed("1")), (Preceding(None, "2019/7"), Preceding(None, "2019/7"))
    twice = [replace(note(key, "1", "1.00"), earlier=earlier) for key, earlier in (("2", by_key), ("3", elsewhere))]
    _, *refused = imported(trade, document("1"), *twice)
    fields = [each.refusal.details for each in refused if each.refusal is not None]
    assert fields == [{"field": "preceding.1.key"}, {"field": "preceding.1.number"}]


def test_what_is_no_invoice_of_the_same_customer_is_not_credited(trade: Trade) -> None:
    outcomes = imported(
        trade, document("1"), note("2", "1", "1.00"), note("3", "2", "1.00"), note("4", "1", customer="b")
    )
    assert codes(outcomes) == ["", "", "not_creditable", "not_creditable"]


def test_an_invoice_names_others_without_taking_anything_back(trade: Trade) -> None:
    elsewhere = Preceding(None, "2019/7")
    first, second = imported(trade, document("1"), document("2", "b", earlier=(elsewhere, Keyed("1"))))
    assert stands(trade, first).state is State.ISSUED
    assert [each.number for each in stands(trade, second).content.preceding] == ["2019/7", "INV-000001"]


def test_linked_documents_that_are_sent_again_get_the_same_answer_and_write_nothing(trade: Trade) -> None:
    batch = [document("1"), note("2", "1", "5.00"), note("3", "1", "4.75")]
    first, written = told(imported(trade, *batch)), size(trade)
    assert told(imported(trade.process(), *batch)) == first
    assert told(imported(trade.process(), batch[1])) == [first[1]]
    assert codes(imported(trade, replace(batch[1], earlier=()))) == ["idempotency_conflict"]
    assert size(trade) == written


def test_a_dry_run_judges_links_and_records_nothing(trade: Trade) -> None:
    before = size(trade)
    outcomes = imported(trade, document("1"), note("2", "1", "5.00"), note("3", "1", "5.00"), dry_run=True)
    assert codes(outcomes) == ["", "", "credit_exceeds_invoice"]
    assert size(trade) == before


def test_batches_that_race_for_one_invoice_take_back_no_more_than_there_is(trade: Trade) -> None:
    (sold,) = imported(trade, document("1", price="10.00"))

    def credit(key: str) -> list[Outcome]:
        return imported(trade.process(), note(key, "1", "3.00"))

    with ThreadPoolExecutor(4) as threads:
        outcomes = [each for done in threads.map(credit, "abcd") for each in done]
    assert sorted(codes(outcomes)) == ["", "", "", "credit_exceeds_invoice"]
    assert len(set(numbers(outcomes)) - {""}) == len(stands(trade, sold).credited) == 3
