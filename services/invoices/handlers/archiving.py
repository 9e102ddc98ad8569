"""Archiving: an issued document gets its final bytes, and the log binds them.

Issuing takes the number and fixes what the document says; that is quick and happens while the caller waits. Drawing
takes long and needs nobody: it happens afterwards, from the events alone, as often as it takes.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from services.invoices.domain import refusals_of_files
from services.invoices.domain.events import DocumentArchived, Event, InvoiceDrafted, Issued, XmlArchived
from services.invoices.domain.invoice import document_of, fold
from services.invoices.handlers.deciding import deciding_again
from services.invoices.history import (
    customer_stream,
    decode,
    encode,
    invoice_stream,
    load_shredding,
    shredding_stream,
)
from services.invoices.ports import Files, Ports
from shared.crypto.keyring import TENANT_SUBJECT, KeyShredded
from shared.eventstore.model import Author, RecordedEvent

_BY = Author("service", "invoices")


@dataclass(frozen=True, slots=True)
class Archived:
    """The events of an issued document's stream that tell of its bytes."""

    draft: InvoiceDrafted
    issued: Issued
    issued_at: int
    """The position where it was issued."""
    xml: RecordedEvent | None
    """Where the UBL form is bound; None as long as it is not archived."""
    archived: RecordedEvent | None
    """Where the PDF is bound; None as long as it is not archived."""


def draft_in(recorded: list[RecordedEvent]) -> InvoiceDrafted:
    """Return an invoice's draft with what it says at the end of these events, the first of which began it."""
    return _draft_of(decode(event) for event in recorded)


def _draft_of(events: Iterable[Event]) -> InvoiceDrafted:
    invoice = fold(events)
    if invoice is None:
        raise TypeError("an invoice's first event is its draft")
    return invoice.draft


def archived_in(recorded: list[RecordedEvent]) -> Archived | None:
    """Return what an invoice's stream says about its document; None for a draft."""
    events = [decode(event) for event in recorded]
    issued = next((event for event in events if isinstance(event, Issued)), None)
    if issued is None:
        return None
    places = {type(event): place for place, event in zip(recorded, events, strict=True)}
    position = places[type(issued)].position
    return Archived(_draft_of(events), issued, position, places.get(XmlArchived), places.get(DocumentArchived))


def archive_document(ports: Ports, tenant: str, invoice_id: str) -> None:
    """Draw an issued document, store it and bind it, once: what is archived, or forgotten by now, is left alone.

    Each form is stored before the event that names it (ADR 0004): when the process dies in between, what stays is
    a sealed document that no event names, and drawing it again gives the same bytes. Raises PublicError
    document_breaks_rule for what should not have been issued: nothing is archived that breaks an official rule.
    """
    with suppress(KeyShredded):
        _archive(ports, tenant, invoice_id)


@deciding_again
def _archive(ports: Ports, tenant: str, invoice_id: str) -> None:
    recorded = ports.log.load(tenant, invoice_stream(invoice_id))
    found = archived_in(recorded)
    if found is None or found.archived is not None:
        return
    customer_id = found.issued.customer.customer_id
    shredding, version = load_shredding(ports.log, tenant, customer_id)
    if shredding.shredded is not None:  # decided, and the key not destroyed yet
        return
    subject, stream = customer_stream(customer_id), invoice_stream(invoice_id)
    printed = ports.press.print(document_of(found.draft, found.issued), _files(ports, tenant, found))
    kept = ((XmlArchived(invoice_id), printed.ubl), (DocumentArchived(invoice_id), printed.pdf))
    events = [encode(stream, subject, event, ports.documents.put(tenant, subject, form)) for event, form in kept]
    expected = {stream: len(recorded), shredding_stream(customer_id): version}
    ports.log.append(tenant, events, expected, by=_BY)


def _files(ports: Ports, tenant: str, found: Archived) -> Files:
    """Return what goes into the document; PublicError document_unknown when the store lacks what the log names."""
    logo, subject = found.issued.seller.logo, customer_stream(found.issued.customer.customer_id)
    digests = [each.digest for each in found.draft.content.attachments]
    return Files(
        None if logo is None else _stored(ports, tenant, TENANT_SUBJECT, logo),
        {digest: _stored(ports, tenant, subject, digest) for digest in digests},
    )


def _stored(ports: Ports, tenant: str, subject: str, digest: str) -> bytes:
    content = ports.documents.get(tenant, subject, digest)
    if content is None:
        raise refusals_of_files.document_unknown()
    return content
