"""The rows of drafts, invoices and credit notes: what each says, how it stands, and by which references it is found."""

from collections.abc import Mapping
from typing import Any

import psycopg

from services.invoices.codec import written
from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.document.content import Content
from services.invoices.domain.events import (
    CreditNoteRefunded,
    DocumentArchived,
    DraftChanged,
    DraftDiscarded,
    InvoiceCredited,
    InvoiceDrafted,
    Issued,
    ReceivableEvent,
)
from services.invoices.domain.invoice import State
from services.invoices.read_models import briefs, owing, search
from services.invoices.read_models.cells import Cells
from services.invoices.read_models.customers import CustomerRows
from services.invoices.read_models.forgetting import require_forgotten
from services.invoices.read_models.search import SearchIndex
from services.invoices.read_models.versions import Versions, version_id
from shared.eventstore.model import RecordedEvent

CONTENTS, INVOICES = "contents", "invoices"

_CONTENTS = Versions(CONTENTS, "invoice_id", ("customer_id",))
_INVOICES = Versions(INVOICES, "invoice_id", ("customer_id", "position", "issued", "state"))
_REFER = """
    INSERT INTO document_references (tenant, reference_index, invoice_id, customer_id, since)
    VALUES (%s, %s, %s, %s, %s)
"""
_REFER_NO_MORE = """
    UPDATE document_references SET until = %s WHERE tenant = %s AND invoice_id = %s AND until IS NULL
"""


class DocumentRows:
    """Part of the projection."""

    def __init__(self, cells: Cells, search: SearchIndex, customers: CustomerRows) -> None:
        self._cells, self._search, self._customers = cells, search, customers

    def draft(self, cursor: psycopg.Cursor, event: RecordedEvent, drafted: InvoiceDrafted) -> None:
        """Write a draft down; it shows its customer as they are known now."""
        content, tenant = drafted.content, event.tenant
        brief, said = self._described(cursor, event, content)
        if brief is None:
            require_forgotten(cursor, tenant, content.customer_id)
            return
        place = version_id(drafted.invoice_id, event.position)
        cell = self._cells.seal(INVOICES, tenant, place, event.key, brief)
        _INVOICES.add(
            cursor, event, drafted.invoice_id, cell, content.customer_id, event.position, None, State.DRAFT.value
        )
        cell = self._cells.seal(CONTENTS, tenant, place, event.key, said)
        _CONTENTS.add(cursor, event, drafted.invoice_id, cell, content.customer_id)
        self._refer(cursor, event, drafted.invoice_id, content)

    def change_draft(self, cursor: psycopg.Cursor, event: RecordedEvent, changed: DraftChanged) -> None:
        """Let a draft say something else."""
        brief, said = self._described(cursor, event, changed.content)
        if brief is None:
            return
        self._put(cursor, event, changed.invoice_id, brief)
        place = version_id(changed.invoice_id, event.position)
        cell = self._cells.seal(CONTENTS, event.tenant, place, event.key, said)
        _CONTENTS.change(cursor, event, changed.invoice_id, cell)
        cursor.execute(_REFER_NO_MORE, (event.position, event.tenant, changed.invoice_id))
        self._refer(cursor, event, changed.invoice_id, changed.content)

    def discard(self, cursor: psycopg.Cursor, event: RecordedEvent, discarded: DraftDiscarded) -> None:
        """Note that a draft will never be issued."""
        self._add(cursor, event, discarded.invoice_id, {"version": event.version}, state=State.DISCARDED.value)

    def issue(self, cursor: psycopg.Cursor, event: RecordedEvent, issued: Issued) -> briefs.Brief | None:
        """Note that a draft was issued; return its brief, None when its customer is forgotten."""
        brief = self._brief(cursor, event.tenant, issued.invoice_id)
        if brief is None:
            require_forgotten(cursor, event.tenant, issued.customer.customer_id)
            return None
        brief = {**brief, **briefs.issue(issued, brief), "version": event.version}
        self._put(cursor, event, issued.invoice_id, brief, state=State.ISSUED.value, issued=event.position)
        return brief

    def archive(self, cursor: psycopg.Cursor, event: RecordedEvent, archived: DocumentArchived) -> None:
        """Note that the document was drawn."""
        self._add(cursor, event, archived.invoice_id, {"version": event.version, "digest": event.digest})

    def credit(self, cursor: psycopg.Cursor, event: RecordedEvent, credited: InvoiceCredited) -> None:
        """Note by which credit note an invoice is owed less."""
        brief = self._brief(cursor, event.tenant, credited.invoice_id)
        if brief is None:
            return
        note = {
            "invoice_id": credited.credit_note_id,
            "number": credited.number,
            "gross": written(credited.credit)["gross"],
        }
        notes = {
            "credit_notes": [*brief.get("credit_notes", []), note],
            "version": event.version,
            **owing.no_longer_written_off(brief, event, credited),
        }
        state = State.CANCELLED if credited.cancels else State.PARTLY_CREDITED
        self._put(cursor, event, credited.invoice_id, {**brief, **notes}, state=state.value)

    def receive(self, cursor: psycopg.Cursor, event: RecordedEvent, happened: ReceivableEvent) -> bool:
        """Note what became of what an invoice is owed; False when there is no such document: it may be a claim.

        Its version stays: that counts the events of its own stream.
        """
        brief = self._brief(cursor, event.tenant, happened.invoice_id)
        if brief is None:
            return False
        self._put(cursor, event, happened.invoice_id, {**brief, **owing.became(brief, event, happened)})
        return True

    def refund(self, cursor: psycopg.Cursor, event: RecordedEvent, refunded: CreditNoteRefunded) -> None:
        """Note what of a credit note went back; its version stays, as in `receive`."""
        brief = self._brief(cursor, event.tenant, refunded.invoice_id)
        if brief is not None:
            more = owing.refunded(brief, event, refunded)
            self._put(cursor, event, refunded.invoice_id, {**brief, **more})

    def _described(
        self, cursor: psycopg.Cursor, event: RecordedEvent, content: Content
    ) -> tuple[briefs.Brief | None, briefs.Brief]:
        """Return a draft's brief, None when its customer is forgotten, and all that it says."""
        totals = calculate(content)
        said = {"content": written(content), "totals": written(totals)}
        customer = self._customers.stored(cursor, event.tenant, content.customer_id)
        if customer is None:
            return None, said
        brief = briefs.said(content, totals, customer.get("payment_days"))
        return {"customer_name": customer["name"], "version": event.version, **brief}, said

    def _add(
        self,
        cursor: psycopg.Cursor,
        event: RecordedEvent,
        invoice_id: str,
        more: Mapping[str, object],
        **columns: object,
    ) -> None:
        brief = self._brief(cursor, event.tenant, invoice_id)
        if brief is not None:  # else forgotten since it was drafted: its first event would have been refused
            self._put(cursor, event, invoice_id, {**brief, **more}, **columns)

    def _put(
        self,
        cursor: psycopg.Cursor,
        event: RecordedEvent,
        invoice_id: str,
        brief: Mapping[str, object],
        **columns: object,
    ) -> None:
        place = version_id(invoice_id, event.position)
        cell = self._cells.seal(INVOICES, event.tenant, place, event.key, brief)
        _INVOICES.change(cursor, event, invoice_id, cell, **columns)

    def _brief(self, cursor: psycopg.Cursor, tenant: str, invoice_id: str) -> dict[str, Any] | None:
        standing = _INVOICES.standing(cursor, tenant, invoice_id)
        if standing is None:
            return None
        since, cell = standing
        return self._cells.open(INVOICES, tenant, version_id(invoice_id, since), cell)

    def _refer(self, cursor: psycopg.Cursor, event: RecordedEvent, invoice_id: str, content: Content) -> None:
        for name in search.REFERENCES:
            text = getattr(content, name)
            if text is not None:
                index = self._search.of_reference(event.tenant, name, text)
                row = (event.tenant, index, invoice_id, content.customer_id, event.position)
                cursor.execute(_REFER, row)
