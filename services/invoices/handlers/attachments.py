"""Supporting documents: stored for a customer, named by drafts, shown to whoever may see the document."""

from dataclasses import dataclass, field

from services.invoices.commands.attachments import UploadAttachment
from services.invoices.domain import refusals, refusals_of_files
from services.invoices.domain.document.content import Attachment
from services.invoices.domain.document.credit import NOTHING
from services.invoices.domain.events import AttachmentUploaded
from services.invoices.handlers.deciding import deciding_again
from services.invoices.handlers.remembering import still_remembered
from services.invoices.history import (
    attachments_stream,
    customer_stream,
    decode,
    encode,
    load_customer,
    load_invoice,
)
from services.invoices.ports import Ports
from shared.contracts.decision import Allow, Facts
from shared.eventstore.model import CommandId, RecordedEvent


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file that drafts can name."""

    digest: str
    size: int
    position: int


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file, and what a document says about it."""

    attachment: Attachment
    content: bytes = field(repr=False)


@deciding_again
def upload_attachment(
    ports: Ports, command: UploadAttachment, *, tenant: str, command_id: CommandId, allow: Allow
) -> Uploaded:
    """Store a file, sealed with the customer's key, and then tell of it (ADR 0004): no event names what is not there.

    Raises PublicError customer_unknown, key_shredded, file_refused, permission_denied.
    """
    customer_id = command.customer_id
    if earlier := ports.log.replay_of(tenant, command_id):
        return _uploaded(earlier[0])
    remembered = still_remembered(ports, tenant, customer_id)
    customer, registered_by = load_customer(ports.log, tenant, customer_id)
    if customer is None:
        raise refusals.customer_unknown()
    allow(Facts(registered_by=registered_by, amount=NOTHING))
    ports.recogniser.require(command.media_type, command.content)
    stream, subject = attachments_stream(customer_id), customer_stream(customer_id)
    version = ports.log.version(tenant, stream)
    digest = ports.documents.put(tenant, subject, command.content)
    uploaded = AttachmentUploaded(customer_id, digest, command.media_type, len(command.content))
    event = encode(stream, subject, uploaded, digest)
    return _uploaded(ports.log.append(tenant, [event], {stream: version, **remembered}, command_id)[0])


def get_attachment(ports: Ports, *, tenant: str, invoice_id: str, digest: str, allow: Allow) -> AttachedFile:
    """Return a file that a draft or issued document names.

    Raises PublicError invoice_unknown, attachment_unknown, key_shredded, permission_denied.
    """
    invoice, _ = load_invoice(ports.log, tenant, invoice_id)
    if invoice is None:
        raise refusals.invoice_unknown()
    customer_id = invoice.content.customer_id
    still_remembered(ports, tenant, customer_id)
    _, registered_by = load_customer(ports.log, tenant, customer_id)
    allow(Facts(registered_by=registered_by, state=invoice.state.value))
    named = next((each for each in invoice.content.attachments if each.digest == digest), None)
    content = None if named is None else ports.documents.get(tenant, customer_stream(customer_id), digest)
    if named is None or content is None:
        raise refusals_of_files.attachment_unknown()
    return AttachedFile(named, content)


def _uploaded(recorded: RecordedEvent) -> Uploaded:
    event = decode(recorded)
    if not isinstance(event, AttachmentUploaded):
        raise TypeError("an upload records that a file is there")
    return Uploaded(event.digest, event.size, recorded.position)
