"""What imported documents say of one another: which one a key names, and what a credit note takes back of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from services.invoices.commands.importing import ImportedDocument, Keyed
from services.invoices.domain import refusals, refusals_of_credits
from services.invoices.domain.crediting import credited_invoice, decide_credit
from services.invoices.domain.document.content import Content, Preceding
from services.invoices.domain.events import CreditNoteIssued, InvoiceCredited, Issued
from services.invoices.domain.invoice import Invoice, evolve, fold
from services.invoices.handlers.imported import ImportedNames
from services.invoices.history import decode, invoice_stream
from shared.eventstore.model import RecordedEvent


class Links:
    """The documents that those of a batch name, as the log has them, or as the batch leaves them."""

    def __init__(self, names: ImportedNames, load: Callable[[str], Sequence[RecordedEvent]]) -> None:
        """`load` reads a stream of the log."""
        self._names, self._load = names, load
        self._invoices: dict[str, tuple[Invoice | None, int]] = {}
        """By id, each with the version that its stream has in the log."""

    def streams(self, document: ImportedDocument) -> set[str]:
        """Return the streams of what a document names by key."""
        return {invoice_stream(self._names.document(each.key)) for each in document.earlier if isinstance(each, Keyed)}

    def named(self, document: ImportedDocument) -> tuple[Preceding, ...]:
        """Return the earlier documents of one (BG-3).

        Raises PublicError document_invalid for a key without a document, and for one that is named twice.
        """
        for place, each in enumerate(document.earlier):
            if isinstance(each, Keyed) and each in document.earlier[:place]:
                raise refusals.document_invalid(f"preceding.{place}.key", "This document is named already.")
        return tuple(
            self._reference(place, each) if isinstance(each, Keyed) else each
            for place, each in enumerate(document.earlier)
        )

    def issue(self, draft: Invoice, issued: Issued) -> None:
        """Know a document that the batch issues."""
        self._invoices[draft.draft.invoice_id] = replace(draft, issued=issued), 0

    def credited(self, content: Content, issued: Issued) -> InvoiceCredited | None:
        """Return what issuing a document means for the invoice that it takes something back of, if it is one.

        Raises PublicError document_invalid, not_creditable, credit_exceeds_invoice.
        """
        invoice_id = credited_invoice(content)
        if invoice_id is None or not isinstance(issued, CreditNoteIssued):
            return None
        return decide_credit(self._invoice(invoice_id)[0], content, issued)

    def credit(self, event: InvoiceCredited) -> Mapping[str, int]:
        """Have it taken back for those that follow; return the version that the append must find."""
        invoice, version = self._invoice(event.invoice_id)
        self._invoices[event.invoice_id] = evolve(invoice, event), version
        return {invoice_stream(event.invoice_id): version}

    def _reference(self, place: int, earlier: Keyed) -> Preceding:
        invoice_id = self._names.document(earlier.key)
        invoice, _ = self._invoice(invoice_id)
        if invoice is None or invoice.issued is None:
            raise refusals_of_credits.not_imported(place)
        return Preceding(invoice_id, str(invoice.issued.number), invoice.content.issue_date)

    def _invoice(self, invoice_id: str) -> tuple[Invoice | None, int]:
        if invoice_id not in self._invoices:
            recorded = self._load(invoice_stream(invoice_id))
            self._invoices[invoice_id] = fold(decode(event) for event in recorded), len(recorded)
        return self._invoices[invoice_id]
