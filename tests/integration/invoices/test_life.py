"""Drafts, corrections and the states of documents over a real database."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from services.invoices.commands.documents import ChangeDraft, CreditInvoice, DiscardDraft, DuplicateInvoice
from services.invoices.domain.crediting import CreditedLine
from services.invoices.domain.document.content import Content, DocumentType, Preceding
from services.invoices.handlers import crediting, drafts
from services.invoices.history import invoice_stream, load_invoice
from services.invoices.replies import Changed, Drafted
from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.model import RecordedEvent
from tests.integration.invoices.trade import Trade, command_id, everything, line, refused_with

pytestmark = pytest.mark.integration


def changed(trade: Trade, invoice_id: str, version: int, content: Content) -> Changed:
    command = ChangeDraft(invoice_id, version, content)
    return drafts.change_draft(trade.ports, command, tenant=trade.tenant, command_id=command_id(), allow=everything)


def credit(trade: Trade, invoice_id: str, quantity: str | None = None) -> Drafted:
    lines = None if quantity is None else (CreditedLine(0, Decimal(quantity)),)
    command = CreditInvoice(invoice_id, lines)
    return crediting.credit_invoice(
        trade.ports, command, tenant=trade.tenant, command_id=command_id(), allow=everything
    )


def shown(trade: Trade, invoice_id: str) -> dict[str, object]:
    trade.runner.run_once()
    return trade.queries.invoice(trade.tenant, invoice_id, None, everything)


def stream(trade: Trade, invoice_id: str) -> list[RecordedEvent]:
    return trade.ports.log.load(trade.tenant, invoice_stream(invoice_id))


def content_of(trade: Trade, invoice_id: str) -> Content:
    invoice, _ = load_invoice(trade.ports.log, trade.tenant, invoice_id)
    assert invoice is not None
    return invoice.content


def outcome_of_issuing(trade: Trade, invoice_id: str) -> str:
    try:
        return trade.issue(invoice_id).number
    except PublicError as refused:
        return refused.code.value


def test_what_a_draft_says_last_is_what_is_issued_and_drawn(trade: Trade) -> None:
    customer = trade.customer()
    draft = trade.draft(customer)
    said = replace(content_of(trade, draft.invoice_id), lines=(line("1", "40.00", "Brass gong"),), note="Thank you.")
    after = changed(trade, draft.invoice_id, 1, said)
    assert (after.version, after.totals["payable"]) == (2, "47.60")
    trade.issue(draft.invoice_id)
    trade.archive(draft.invoice_id)
    assert trade.document(draft.invoice_id).content.startswith(b"%PDF")
    found = shown(trade, draft.invoice_id)
    assert (found["state"], found["version"]) == ("issued", 5)
    assert found["content"]["note"] == "Thank you."  # type: ignore[index]  # a row's content is an object


def test_of_two_who_read_the_same_draft_one_changes_it(trade: Trade) -> None:
    draft = trade.draft(trade.customer())
    said = content_of(trade, draft.invoice_id)
    contents = [replace(said, note=f"Version of person {number}.") for number in range(4)]

    def change(content: Content) -> str:
        try:
            return str(changed(trade, draft.invoice_id, 1, content).version)
        except PublicError as refused:
            return refused.code.value
        except Exception as error:  # noqa: BLE001 -- the border tells callers of a conflict as concurrent_change
            return type(error).__name__

    with ThreadPoolExecutor(4) as people:
        outcomes = sorted(people.map(change, contents))
    assert outcomes.count("2") == 1
    assert set(outcomes) <= {"2", "concurrent_change", "VersionConflict"}
    assert len(stream(trade, draft.invoice_id)) == 2


def test_a_draft_stays_with_its_customer(trade: Trade) -> None:
    draft, other = trade.draft(trade.customer()), trade.customer("Another")
    said = replace(content_of(trade, draft.invoice_id), customer_id=other)
    with refused_with(ErrorCode.DOCUMENT_INVALID):
        changed(trade, draft.invoice_id, 1, said)


def test_a_discarded_draft_is_shown_as_such_and_gets_no_number(trade: Trade) -> None:
    draft = trade.draft(trade.customer())
    command = DiscardDraft(draft.invoice_id, 1)
    drafts.discard_draft(trade.ports, command, tenant=trade.tenant, command_id=command_id(), allow=everything)
    assert shown(trade, draft.invoice_id)["state"] == "discarded"
    with refused_with(ErrorCode.INVOICE_DISCARDED):
        trade.issue(draft.invoice_id)
    assert trade.series() == []


def test_an_issued_document_is_not_changed_by_anything_that_a_caller_can_send(trade: Trade) -> None:
    issued = trade.issued(trade.customer())
    before, said = stream(trade, issued.invoice_id), content_of(trade, issued.invoice_id)
    other = replace(said, lines=(line("1", "1.00", "Something else"),))
    for version in range(1, 4):
        # Whatever version it was read in: to read it again would not help.
        with refused_with(ErrorCode.INVOICE_ALREADY_ISSUED):
            changed(trade, issued.invoice_id, version, other)
    with refused_with(ErrorCode.INVOICE_ALREADY_ISSUED):
        drafts.discard_draft(
            trade.ports,
            DiscardDraft(issued.invoice_id),
            tenant=trade.tenant,
            command_id=command_id(),
            allow=everything,
        )
    with refused_with(ErrorCode.INVOICE_ALREADY_ISSUED):
        trade.issue(issued.invoice_id)
    note = credit(trade, issued.invoice_id)
    trade.issue(note.invoice_id)
    assert stream(trade, issued.invoice_id)[: len(before)] == before
    assert content_of(trade, issued.invoice_id) == said
    trade.archive(issued.invoice_id)
    assert trade.document(issued.invoice_id).content.startswith(b"%PDF")


def test_credit_notes_in_parts_lead_to_a_cancelled_invoice(trade: Trade) -> None:
    issued = trade.issued(trade.customer(), line(quantity="3", price="10.00"))
    first = trade.issue(credit(trade, issued.invoice_id, "1").invoice_id)
    found = shown(trade, issued.invoice_id)
    assert found["state"] == "partly_credited"
    assert found["credit_notes"] == [{"invoice_id": first.invoice_id, "number": "CN-000001", "gross": "11.90"}]
    trade.issue(credit(trade, issued.invoice_id, "2").invoice_id)
    assert shown(trade, issued.invoice_id)["state"] == "cancelled"
    listed = trade.listed()["invoices"]
    assert [each["state"] for each in listed] == ["cancelled", "issued", "issued"]


def test_many_credit_notes_at_once_never_take_back_more_than_was_invoiced(trade: Trade) -> None:
    issued = trade.issued(trade.customer(), line(quantity="3", price="10.00"))
    notes = [credit(trade, issued.invoice_id, "1").invoice_id for _ in range(6)]
    tills = [trade.process() for _ in notes]
    with ThreadPoolExecutor(len(notes)) as people:
        outcomes = sorted(people.map(outcome_of_issuing, tills, notes))
    assert outcomes == ["CN-000001", "CN-000002", "CN-000003", *["credit_exceeds_invoice"] * 3]
    assert trade.series("CN") == [1, 2, 3]
    assert shown(trade, issued.invoice_id)["state"] == "cancelled"


def test_a_credit_note_that_was_changed_takes_back_no_more_than_was_invoiced(trade: Trade) -> None:
    issued = trade.issued(trade.customer(), line(quantity="3", price="10.00"))
    note = credit(trade, issued.invoice_id, "1").invoice_id
    said = content_of(trade, note)
    changed(trade, note, 1, replace(said, lines=(replace(said.lines[0], unit_price=Decimal("30.01")),)))
    size = trade.ports.log.head(trade.tenant).size
    with refused_with(ErrorCode.CREDIT_EXCEEDS_INVOICE):
        trade.issue(note)
    assert trade.ports.log.head(trade.tenant).size == size


def test_a_credit_note_goes_to_the_customer_of_the_invoice(trade: Trade) -> None:
    issued = trade.issued(trade.customer())
    preceding = content_of(trade, credit(trade, issued.invoice_id).invoice_id).preceding
    elsewhere = trade.draft(trade.customer("Another"), document_type=DocumentType.CREDIT_NOTE, preceding=preceding)
    with refused_with(ErrorCode.NOT_CREDITABLE):
        trade.issue(elsewhere.invoice_id)


def test_a_copy_is_of_today_and_refers_to_nothing(trade: Trade) -> None:
    issued = trade.issued(trade.customer(), order_reference="PO-1", external_reference="RE-1")
    copy = drafts.duplicate_invoice(
        trade.ports,
        DuplicateInvoice(issued.invoice_id),
        tenant=trade.tenant,
        command_id=command_id(),
        allow=everything,
    )
    said = content_of(trade, copy.invoice_id)
    assert (said.order_reference, said.external_reference, said.preceding) == (None, None, ())
    assert said.issue_date == trade.ports.clock.now().date() != date(2026, 6, 2)
    assert said.lines == content_of(trade, issued.invoice_id).lines


def test_the_read_models_are_the_same_after_a_replay(lonely_trade: Trade) -> None:
    trade = lonely_trade
    customer = trade.customer()
    issued = trade.issued(customer, line(quantity="3", price="10.00"))
    trade.issue(credit(trade, issued.invoice_id, "1").invoice_id)
    draft = trade.draft(customer)
    changed(trade, draft.invoice_id, 1, replace(content_of(trade, draft.invoice_id), note="Changed."))
    before = [shown(trade, each) for each in (issued.invoice_id, draft.invoice_id)]
    trade.runner.rebuild(trade.projection)
    assert [shown(trade, each) for each in (issued.invoice_id, draft.invoice_id)] == before


def test_an_earlier_document_is_named_by_its_own_number_and_date(trade: Trade) -> None:
    customer = trade.customer()
    issued = trade.issued(customer)
    for wrong in (
        Preceding(issued.invoice_id, "INV-999999"),
        Preceding(issued.invoice_id, issued.number, date(2020, 1, 1)),
        Preceding(trade.draft(customer).invoice_id, issued.number),
    ):
        with refused_with(ErrorCode.DOCUMENT_INVALID):
            trade.draft(customer, document_type=DocumentType.CREDIT_NOTE, preceding=(wrong,))
