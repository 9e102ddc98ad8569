"""The projection that feeds customers, invoices and totals. One, because a draft shows its customer's name."""

from collections.abc import Mapping
from typing import Any

import psycopg

from services.invoices.codec import read, written
from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.document.content import Content
from services.invoices.domain.document.parties import Customer
from services.invoices.domain.events import (
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
    NumberTaken,
    PlanEnded,
    PlanMade,
    PlanPaused,
    PlanResumed,
    ShreddingRejected,
    ShreddingRequested,
    ShreddingWithdrawn,
    SubjectShredded,
)
from services.invoices.domain.invoice import State
from services.invoices.history import customer_of, decode, person_of, shredded_customer
from services.invoices.read_models import plans, search
from services.invoices.read_models.cells import Cells, SealedCell
from services.invoices.read_models.register import RegisterRows
from services.invoices.read_models.search import SearchIndex
from services.invoices.read_models.totals import ZERO, added
from services.invoices.read_models.unsettled import UnsettledRows
from shared.eventstore.model import RecordedEvent

NAME = "invoices"
CUSTOMERS, INVOICES, TOTALS = "customers", "invoices", "customer_totals"

# Whoever registered them stays who did, whoever changes them.
_PUT_CUSTOMER = """
    INSERT INTO customers (tenant, customer_id, registered_by, name_index, email_index, key, sealed)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (tenant, customer_id) DO UPDATE SET name_index = excluded.name_index,
        email_index = excluded.email_index, key = excluded.key, sealed = excluded.sealed
"""
_ADD_INVOICE = """
    INSERT INTO invoices (tenant, invoice_id, customer_id, position, state, key, sealed)
    VALUES (%s, %s, %s, %s, 'draft', %s, %s)
"""
_PUT_INVOICE = """
    UPDATE invoices SET state = coalesce(%s, state), key = %s, sealed = %s WHERE tenant = %s AND invoice_id = %s
"""
_PUT_TOTALS = """
    INSERT INTO customer_totals (tenant, customer_id, key, sealed) VALUES (%s, %s, %s, %s)
    ON CONFLICT (tenant, customer_id) DO UPDATE SET key = excluded.key, sealed = excluded.sealed
"""
_CUSTOMER = "SELECT key::text, sealed FROM customers WHERE tenant = %s AND customer_id = %s"
_INVOICE = "SELECT key::text, sealed FROM invoices WHERE tenant = %s AND invoice_id = %s"
_FORGET = (
    "DELETE FROM customers WHERE tenant = %s AND customer_id = %s",
    "DELETE FROM invoices WHERE tenant = %s AND customer_id = %s",
    "DELETE FROM customer_totals WHERE tenant = %s AND customer_id = %s",
    "DELETE FROM corrections WHERE tenant = %s AND customer_id = %s",
    "DELETE FROM overrides WHERE tenant = %s AND customer_id = %s",
    "DELETE FROM plans WHERE tenant = %s AND customer_id = %s",
    "DELETE FROM unsettled WHERE tenant = %s AND customer_id = %s",
    "INSERT INTO forgotten (tenant, customer_id) VALUES (%s, %s) ON CONFLICT DO NOTHING",
)
_ASK = "INSERT INTO overrides (tenant, customer_id) VALUES (%s, %s) ON CONFLICT DO NOTHING"
_END = "DELETE FROM overrides WHERE tenant = %s AND customer_id = %s"
_FORGOTTEN = "SELECT FROM forgotten WHERE tenant = %s AND customer_id = %s"
_TOTALS = "SELECT key::text, sealed FROM customer_totals WHERE tenant = %s AND customer_id = %s"


class InvoicesProjection:
    """Turns the log into rows that depend on nothing but the events and their keys.

    A customer who was shredded leaves no row. Live, the rows go when the event comes that says so; in a replay the
    customer's events are not passed on, because their keys are gone; both end in the same rows.
    """

    name = NAME

    def __init__(self, cells: Cells, search: SearchIndex) -> None:
        self._cells, self._search = cells, search
        self._register = RegisterRows(cells, search)
        self._unsettled = UnsettledRows(cells)

    def apply(self, cursor: psycopg.Cursor, event: RecordedEvent) -> None:
        """Change the rows that this event changes."""
        match decode(event):
            case CustomerRegistered(customer) | CustomerChanged(customer):
                self._customer(cursor, event, customer)
            case InvoiceDrafted() as drafted:
                self._draft(cursor, event, drafted)
            case ShreddingRequested(customer_id=customer_id, override=str()):
                cursor.execute(_ASK, (event.tenant, customer_id))
            case ShreddingRejected() | ShreddingWithdrawn():
                cursor.execute(_END, (event.tenant, shredded_customer(event.stream)))
            case NumberTaken() as taken:
                self._register.take(cursor, event, taken)
            case PlanMade() | PlanPaused() | PlanResumed() | PlanEnded() as change:
                plans.apply(cursor, event, change)
            case SubjectShredded(subject=subject):
                self._forget(cursor, event.tenant, subject)
            case later:
                self._later(cursor, event, later)

    def reset(self, cursor: psycopg.Cursor) -> None:
        """Empty the tables for a replay."""
        cursor.execute(
            "TRUNCATE customers, invoices, customer_totals, numbers, corrections, overrides, plans, unsettled,"
            " forgotten"
        )

    def _customer(self, cursor: psycopg.Cursor, event: RecordedEvent, customer: Customer) -> None:
        cell = self._cells.seal(CUSTOMERS, event.tenant, customer.customer_id, event.key, written(customer))
        name = self._search.of(event.tenant, search.NAME, customer.name)
        email = self._search.of(event.tenant, search.EMAIL, customer.email)
        whose = (event.tenant, customer.customer_id, person_of(event.by) or None)
        cursor.execute(_PUT_CUSTOMER, (*whose, name, email, cell.key, cell.sealed))

    def _draft(self, cursor: psycopg.Cursor, event: RecordedEvent, drafted: InvoiceDrafted) -> None:
        customer_id = drafted.content.customer_id
        customer = self._stored(cursor, _CUSTOMER, CUSTOMERS, event.tenant, customer_id)
        if customer is None:
            _require_forgotten(cursor, event.tenant, customer_id)
            return
        shown = {"customer_name": customer["name"], "version": event.version, **_said(drafted.content)}
        cell = self._cells.seal(INVOICES, event.tenant, drafted.invoice_id, event.key, shown)
        row = (event.tenant, drafted.invoice_id, customer_id, event.position, cell.key, cell.sealed)
        cursor.execute(_ADD_INVOICE, row)

    def _later(self, cursor: psycopg.Cursor, event: RecordedEvent, happened: Event) -> None:
        """Change the row of a document that was drafted before."""
        match happened:
            case DraftChanged(invoice_id, content):
                self._put(cursor, event, invoice_id, {**self._called(cursor, event.tenant, content), **_said(content)})
            case DraftDiscarded() as discarded:
                self._put(cursor, event, discarded.invoice_id, {}, State.DISCARDED)
            case Issued() as issued:
                self._issue(cursor, event, issued)
            case InvoiceCredited() as credited:
                self._credit(cursor, event, credited)
                self._unsettled.change(cursor, event, credited)
            case DocumentArchived() as archived:
                self._put(cursor, event, archived.invoice_id, {"digest": event.digest})
            case other:
                self._unsettled.change(cursor, event, other)

    def _issue(self, cursor: psycopg.Cursor, event: RecordedEvent, issued: Issued) -> None:
        content = self._stored(cursor, _INVOICE, INVOICES, event.tenant, issued.invoice_id)
        if content is None:
            _require_forgotten(cursor, event.tenant, issued.customer.customer_id)
            return
        name = issued.customer.name
        more = {"number": str(issued.number), "issued_at": issued.issued_at, "customer_name": name}
        self._put(cursor, event, issued.invoice_id, more, State.ISSUED)
        self._register.correct(cursor, event, issued, content["content"].get("preceding", []))
        self._total(cursor, event, issued)
        if isinstance(issued, InvoiceIssued):
            self._unsettled.issue(cursor, event, issued, read(content["content"], Content))

    def _credit(self, cursor: psycopg.Cursor, event: RecordedEvent, credited: InvoiceCredited) -> None:
        content = self._stored(cursor, _INVOICE, INVOICES, event.tenant, credited.invoice_id) or {}
        note = {
            "invoice_id": credited.credit_note_id,
            "number": credited.number,
            "gross": written(credited.credit)["gross"],
        }
        state = State.CANCELLED if credited.cancels else State.PARTLY_CREDITED
        more = {"credit_notes": [*content.get("credit_notes", []), note]}
        self._put(cursor, event, credited.invoice_id, more, state)

    def _put(
        self,
        cursor: psycopg.Cursor,
        event: RecordedEvent,
        invoice_id: str,
        more: Mapping[str, object],
        state: State | None = None,
    ) -> None:
        """Change what a document's row says; its state too, if there is a new one."""
        content = self._stored(cursor, _INVOICE, INVOICES, event.tenant, invoice_id)
        if content is None:  # forgotten since it was drafted, or its first event would have been refused
            return
        content = {**content, "version": event.version, **more}
        cell = self._cells.seal(INVOICES, event.tenant, invoice_id, event.key, content)
        cursor.execute(_PUT_INVOICE, (state, cell.key, cell.sealed, event.tenant, invoice_id))

    def _total(self, cursor: psycopg.Cursor, event: RecordedEvent, issued: Issued) -> None:
        customer_id = issued.customer.customer_id
        by_currency = self._stored(cursor, _TOTALS, TOTALS, event.tenant, customer_id) or {}
        sums = by_currency.get(issued.currency, ZERO)
        by_currency[issued.currency] = added(sums, issued.totals, credit=not isinstance(issued, InvoiceIssued))
        cell = self._cells.seal(TOTALS, event.tenant, customer_id, event.key, by_currency)
        cursor.execute(_PUT_TOTALS, (event.tenant, customer_id, cell.key, cell.sealed))

    def _called(self, cursor: psycopg.Cursor, tenant: str, content: Content) -> dict[str, object]:
        """Return what a draft's customer is called now; nothing of one who is forgotten."""
        customer = self._stored(cursor, _CUSTOMER, CUSTOMERS, tenant, content.customer_id)
        return {} if customer is None else {"customer_name": customer["name"]}

    def _stored(
        self, cursor: psycopg.Cursor, query: str, table: str, tenant: str, row_id: str
    ) -> dict[str, Any] | None:
        row = cursor.execute(query.encode(), (tenant, row_id)).fetchone()
        return None if row is None else self._cells.open(table, tenant, row_id, SealedCell(*row))

    @staticmethod
    def _forget(cursor: psycopg.Cursor, tenant: str, subject: str) -> None:
        """Take away every row about a customer; whatever else is a subject has no rows here."""
        customer_id = customer_of(subject)
        if customer_id is not None:
            for statement in _FORGET:
                cursor.execute(statement.encode(), (tenant, customer_id))


def _said(content: Content) -> dict[str, object]:
    return {"content": written(content), "totals": written(calculate(content))}


def _require_forgotten(cursor: psycopg.Cursor, tenant: str, customer_id: str) -> None:
    """Raise LookupError for a row that should be there: only a forgotten customer has none."""
    if cursor.execute(_FORGOTTEN, (tenant, customer_id)).fetchone() is None:
        raise LookupError("there is no row that this event builds on")
