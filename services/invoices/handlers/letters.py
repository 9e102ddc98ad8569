"""Reminders' letters: drawn after they were decided on, stored and bound by the log, as documents are."""

from contextlib import suppress
from dataclasses import astuple

from services.invoices.domain import refusals_of_files
from services.invoices.domain import refusals_of_reminders as refused
from services.invoices.domain.events.reminders import ReminderArchived, ReminderWritten
from services.invoices.handlers.deciding import deciding_again
from services.invoices.handlers.remembering import still_remembered
from services.invoices.history import (
    customer_stream,
    decode,
    encode,
    load_customer,
    load_shredding,
    reminder_stream,
    shredding_stream,
)
from services.invoices.mailed import Document, letter_of
from services.invoices.ports import Ports
from shared.contracts.decision import Allow, Facts
from shared.crypto.keyring import TENANT_SUBJECT, KeyShredded
from shared.eventstore.model import Author, RecordedEvent

_BY = Author("service", "invoices")


def archive_letter(ports: Ports, tenant: str, reminder_id: str) -> None:
    """Draw a reminder's letter, store it and bind it, once: what is archived, or forgotten by now, is left alone.

    Stored before the event that names it, as documents are (archiving.py). Raises PublicError document_unknown when
    the store lacks the seller's logo.
    """
    with suppress(KeyShredded):
        _archive(ports, tenant, reminder_id)


@deciding_again
def _archive(ports: Ports, tenant: str, reminder_id: str) -> None:
    recorded = ports.log.load(tenant, reminder_stream(reminder_id))
    written, archived = _letter_in(recorded)
    if archived is not None:
        return
    customer_id = written.customer.customer_id
    shredding, version = load_shredding(ports.log, tenant, customer_id)
    if shredding.shredded is not None:  # decided, and the key not destroyed yet
        return
    subject, stream = customer_stream(customer_id), reminder_stream(reminder_id)
    digest = ports.documents.put(tenant, subject, ports.press.letter(written, _logo(ports, tenant, written)))
    expected = {stream: len(recorded), shredding_stream(customer_id): version}
    ports.log.append(tenant, [encode(stream, subject, ReminderArchived(reminder_id), digest)], expected, by=_BY)


def get_reminder(ports: Ports, *, tenant: str, reminder_id: str, allow: Allow) -> Document:
    """Return a reminder's letter and how to send it.

    Raises PublicError reminder_unknown, document_pending, document_unknown, key_shredded, permission_denied.
    """
    recorded = ports.log.load(tenant, reminder_stream(reminder_id))
    if not recorded:
        raise refused.reminder_unknown()
    written, archived = _letter_in(recorded)
    customer_id = written.customer.customer_id
    still_remembered(ports, tenant, customer_id)
    _, registered_by = load_customer(ports.log, tenant, customer_id)
    allow(Facts(registered_by=registered_by))
    if archived is None:
        failed = ports.failures.of(tenant, recorded[0].position)
        raise (
            refusals_of_files.document_pending()
            if failed is None
            else refusals_of_files.document_not_archived(*astuple(failed))
        )
    content = ports.documents.get(tenant, customer_stream(customer_id), str(archived.digest))
    if content is None:
        raise refusals_of_files.document_unknown()
    return letter_of(written, archived, content)


def _letter_in(recorded: list[RecordedEvent]) -> tuple[ReminderWritten, RecordedEvent | None]:
    """Return what a reminder's stream says, and where its letter is bound; None as long as it is not archived."""
    written = decode(recorded[0])
    if not isinstance(written, ReminderWritten):
        raise TypeError("a reminder's stream begins with its letter")
    return written, next((event for event in recorded if event.type == ReminderArchived.__name__), None)


def _logo(ports: Ports, tenant: str, written: ReminderWritten) -> bytes | None:
    digest = written.seller.logo
    if digest is None:
        return None
    content = ports.documents.get(tenant, TENANT_SUBJECT, digest)
    if content is None:
        raise refusals_of_files.document_unknown()
    return content
