"""Invoices of what was accepted: each draft is told to the quote in the same append, so that none is written twice."""

from services.invoices.commands.quotes import InvoiceQuote
from services.invoices.domain import refusals_of_quotes
from services.invoices.domain.changing import require_version
from services.invoices.domain.deposits import Part, deposit_of, final_of, require_fitting, require_not_deducted
from services.invoices.domain.document.credit import NOTHING
from services.invoices.domain.events import InvoiceIssued
from services.invoices.domain.events.quotes import QuoteInvoiced
from services.invoices.domain.invoice import Invoice
from services.invoices.domain.quote import Quote
from services.invoices.handlers.deciding import deciding_again
from services.invoices.handlers.drafting import new_draft
from services.invoices.handlers.receivables import load_receivable
from services.invoices.history import (
    customer_stream,
    encode,
    invoice_stream,
    load_customer,
    load_invoice,
    load_quote,
    quote_stream,
)
from services.invoices.ports import Ports
from services.invoices.replies import Drafted, drafted
from shared.contracts.decision import Allow, Facts
from shared.eventstore.model import CommandId


@deciding_again
def invoice_quote(ports: Ports, command: InvoiceQuote, *, tenant: str, command_id: CommandId, allow: Allow) -> Drafted:
    """Write the draft of a deposit, or of the final invoice, less the deposits that were paid.

    Raises PublicError quote_unknown, concurrent_change, quote_not_accepted, quote_invoiced, deposit_unsettled,
    deposit_exceeds_quote, key_shredded, permission_denied, and as `draft_invoice`.
    """
    quote, version = load_quote(ports.log, tenant, command.quote_id)
    # Asked after loading, as in issuing.issue_invoice.
    if earlier := ports.log.replay_of(tenant, command_id):
        return drafted(earlier[0])
    if quote is None:
        raise refusals_of_quotes.quote_unknown()
    _, registered_by = load_customer(ports.log, tenant, quote.content.customer_id)
    # Judged before anything is told about it; the amount is judged of the draft (`new_draft`).
    allow(Facts(registered_by=registered_by, amount=NOTHING, currency=quote.content.currency))
    require_version(version, command.expected_version)
    parts, expected = _drawn_up(ports, tenant, quote)
    today, percent = ports.clock.now().date(), command.deposit_percent
    content = final_of(quote, parts, today) if percent is None else deposit_of(quote, parts, percent, today)
    draft = new_draft(ports, tenant, content, allow, quote_id=command.quote_id)
    told = QuoteInvoiced(command.quote_id, str(draft.event.payload["invoice_id"]), percent)
    stream = quote_stream(command.quote_id)
    events = [draft.event, encode(stream, customer_stream(content.customer_id), told)]
    return drafted(ports.log.append(tenant, events, {**draft.expected, **expected, stream: version}, command_id)[0])


def fitting(ports: Ports, tenant: str, draft: Invoice, credited: Invoice | None) -> dict[str, int]:
    """Refuse to issue what does not go with its quote any more, and to credit a deposit that is deducted.

    Returns the versions that the append must find, so that this holds still: nobody takes a payment back, credits a
    deposit or writes another one meanwhile.

    Raises PublicError document_invalid, deposit_unsettled, deposit_exceeds_quote, not_creditable.
    """
    expected: dict[str, int] = {}
    if draft.draft.quote_id is not None:
        quote, parts, expected = _whole(ports, tenant, draft.draft.quote_id)
        require_fitting(quote, parts, draft)
    if credited is not None and credited.draft.quote_id is not None:
        _, parts, expected = _whole(ports, tenant, credited.draft.quote_id)
        require_not_deducted(parts, credited)
    return expected


def _whole(ports: Ports, tenant: str, quote_id: str) -> tuple[Quote, list[Part], dict[str, int]]:
    quote, version = load_quote(ports.log, tenant, quote_id)
    if quote is None:
        raise LookupError("the log tells of a quote that it does not have")
    parts, expected = _drawn_up(ports, tenant, quote)
    return quote, parts, {**expected, quote_stream(quote_id): version}


def _drawn_up(ports: Ports, tenant: str, quote: Quote) -> tuple[list[Part], dict[str, int]]:
    """Return the invoices of a quote, and what an append has to expect so that they are still as they are now."""
    parts, expected = [], {}
    for event in quote.invoiced:
        invoice, version = load_invoice(ports.log, tenant, event.invoice_id)
        if invoice is None:
            raise LookupError("the log tells of an invoice that it does not have")
        expected[invoice_stream(event.invoice_id)] = version
        paid = False
        if isinstance(invoice.issued, InvoiceIssued):
            receivable, versions = load_receivable(ports, tenant, event.invoice_id)
            expected = {**versions, **expected}  # what was read first counts, as in issuing.issue_invoice
            paid = receivable.owed == 0 and not receivable.gave_up
        parts.append(Part(event, invoice, paid))
    return parts, expected
