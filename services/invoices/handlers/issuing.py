"""Issuing: a draft gets its number."""

from services.invoices.commands.documents import IssueInvoice
from services.invoices.domain import refusals
from services.invoices.domain.changing import require_version
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.parties import Customer
from services.invoices.domain.events import (
    CreditNoteIssued,
    InvoiceIssued,
    NumberTaken,
)
from services.invoices.domain.invoice import Invoice, check_issue_date, decide_issue, document_of
from services.invoices.domain.series import DocumentNumber, numbering_stream, series_stream
from services.invoices.handlers.archiving import draft_in
from services.invoices.handlers.crediting import crediting
from services.invoices.handlers.deciding import deciding_again
from services.invoices.handlers.remembering import still_remembered
from services.invoices.handlers.retrying import allow_document, of_another
from services.invoices.history import (
    customer_stream,
    encode,
    invoice_stream,
    load_customer,
    load_invoice,
    load_numbering,
    load_seller,
)
from services.invoices.ports import Ports
from services.invoices.replies import Numbered, issued
from shared.contracts.decision import Allow, Facts
from shared.crypto.keyring import TENANT_SUBJECT
from shared.eventstore.model import CommandId
from shared.kernel.clock import to_rfc3339


@deciding_again
def issue_invoice(ports: Ports, command: IssueInvoice, *, tenant: str, command_id: CommandId, allow: Allow) -> Numbered:
    """Give a draft its number and its place in the log, all or nothing; drawing it comes after (`archiving`).

    A credit note that names an invoice takes back of it in the same append (`crediting`).

    Raises PublicError invoice_unknown, concurrent_change, invoice_already_issued, invoice_discarded, seller_missing,
    customer_unknown, key_shredded, document_breaks_rule, series_unknown, issue_date_invalid, permission_denied, and
    as `crediting`.
    """
    invoice, version = load_invoice(ports.log, tenant, command.invoice_id)
    # Asked after loading: when this very command is carried out somewhere else at this moment, either it is found here,
    # or what was loaded is from before it. The other way round its own effect would be taken for somebody else's.
    if earlier := ports.log.replay_of(tenant, command_id):
        if of_another(earlier, command_id):
            allow_document(ports, tenant, draft_in(ports.log.load(tenant, earlier[0].stream)), allow)
        return issued(earlier[0])
    if invoice is None:
        raise refusals.invoice_unknown()
    content = invoice.draft.content
    remembered = still_remembered(ports, tenant, content.customer_id)
    customer, registered_by = load_customer(ports.log, tenant, content.customer_id)
    allow(Facts(registered_by=registered_by, amount=invoice.totals.payable, currency=content.currency))
    require_version(version, command.expected_version)
    check_issue_date(content.issue_date, ports.clock.now().date())
    numbering, configured = load_numbering(ports.log, tenant)
    series = series_stream(tenant, numbering.counter_for(content))
    with ports.turns.of(series):
        taken = ports.log.version(tenant, series)
        decision, number = _decide(ports, tenant, invoice, customer, numbering.number_of(content, taken))
        _require_kept(ports, document_of(invoice.draft, decision))
        subject, stream = customer_stream(content.customer_id), invoice_stream(command.invoice_id)
        credited = crediting(ports, tenant, content, decision)
        events = [encode(stream, subject, decision), encode(series, TENANT_SUBJECT, number), *credited.events]
        expected = {
            stream: version,
            series: taken,
            numbering_stream(tenant): configured,
            **credited.versions,
            **remembered,
        }
        recorded = ports.log.append(tenant, events, expected, command_id)
    return issued(recorded[0])


def _require_kept(ports: Ports, document: Document) -> None:
    """Refuse what breaks a rule of the customer's network or authority; PublicError document_breaks_rule.

    Everybody else's documents were judged by the domain, which is what the official rules find about them.
    """
    if document.customer.takes_xml and (broken := ports.press.broken(document)):
        raise refusals.document_breaks_rule(broken)


def _decide(
    ports: Ports, tenant: str, invoice: Invoice, customer: Customer | None, number: DocumentNumber
) -> tuple[InvoiceIssued | CreditNoteIssued, NumberTaken]:
    state, _ = load_seller(ports.log, tenant)
    return decide_issue(
        invoice,
        seller=state.seller,
        customer=customer,
        number=number,
        issued_at=to_rfc3339(ports.clock.now()),
    )
