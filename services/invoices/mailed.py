"""Documents as they are mailed: to whom, in which words, and what they are encrypted to."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from services.invoices.domain.document.content import DocumentType
from services.invoices.domain.document.issued import Form
from services.invoices.domain.document.parties import Customer, DeliveryPreference
from services.invoices.domain.events import InvoiceDrafted, Issued
from services.invoices.domain.events.quotes import Offered
from services.invoices.domain.events.reminders import ReminderWritten
from shared.eventstore.model import RecordedEvent

_ENDINGS = {Form.PDF: "pdf", Form.UBL: "xml", Form.CII: "cii.xml"}
_MEDIA_TYPES = {Form.PDF: "application/pdf", Form.UBL: "application/xml", Form.CII: "application/xml"}
_WORDS = {
    DocumentType.INVOICE: "Invoice",
    DocumentType.PREPAYMENT_INVOICE: "Prepayment invoice",
    DocumentType.CREDIT_NOTE: "Credit note",
}


@dataclass(frozen=True, slots=True)
class Document:
    """A document and how to send it."""

    file_name: str
    media_type: str
    content: bytes = field(repr=False)
    digest: str
    position: int
    """Of the event that binds it."""
    recipient_name: str
    recipient_email: str
    delivery: DeliveryPreference
    """How it leaves the business, as the customer wanted it when it was issued, or whoever imported it."""
    encryption_key: str | None
    """An age recipient, as it was then."""
    encryption_certificate: str | None
    subject: str
    text: str


def document_of(draft: InvoiceDrafted, event: Issued, recorded: RecordedEvent, content: bytes, form: Form) -> Document:
    """Answer `get_document`; `recorded` is the event that binds it, in its place."""
    word = _WORDS[draft.content.document_type]
    subject = f"{word} {event.number} from {event.seller.name}"
    text = _letter(word, draft, event, event.totals.payable)
    name = f"{event.number}.{_ENDINGS[form]}"
    document = _to(event.customer, recorded, content, file_name=name, form=form, subject=subject, text=text)
    return replace(document, delivery=event.delivery)


def letter_of(written: ReminderWritten, recorded: RecordedEvent, content: bytes) -> Document:
    """Answer `get_reminder`; `recorded` is the event that binds the letter, in its place."""
    name = f"{written.number}-reminder-{written.reminder.level}"
    subject = f"Reminder of invoice {written.number} from {written.seller.name}"
    text = _words_with(written, name)
    return _to(written.customer, recorded, content, file_name=f"{name}.pdf", subject=subject, text=text)


def offer_of(offered: Offered, recorded: RecordedEvent, content: bytes) -> Document:
    """Answer `get_quote_document`; `recorded` is the event that binds this revision, in its place."""
    again = f", revision {offered.revision}" if offered.revision > 1 else ""
    name = f"{offered.number}-{offered.revision}" if again else offered.number
    subject = f"Quote {offered.number}{again} from {offered.seller.name}"
    text = _offer(offered, again, name)
    return _to(offered.customer, recorded, content, file_name=f"{name}.pdf", subject=subject, text=text)


def _to(
    customer: Customer,
    recorded: RecordedEvent,
    content: bytes,
    *,
    file_name: str,
    subject: str,
    text: str,
    form: Form = Form.PDF,
) -> Document:
    return Document(
        file_name=file_name,
        media_type=_MEDIA_TYPES[form],
        content=content,
        digest=str(recorded.digest),
        position=recorded.position,
        recipient_name=customer.name,
        recipient_email=customer.email,
        delivery=customer.delivery,
        encryption_key=customer.encryption_key,
        encryption_certificate=customer.encryption_certificate,
        subject=subject,
        text=text,
    )


def _words_with(written: ReminderWritten, name: str) -> str:
    return (
        f"Dear {written.customer.name},\n\n"
        f"please find attached a reminder of invoice {written.number} of {written.issue_date.isoformat()}."
        f" {written.currency} {written.total} are to be paid by {written.reminder.pay_by.isoformat()}.\n\n"
        f"The file {name}.tlog-proof proves that our log holds this very letter: keep both.\n\n"
        f"Our bank details do not change by e-mail. If a message says otherwise, call us before you pay.\n\n"
        f"{written.seller.name}\n"
    )


def _letter(word: str, draft: InvoiceDrafted, event: Issued, payable: Decimal) -> str:
    return (
        f"Dear {event.customer.name},\n\n"
        f"please find attached {word.lower()} {event.number} of {draft.content.issue_date.isoformat()}"
        f" over {event.currency} {payable}.\n\n"
        f"The file {event.number}.tlog-proof proves that our log holds this very document: keep both.\n\n"
        f"Our bank details do not change by e-mail. If a message says otherwise, call us before you pay.\n\n"
        f"{event.seller.name}\n"
    )


def _offer(offered: Offered, again: str, name: str) -> str:
    return (
        f"Dear {offered.customer.name},\n\n"
        f"please find attached our quote {offered.number}{again} of {offered.content.issue_date.isoformat()}"
        f" over {offered.content.currency} {offered.totals.payable}."
        f" It can be accepted until {offered.valid_until.isoformat()}.\n\n"
        f"The file {name}.tlog-proof proves that our log holds this very quote: keep both.\n\n"
        f"{offered.seller.name}\n"
    )
