"""The invoice aggregate: what its events made of a document, and the decisions to draft and to issue it.

draft -> discarded
draft -> issued -> partly_credited -> cancelled
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from services.invoices.domain import refusals, refusals_of_sellers
from services.invoices.domain.document.bounds import require_bounded
from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.document.checking import check
from services.invoices.domain.document.content import Content, DocumentType
from services.invoices.domain.document.credit import NOTHING, Left, left_of
from services.invoices.domain.document.issuable import broken_by_parties
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.parties import Customer, Seller
from services.invoices.domain.document.plausible import require_plausible
from services.invoices.domain.document.totals import Totals
from services.invoices.domain.events import (
    CreditNoteIssued,
    DocumentArchived,
    DraftChanged,
    DraftDiscarded,
    Event,
    InvoiceCredited,
    InvoiceDrafted,
    InvoiceIssued,
    Issued,
    NumberTaken,
    XmlArchived,
)
from services.invoices.domain.series import DocumentNumber

_OLDEST_YEARS, _FURTHEST_AHEAD = 50, timedelta(days=3 * 365)
"""How old an issue date may be (older papers are imported) and how far ahead: a slip there would, among other things,
keep the customer's data for as long as the retention period of that date."""


class State(StrEnum):
    """How far a document has come. Whether it is paid is another question."""

    DRAFT = "draft"
    DISCARDED = "discarded"
    ISSUED = "issued"
    PARTLY_CREDITED = "partly_credited"
    CANCELLED = "cancelled"
    """Nothing is left that could be credited."""


@dataclass(frozen=True, slots=True)
class Invoice:
    """An invoice or credit note as its events left it."""

    draft: InvoiceDrafted
    """With what it says now."""
    totals: Totals
    issued: Issued | None = None
    archived: bool = False
    """Whether its document is drawn and stored."""
    discarded: bool = False
    credited: tuple[InvoiceCredited, ...] = ()
    """By which credit notes, in the order of their issue."""

    @property
    def content(self) -> Content:
        """Return what it says now."""
        return self.draft.content

    @property
    def state(self) -> State:
        """Return how far it has come."""
        if self.issued is None:
            return State.DISCARDED if self.discarded else State.DRAFT
        if not self.credited:
            return State.ISSUED
        return State.CANCELLED if self.credited[-1].cancels else State.PARTLY_CREDITED

    @property
    def no_longer_owed(self) -> Decimal:
        """Return what credit notes took of what is to be paid: all of it once cancelled, whatever was rounded."""
        if self.state is State.CANCELLED:
            return self.totals.payable
        return sum((event.credit.gross for event in self.credited), NOTHING)

    def left(self, *more: InvoiceCredited) -> Left | None:
        """Return what can still be credited, after `more`; None when that would be more than was invoiced."""
        return left_of(self.totals, (event.credit for event in (*self.credited, *more)))


def evolve(invoice: Invoice | None, event: Event) -> Invoice | None:
    """Fold one event of the invoice's stream; ValueError for a history that cannot have happened."""
    if isinstance(event, InvoiceDrafted):
        if invoice is not None:
            raise ValueError("an invoice is drafted once")
        return Invoice(draft=event, totals=calculate(event.content))
    if isinstance(event, DraftChanged | DraftDiscarded | Issued):
        if invoice is None or invoice.state is not State.DRAFT:
            raise ValueError("only a draft is changed, discarded or issued")
        return _of_draft(invoice, event)
    if isinstance(event, XmlArchived | DocumentArchived):
        if invoice is None or invoice.issued is None or invoice.archived:
            raise ValueError("what is issued is archived once")
        return replace(invoice, archived=isinstance(event, DocumentArchived))
    if isinstance(event, InvoiceCredited):
        if invoice is None or invoice.issued is None:
            raise ValueError("only what is issued is credited")
        return _credited(invoice, event)
    raise ValueError(f"{type(event).__name__} does not belong to an invoice")


def _of_draft(draft: Invoice, event: DraftChanged | DraftDiscarded | Issued) -> Invoice:
    if isinstance(event, Issued):
        return replace(draft, issued=event)
    if isinstance(event, DraftDiscarded):
        return replace(draft, discarded=True)
    if event.content.customer_id != draft.content.customer_id:
        raise ValueError("a draft stays with its customer")
    drafted = replace(draft.draft, content=event.content)
    return replace(draft, draft=drafted, totals=calculate(event.content))


def _credited(invoice: Invoice, event: InvoiceCredited) -> Invoice:
    left = invoice.left(event)
    if left is None or event.cancels is not left.is_nothing:
        raise ValueError("no more is credited than was invoiced, and what cancels leaves nothing")
    return replace(invoice, credited=(*invoice.credited, event))


def fold(events: Iterable[Event]) -> Invoice | None:
    """Return the invoice that these events describe; None when there are none."""
    invoice: Invoice | None = None
    for event in events:
        invoice = evolve(invoice, event)
    return invoice


def decide_draft(*, invoice_id: str, content: Content, today: date, quote_id: str | None = None) -> InvoiceDrafted:
    """Decide on a draft. Raises PublicError invoice_empty, line_invalid, document_invalid, issue_date_invalid."""
    require_content(content, today)
    return InvoiceDrafted(invoice_id, content, quote_id)


def decide_complete(*, invoice_id: str, content: Content, today: date) -> Invoice:
    """Decide on a draft that is issued at once; return it as it stands in between. Raises as `decide_draft`."""
    totals = require_content(content, today)
    return Invoice(InvoiceDrafted(invoice_id, content), totals)


def require_content(content: Content, today: date) -> Totals:
    """Return what a draft comes to, refusing what none may say. Raises PublicError as `decide_draft`."""
    check(content)
    totals = require_bounded(content)
    require_plausible(content)
    check_issue_date(content.issue_date, today)
    return totals


def require_draft(invoice: Invoice | None) -> Invoice:
    """Return what is still a draft. Raises PublicError invoice_unknown, invoice_already_issued, invoice_discarded."""
    if invoice is None:
        raise refusals.invoice_unknown()
    if invoice.issued is not None:
        raise refusals.already_issued()
    if invoice.discarded:
        raise refusals.draft_discarded()
    return invoice


def check_issue_date(day: date, today: date) -> None:
    """Refuse a day (BT-2) that can only be a slip; PublicError issue_date_invalid."""
    if today.year - day.year > _OLDEST_YEARS or day > today + _FURTHEST_AHEAD:
        raise refusals.issue_date_invalid()


def issuable_days(today: date) -> tuple[date, date]:
    """Return the first and the last issue date that today's documents may have."""
    return date(today.year - _OLDEST_YEARS, 1, 1), today + _FURTHEST_AHEAD


def document_of(draft: InvoiceDrafted, issued: Issued) -> Document:
    """Return what every form of the document is made from."""
    return Document(
        number=str(issued.number),
        issued_at=issued.issued_at,
        content=draft.content,
        seller=issued.seller,
        customer=issued.customer,
        totals=issued.totals,
    )


def decide_issue(
    invoice: Invoice | None,
    *,
    seller: Seller | None,
    customer: Customer | None,
    number: DocumentNumber,
    issued_at: str,
    mailed: bool = True,
) -> tuple[InvoiceIssued | CreditNoteIssued, NumberTaken]:
    """Decide on issuing: the document gets this number, the next of its counter; `mailed` False: nobody gets a mail.

    Raises PublicError invoice_unknown, invoice_already_issued, invoice_discarded, seller_missing, customer_unknown,
    document_invalid for VAT of a small business, document_breaks_rule.
    """
    invoice = require_draft(invoice)
    if seller is None:
        raise refusals_of_sellers.seller_missing()
    if customer is None:
        raise refusals.customer_unknown()
    draft = invoice.draft
    if seller.small_business and invoice.totals.vat:
        raise refusals_of_sellers.small_business_charges_no_vat()
    if broken := broken_by_parties(draft.content, seller, customer):
        raise refusals.document_breaks_rule(broken)
    kind: type[InvoiceIssued | CreditNoteIssued] = (
        CreditNoteIssued if draft.content.document_type is DocumentType.CREDIT_NOTE else InvoiceIssued
    )
    issued = kind(
        invoice_id=draft.invoice_id,
        number=number,
        issued_at=issued_at,
        seller=seller,
        customer=customer,
        currency=draft.content.currency,
        totals=invoice.totals,
        mailed=mailed,
    )
    return issued, NumberTaken(number, draft.invoice_id, draft.content.document_type, draft.content.issue_date)
