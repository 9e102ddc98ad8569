"""Commands about drafts: writing, changing, discarding, and writing another document once more."""

from services.invoices.commands.documents import ChangeDraft, DiscardDraft, DraftInvoice, DuplicateInvoice
from services.invoices.domain import refusals
from services.invoices.domain.changing import copy_of, decide_change, decide_discard, require_unchanged
from services.invoices.handlers.archiving import draft_in
from services.invoices.handlers.deciding import deciding_again
from services.invoices.handlers.drafting import facts_of, load_own, new_draft, require_named
from services.invoices.handlers.remembering import still_remembered
from services.invoices.handlers.retrying import allow_document, of_another
from services.invoices.history import (
    customer_stream,
    encode,
    invoice_stream,
    load_customer,
    load_invoice,
)
from services.invoices.ports import Ports
from services.invoices.replies import Changed, Discarded, Drafted, changed, discarded, drafted
from shared.contracts.decision import Allow
from shared.eventstore.model import CommandId


@deciding_again
def draft_invoice(ports: Ports, command: DraftInvoice, *, tenant: str, command_id: CommandId, allow: Allow) -> Drafted:
    """Write a draft.

    Raises PublicError customer_unknown, key_shredded, invoice_unknown (among those before it), invoice_empty,
    line_invalid, document_invalid, issue_date_invalid, series_unknown, permission_denied.
    """
    if earlier := ports.log.replay_of(tenant, command_id):
        if of_another(earlier, command_id):
            allow_document(ports, tenant, draft_in(earlier), allow)
        return drafted(earlier[0])
    draft = new_draft(ports, tenant, command.content, allow)
    return drafted(ports.log.append(tenant, [draft.event], draft.expected, command_id)[0])


def change_draft(ports: Ports, command: ChangeDraft, *, tenant: str, command_id: CommandId, allow: Allow) -> Changed:
    """Have a draft say something else.

    Not decided again when somebody else is quicker: what they wrote would be lost without having been read.

    Raises PublicError invoice_unknown, concurrent_change, invoice_already_issued, invoice_discarded, and as
    `draft_invoice`.
    """
    invoice, version = load_invoice(ports.log, tenant, command.invoice_id)
    if earlier := ports.log.replay_of(tenant, command_id):
        return changed(earlier[0])
    if invoice is None:
        raise refusals.invoice_unknown()
    remembered = still_remembered(ports, tenant, invoice.content.customer_id)
    _, registered_by = load_customer(ports.log, tenant, invoice.content.customer_id)
    # Of what is there as well: who may draft up to an amount has no say in a draft above it.
    allow(facts_of(invoice.content, registered_by))
    require_unchanged(invoice, version, command.expected_version)
    decision = decide_change(invoice, command.content, today=ports.clock.now().date())
    require_named(ports, tenant, command.content)
    allow(facts_of(command.content, registered_by))
    stream = invoice_stream(command.invoice_id)
    event = encode(stream, customer_stream(invoice.content.customer_id), decision)
    return changed(ports.log.append(tenant, [event], {stream: version, **remembered}, command_id)[0])


@deciding_again
def discard_draft(
    ports: Ports, command: DiscardDraft, *, tenant: str, command_id: CommandId, allow: Allow
) -> Discarded:
    """Give up a draft.

    Raises PublicError invoice_unknown, concurrent_change, invoice_already_issued, invoice_discarded, key_shredded,
    permission_denied.
    """
    invoice, version = load_invoice(ports.log, tenant, command.invoice_id)
    if earlier := ports.log.replay_of(tenant, command_id):
        return discarded(earlier[0])
    if invoice is None:
        raise refusals.invoice_unknown()
    remembered = still_remembered(ports, tenant, invoice.content.customer_id)
    _, registered_by = load_customer(ports.log, tenant, invoice.content.customer_id)
    allow(facts_of(invoice.content, registered_by))
    require_unchanged(invoice, version, command.expected_version)
    stream, subject = invoice_stream(command.invoice_id), customer_stream(invoice.content.customer_id)
    event = encode(stream, subject, decide_discard(invoice))
    return discarded(ports.log.append(tenant, [event], {stream: version, **remembered}, command_id)[0])


@deciding_again
def duplicate_invoice(
    ports: Ports, command: DuplicateInvoice, *, tenant: str, command_id: CommandId, allow: Allow
) -> Drafted:
    """Write a draft of what any document says, also of one that is discarded or cancelled.

    Raises PublicError invoice_unknown, key_shredded, permission_denied, and as `draft_invoice`.
    """
    if earlier := ports.log.replay_of(tenant, command_id):
        return drafted(earlier[0])
    invoice, _ = load_own(ports, tenant, command.invoice_id, allow)
    content = copy_of(invoice.content, today=ports.clock.now().date())
    draft = new_draft(ports, tenant, content, allow)
    return drafted(ports.log.append(tenant, [draft.event], draft.expected, command_id)[0])
