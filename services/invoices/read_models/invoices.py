"""The projection that feeds all read models of invoices. One, because a draft shows its customer's name."""

import psycopg

from services.invoices.domain.events import (
    ClaimEvent,
    CreditNoteRefunded,
    CustomerChanged,
    CustomerRegistered,
    DocumentArchived,
    DraftChanged,
    DraftDiscarded,
    Event,
    InvoiceCredited,
    InvoiceDrafted,
    InvoiceIssued,
    Issued,
    ItemChanged,
    ItemRegistered,
    ItemRetired,
    NumberTaken,
    PaymentEvent,
    PlanEnded,
    PlanMade,
    PlanPaused,
    PlanResumed,
    QuoteEvent,
    ReceivableEvent,
    ShreddingRejected,
    ShreddingRequested,
    ShreddingWithdrawn,
    SubjectShredded,
)
from services.invoices.history import customer_of, decode, shredded_customer
from services.invoices.read_models import plans
from services.invoices.read_models.cells import Cells
from services.invoices.read_models.claims import ClaimRows
from services.invoices.read_models.customers import CustomerRows
from services.invoices.read_models.documents import DocumentRows
from services.invoices.read_models.forgetting import forget
from services.invoices.read_models.items import ItemRows
from services.invoices.read_models.payments import PaymentRows
from services.invoices.read_models.quotes import QuoteRows
from services.invoices.read_models.register import RegisterRows
from services.invoices.read_models.search import SearchIndex
from services.invoices.read_models.unsettled import UnsettledRows
from shared.eventstore.model import RecordedEvent

NAME = "invoices"

_TABLES = (
    *("customers", "contents", "invoices", "document_references", "payments", "claims", "numbers", "corrections"),
    *("overrides", "plans", "unsettled", "items", "quotes", "forgotten"),
)
_EMPTY = f"TRUNCATE {', '.join(_TABLES)}"
_ASK = "INSERT INTO overrides (tenant, customer_id) VALUES (%s, %s) ON CONFLICT DO NOTHING"
_END = "DELETE FROM overrides WHERE tenant = %s AND customer_id = %s"


class InvoicesProjection:
    """Turns the log into rows that depend on nothing but the events and their keys.

    A customer who was shredded leaves no row. Live, the rows go when the event comes that says so; in a replay the
    customer's events are not passed on, because their keys are gone; both end in the same rows.
    """

    name = NAME

    def __init__(self, cells: Cells, search: SearchIndex) -> None:
        self._customers = CustomerRows(cells, search)
        self._documents = DocumentRows(cells, search, self._customers)
        self._payments = PaymentRows(cells)
        self._claims = ClaimRows(cells, self._customers)
        self._register = RegisterRows(cells, search)
        self._unsettled = UnsettledRows(cells)
        self._items = ItemRows(cells, search)
        self._quotes = QuoteRows(cells)

    def apply(self, cursor: psycopg.Cursor, event: RecordedEvent) -> None:
        """Change the rows that this event changes."""
        match decode(event):
            case CustomerRegistered(customer):
                self._customers.register(cursor, event, customer)
            case CustomerChanged(customer):
                self._customers.change(cursor, event, customer)
            case NumberTaken() as taken:
                self._register.take(cursor, event, taken)
            case PlanMade() | PlanPaused() | PlanResumed() | PlanEnded() as change:
                plans.apply(cursor, event, change)
            case ShreddingRequested(customer_id=customer_id, override=str()):
                cursor.execute(_ASK, (event.tenant, customer_id))
            case ShreddingRejected() | ShreddingWithdrawn():
                cursor.execute(_END, (event.tenant, shredded_customer(event.stream)))
            case SubjectShredded(subject=subject):
                self._forget(cursor, event.tenant, subject)
            case happened if isinstance(happened, PaymentEvent | ReceivableEvent | ClaimEvent):
                self._owed(cursor, event, happened)
            case happened:
                self._document(cursor, event, happened)

    def reset(self, cursor: psycopg.Cursor) -> None:
        """Empty the tables for a replay."""
        cursor.execute(_EMPTY.encode())

    def _document(self, cursor: psycopg.Cursor, event: RecordedEvent, happened: Event) -> None:
        """Change the row of a document, an item or a quote."""
        match happened:
            case InvoiceDrafted() as drafted:
                self._documents.draft(cursor, event, drafted)
            case DraftChanged() as changed:
                self._documents.change_draft(cursor, event, changed)
            case DraftDiscarded() as discarded:
                self._documents.discard(cursor, event, discarded)
            case Issued() as issued:
                self._issue(cursor, event, issued)
            case InvoiceCredited() as credited:
                self._documents.credit(cursor, event, credited)
                self._unsettled.change(cursor, event, credited)
            case CreditNoteRefunded() as refunded:
                self._documents.refund(cursor, event, refunded)
            case DocumentArchived() as archived:
                self._documents.archive(cursor, event, archived)
            case ItemRegistered() | ItemChanged() | ItemRetired() as change:
                self._items.apply(cursor, event, change)
            case offer if isinstance(offer, QuoteEvent):
                self._quotes.apply(cursor, event, offer)
            case _:
                pass

    def _owed(
        self, cursor: psycopg.Cursor, event: RecordedEvent, happened: PaymentEvent | ReceivableEvent | ClaimEvent
    ) -> None:
        """Change what tells of money and of what is owed."""
        if isinstance(happened, PaymentEvent):
            self._payments.apply(cursor, event, happened)
        elif isinstance(happened, ClaimEvent):
            self._claims.apply(cursor, event, happened)
        elif self._documents.receive(cursor, event, happened):
            self._unsettled.change(cursor, event, happened)
        else:
            self._claims.receive(cursor, event, happened)

    def _issue(self, cursor: psycopg.Cursor, event: RecordedEvent, issued: Issued) -> None:
        brief = self._documents.issue(cursor, event, issued)
        if brief is None:
            return
        self._register.correct(cursor, event, issued, brief.get("preceding", ()))
        if isinstance(issued, InvoiceIssued):
            self._unsettled.issue(cursor, event, issued, brief["due_date"])

    @staticmethod
    def _forget(cursor: psycopg.Cursor, tenant: str, subject: str) -> None:
        """Take away every row about a customer; whatever else is a subject has no rows here."""
        customer_id = customer_of(subject)
        if customer_id is not None:
            forget(cursor, tenant, customer_id)
