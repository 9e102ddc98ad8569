from datetime import date
from decimal import Decimal

import pytest

from services.invoices.domain.document.content import DocumentType
from services.invoices.domain.events import (
    CreditNoteIssued,
    CustomerRegistered,
    Event,
    InvoiceDrafted,
    InvoiceIssued,
    NumberTaken,
)
from services.invoices.domain.invoice import Invoice, decide_draft, decide_issue, document_of, evolve, fold
from services.invoices.domain.series import Counter, DocumentNumber, numbering_stream, seller_stream, series_stream
from shared.contracts.errors import ErrorCode, PublicError
from tests.unit.invoices.samples import (
    CUSTOMER,
    INVOICE_ID,
    ISSUED_AT,
    SELLER,
    TODAY,
    draft,
    drafted,
    issue,
    line,
    lines,
)


def refused_with(code: ErrorCode) -> "pytest.RaisesExc[PublicError]":
    return pytest.RaisesExc(PublicError, check=lambda error: error.code is code)


def decide(invoice: Invoice | None, **changes: object) -> tuple[InvoiceIssued | CreditNoteIssued, NumberTaken]:
    number = DocumentNumber("INV", 42, "INV-000042")
    known: dict[str, object] = {"seller": SELLER, "customer": CUSTOMER, "number": number, "issued_at": ISSUED_AT}
    return decide_issue(invoice, **(known | changes))  # type: ignore[arg-type]  # tests change what they name


def test_a_draft_keeps_its_lines_and_has_no_number() -> None:
    invoice = drafted(draft(lines(3)))
    assert invoice.draft.content.lines == tuple(lines(3))
    assert invoice.issued is None


def test_issuing_gives_the_next_number_and_both_parties_as_they_are_now() -> None:
    issued, taken = decide(drafted())
    assert isinstance(issued, InvoiceIssued)
    assert str(issued.number) == "INV-000042"
    assert (issued.seller, issued.customer, issued.issued_at) == (SELLER, CUSTOMER, ISSUED_AT)
    assert taken == NumberTaken(issued.number, INVOICE_ID, DocumentType.INVOICE, date(2026, 6, 2))
    assert issued.totals == drafted().totals


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        (DocumentType.CREDIT_NOTE, CreditNoteIssued),
        (DocumentType.PREPAYMENT_INVOICE, InvoiceIssued),
        (DocumentType.INVOICE, InvoiceIssued),
    ],
)
def test_what_is_issued_is_what_was_drafted(kind: DocumentType, event: type) -> None:
    issued, taken = decide(drafted(draft(document_type=kind)))
    assert isinstance(issued, event)
    assert (taken.number, taken.document_type) == (issued.number, kind)


def test_every_form_is_made_from_what_was_drafted_and_what_was_issued() -> None:
    event = draft()
    document = document_of(event, issue(event))
    assert (document.number, document.issued_at, document.content) == ("INV-000042", ISSUED_AT, event.content)
    assert (document.seller, document.customer, document.totals) == (SELLER, CUSTOMER, drafted(event).totals)


def test_issuing_twice_is_refused() -> None:
    issued, _ = decide(drafted())
    with refused_with(ErrorCode.INVOICE_ALREADY_ISSUED):
        decide(evolve(drafted(), issued))


def test_issuing_what_is_not_there_is_refused() -> None:
    with refused_with(ErrorCode.INVOICE_UNKNOWN):
        decide(None)
    with refused_with(ErrorCode.SELLER_MISSING):
        decide(drafted(), seller=None)
    with refused_with(ErrorCode.CUSTOMER_UNKNOWN):
        decide(drafted(), customer=None)


def test_a_draft_that_no_document_may_be_is_refused() -> None:
    with refused_with(ErrorCode.INVOICE_EMPTY):
        decide_draft(invoice_id=INVOICE_ID, content=draft([]).content, today=TODAY)
    with refused_with(ErrorCode.LINE_INVALID):
        decide_draft(invoice_id=INVOICE_ID, content=draft([line(quantity="0")]).content, today=TODAY)
    with refused_with(ErrorCode.DOCUMENT_INVALID):
        decide_draft(invoice_id=INVOICE_ID, content=draft(prepaid=Decimal(-1)).content, today=TODAY)


def test_a_stream_without_events_is_no_invoice() -> None:
    assert fold([]) is None


def test_draft_and_issue_fold_to_an_issued_invoice() -> None:
    event = draft()
    invoice = fold([event, issue(event)])
    assert invoice is not None
    assert invoice.issued == issue(event)


ISSUED = issue(draft())


@pytest.mark.parametrize(
    "history",
    [
        [draft(), draft()],
        [ISSUED],
        [draft(), ISSUED, ISSUED],
        [draft(), ISSUED, draft()],
        [NumberTaken(ISSUED.number, INVOICE_ID, DocumentType.INVOICE, TODAY)],
        [draft(), CustomerRegistered(CUSTOMER)],
    ],
    ids=lambda history: "-".join(type(event).__name__ for event in history),
)
def test_a_history_that_cannot_have_happened_is_not_folded(history: list[Event]) -> None:
    with pytest.raises(ValueError, match=r"drafted once|only a draft|does not belong"):
        fold(history)


def draft_on(issue_date: date) -> InvoiceDrafted:
    asked = draft(issue_date=issue_date, external_reference="RE2601", note="Thank you.")
    return decide_draft(invoice_id=INVOICE_ID, content=asked.content, today=TODAY)


def test_the_draft_holds_everything_that_was_asked() -> None:
    assert draft_on(date(2026, 6, 2)) == draft(external_reference="RE2601", note="Thank you.")


@pytest.mark.parametrize("issue_date", [date(1, 1, 1), date(1975, 12, 31), date(2029, 12, 1), date(9999, 12, 31)])
def test_an_issue_date_that_can_only_be_a_slip_is_refused(issue_date: date) -> None:
    with pytest.raises(PublicError) as refused:
        draft_on(issue_date)
    assert refused.value.code == ErrorCode.ISSUE_DATE_INVALID


@pytest.mark.parametrize("issue_date", [date(1976, 1, 1), TODAY, date(2029, 11, 1)])
def test_old_papers_and_coming_months_are_fine(issue_date: date) -> None:
    assert draft_on(issue_date).content.issue_date == issue_date


def test_stream_names_are_opaque_stable_and_each_tenants_own() -> None:
    tenant, other = "019aa0e5-1111-7000-8000-000000000001", "019aa0e5-1111-7000-8000-000000000002"
    # These names are in logs for good: they must never come out differently.
    assert series_stream(tenant, Counter("INV")) == "series-85ea4ca4-2dc0-505d-aae2-f99f319f8720"
    assert seller_stream(tenant) == "seller-9ea15950-2ca8-572e-b973-b1ffeeb8afb0"
    counters = [Counter("INV"), Counter("INV", 2025), Counter("INV", 2026), Counter("CN")]
    names = {series_stream(each, counter) for each in (tenant, other) for counter in counters}
    names |= {stream(each) for each in (tenant, other) for stream in (seller_stream, numbering_stream)}
    assert len(names) == 12
