"""Corrections of what is issued: drafts of credit notes, and what issuing one means for the invoice that it names."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.invoices.commands.documents import CreditInvoice, ReplaceInvoice
from services.invoices.domain.changing import require_version
from services.invoices.domain.crediting import credit_note_of, credited_invoice, decide_credit, replacement_of, rest_of
from services.invoices.domain.document.content import Content, DocumentType
from services.invoices.domain.events import CreditNoteIssued, Issued
from services.invoices.domain.events.quotes import QuoteInvoiced
from services.invoices.domain.invoice import Invoice
from services.invoices.handlers.deciding import deciding_again
from services.invoices.handlers.drafting import load_own, new_draft
from services.invoices.history import customer_stream, encode, invoice_stream, load_invoice, quote_stream
from services.invoices.ports import Ports
from services.invoices.replies import Drafted, Replaced, drafted, replaced
from shared.contracts.decision import Allow
from shared.eventstore.log import Streams
from shared.eventstore.model import CommandId, NewEvent


@dataclass(frozen=True, slots=True)
class Credited:
    """What issuing a credit note appends to the stream of the invoice that it names; nothing where it names none."""

    invoice: Invoice | None = None
    """The invoice as it was before."""
    events: tuple[NewEvent, ...] = ()
    expected: Mapping[str, int] | None = None

    @property
    def versions(self) -> Mapping[str, int]:
        """Return the versions that the append must find: so two credit notes at once cannot take back too much."""
        return self.expected or {}


@deciding_again
def credit_invoice(
    ports: Ports, command: CreditInvoice, *, tenant: str, command_id: CommandId, allow: Allow
) -> Drafted:
    """Write the draft of a credit note of an invoice: of some lines, or of all that is left of it.

    Raises PublicError invoice_unknown, concurrent_change, not_creditable, credit_exceeds_invoice, line_invalid,
    key_shredded, permission_denied.
    """
    if earlier := ports.log.replay_of(tenant, command_id):
        return drafted(earlier[0])
    invoice, version = load_own(ports, tenant, command.invoice_id, allow)
    require_version(version, command.expected_version)
    today = ports.clock.now().date()
    rest = command.lines is None and invoice.credited
    content = rest_of(invoice, today=today) if rest else credit_note_of(invoice, command.lines, today=today)
    draft = new_draft(ports, tenant, content, allow)
    return drafted(ports.log.append(tenant, [draft.event], draft.expected, command_id)[0])


@deciding_again
def replace_invoice(
    ports: Ports, command: ReplaceInvoice, *, tenant: str, command_id: CommandId, allow: Allow
) -> Replaced:
    """Write the draft of a credit note of all of an invoice and that of the invoice in its place: both or none.

    Raises PublicError as `credit_invoice`.
    """
    if earlier := ports.log.replay_of(tenant, command_id):
        return replaced(earlier)
    invoice, version = load_own(ports, tenant, command.invoice_id, allow)
    require_version(version, command.expected_version)
    today = ports.clock.now().date()
    note = new_draft(ports, tenant, credit_note_of(invoice, None, today=today), allow)
    quote_id = invoice.draft.quote_id if invoice.content.document_type is DocumentType.INVOICE else None
    other = new_draft(ports, tenant, replacement_of(invoice, today=today), allow, quote_id=quote_id)
    events, expected = [note.event, other.event], {**note.expected, **other.expected}
    if quote_id is not None:
        # The quote's final invoice from now on: while it deducts a deposit, that one is not credited.
        told, stream = QuoteInvoiced(quote_id, str(other.event.payload["invoice_id"])), quote_stream(quote_id)
        events.append(encode(stream, customer_stream(invoice.content.customer_id), told))
        expected[stream] = ports.log.version(tenant, stream)
    return replaced(ports.log.append(tenant, events, expected, command_id))


def crediting(log: Streams, tenant: str, content: Content, issued: Issued) -> Credited:
    """Return what issuing this document means for the invoice that it takes something back of.

    Raises PublicError document_invalid, invoice_unknown, not_creditable, credit_exceeds_invoice, key_shredded.
    """
    invoice_id = credited_invoice(content)
    if invoice_id is None or not isinstance(issued, CreditNoteIssued):
        return Credited()
    invoice, version = load_invoice(log, tenant, invoice_id)
    stream = invoice_stream(invoice_id)
    event = decide_credit(invoice, content, issued)
    return Credited(invoice, (encode(stream, customer_stream(content.customer_id), event),), {stream: version})
