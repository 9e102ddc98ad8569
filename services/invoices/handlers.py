"""One function per command: load, decide, append, answer from what was recorded.

Every command carries an idempotency key. A retry finds the events of the first run and is answered from them, before
anything is decided again: what was right to issue then would be refused now.
"""

from collections.abc import Sequence

from services.invoices.archiving import archived_in, draft_in
from services.invoices.commands import DraftInvoice, IssueInvoice, RegisterCustomer
from services.invoices.deciding import deciding_again
from services.invoices.domain import refusals
from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.document.content import Preceding
from services.invoices.domain.document.parties import Customer
from services.invoices.domain.events import (
    CreditNoteIssued,
    CustomerRegistered,
    InvoiceDrafted,
    InvoiceIssued,
    NumberTaken,
)
from services.invoices.domain.invoice import Invoice, decide_draft, decide_issue
from services.invoices.domain.series import series_of, series_stream
from services.invoices.domain.shredding import require_not_shredded
from services.invoices.history import (
    customer_stream,
    encode,
    invoice_stream,
    load_customer,
    load_invoice,
    load_seller,
    load_shredding,
    person_of,
    shredding_stream,
)
from services.invoices.ports import Ports
from services.invoices.replies import Document, Drafted, Numbered, Registered, document_of, drafted, issued, registered
from shared.contracts.decision import Allow, Facts
from shared.crypto.keyring import TENANT_SUBJECT
from shared.eventstore.model import CommandId, RecordedEvent
from shared.kernel.clock import to_rfc3339
from shared.kernel.ids import new_id


def register_customer(
    ports: Ports, command: RegisterCustomer, *, tenant: str, command_id: CommandId, allow: Allow
) -> Registered:
    """Make a customer known, with a key of their own; PublicError permission_denied.

    In all these functions `allow` judges what the caller's grants are limited to; of a retry only where somebody else
    than the first sends it.
    """
    recorded = ports.log.replay_of(tenant, command_id)
    if recorded is None:
        allow(Facts(registered_by=person_of(command_id.by)))
        recorded = _registered(ports, command, tenant, command_id)
    if _of_another(recorded, command_id):
        allow(Facts(registered_by=person_of(recorded[0].by)))
    return registered(recorded[0])


@deciding_again
def draft_invoice(ports: Ports, command: DraftInvoice, *, tenant: str, command_id: CommandId, allow: Allow) -> Drafted:
    """Write a draft.

    Raises PublicError customer_unknown, key_shredded, invoice_unknown (among those before it), invoice_empty,
    line_invalid, document_invalid, issue_date_invalid, permission_denied.
    """
    if earlier := ports.log.replay_of(tenant, command_id):
        if _of_another(earlier, command_id):
            _allow_document(ports, tenant, draft_in(earlier), allow)
        return drafted(earlier[0])
    content = command.content
    remembered = _still_remembered(ports, tenant, content.customer_id)
    customer, registered_by = load_customer(ports.log, tenant, content.customer_id)
    if customer is None:
        raise refusals.customer_unknown()
    _require_known(ports, tenant, content.preceding)
    decision = decide_draft(invoice_id=new_id(), content=content, today=ports.clock.now().date())
    allow(Facts(registered_by=registered_by, amount=calculate(content).payable, currency=content.currency))
    stream = invoice_stream(decision.invoice_id)
    event = encode(stream, customer_stream(content.customer_id), decision)
    return drafted(ports.log.append(tenant, [event], {stream: 0, **remembered}, command_id)[0])


@deciding_again
def issue_invoice(ports: Ports, command: IssueInvoice, *, tenant: str, command_id: CommandId, allow: Allow) -> Numbered:
    """Give a draft its number and its place in the log, all or nothing; drawing it comes after (`archiving`).

    Raises PublicError invoice_unknown, invoice_already_issued, seller_missing, customer_unknown, key_shredded,
    permission_denied.
    """
    invoice, version = load_invoice(ports.log, tenant, command.invoice_id)
    # Asked after loading: when this very command is carried out somewhere else at this moment, either it is found here,
    # or what was loaded is from before it. The other way round its own effect would be taken for somebody else's.
    if earlier := ports.log.replay_of(tenant, command_id):
        if _of_another(earlier, command_id):
            _allow_document(ports, tenant, draft_in(ports.log.load(tenant, earlier[0].stream)), allow)
        return issued(earlier[0])
    if invoice is None:
        raise refusals.invoice_unknown()
    content = invoice.draft.content
    remembered = _still_remembered(ports, tenant, content.customer_id)
    customer, registered_by = load_customer(ports.log, tenant, content.customer_id)
    allow(Facts(registered_by=registered_by, amount=invoice.totals.payable, currency=content.currency))
    series = series_stream(tenant, series_of(content.document_type))
    with ports.turns.of(series):
        taken = ports.log.version(tenant, series)
        decision, number = _decide(ports, tenant, invoice, customer, taken)
        subject, stream = customer_stream(content.customer_id), invoice_stream(command.invoice_id)
        events = [encode(stream, subject, decision), encode(series, TENANT_SUBJECT, number)]
        expected = {stream: version, series: taken, **remembered}
        recorded = ports.log.append(tenant, events, expected, command_id)
    return issued(recorded[0])


def get_document(ports: Ports, *, tenant: str, invoice_id: str, allow: Allow) -> Document:
    """Return an issued document.

    Raises PublicError invoice_unknown, invoice_not_issued, document_pending, document_unknown, key_shredded,
    permission_denied.
    """
    recorded = ports.log.load(tenant, invoice_stream(invoice_id))
    if not recorded:
        raise refusals.invoice_unknown()
    found = archived_in(recorded)
    if found is None:
        raise refusals.not_issued()
    customer_id = found.issued.customer.customer_id
    _still_remembered(ports, tenant, customer_id)
    _, registered_by = load_customer(ports.log, tenant, customer_id)
    allow(Facts(registered_by=registered_by))
    if found.archived is None:
        raise refusals.document_pending()
    content = ports.documents.get(tenant, str(found.archived.digest))
    if content is None:
        raise refusals.document_unknown()
    return document_of(found.draft, found.issued, found.archived, content)


def _registered(ports: Ports, command: RegisterCustomer, tenant: str, command_id: CommandId) -> list[RecordedEvent]:
    """Return what was recorded: now, or at this moment by somebody else who sent the same."""
    ports.keyring.create_tenant(tenant)
    customer = Customer(
        customer_id=new_id(),
        name=command.name,
        email=command.email,
        address=command.address,
        vat_id=command.vat_id,
        reference=command.reference,
    )
    stream = customer_stream(customer.customer_id)
    event = encode(stream, stream, CustomerRegistered(customer))
    return ports.log.append(tenant, [event], {stream: 0}, command_id)


def _decide(
    ports: Ports, tenant: str, invoice: Invoice, customer: Customer | None, taken: int
) -> tuple[InvoiceIssued | CreditNoteIssued, NumberTaken]:
    state, _ = load_seller(ports.log, tenant)
    return decide_issue(
        invoice,
        seller=state.seller,
        customer=customer,
        numbers_taken=taken,
        issued_at=to_rfc3339(ports.clock.now()),
    )


def _still_remembered(ports: Ports, tenant: str, customer_id: str) -> dict[str, int]:
    """Return what the append has to expect, so that nothing is decided about a customer while they are forgotten.

    Raises PublicError key_shredded from the moment that it was decided, before the keys are gone.
    """
    shredding, version = load_shredding(ports.log, tenant, customer_id)
    require_not_shredded(shredding)
    return {shredding_stream(customer_id): version}


def _require_known(ports: Ports, tenant: str, preceding: Sequence[Preceding]) -> None:
    """Refuse an earlier document that this business does not have; PublicError invoice_unknown."""
    for earlier in preceding:
        if earlier.invoice_id is not None and not ports.log.version(tenant, invoice_stream(earlier.invoice_id)):
            raise refusals.invoice_unknown()


def _of_another(earlier: list[RecordedEvent], command_id: CommandId) -> bool:
    """Tell whether somebody else carried the command out; who is not named is somebody else."""
    first, now = earlier[0].by, command_id.by
    return first is None or now is None or (first.kind, first.id) != (now.kind, now.id)


def _allow_document(ports: Ports, tenant: str, draft: InvoiceDrafted, allow: Allow) -> None:
    """Judge whether somebody may have the answer that somebody else got; PublicError permission_denied."""
    content = draft.content
    _, registered_by = load_customer(ports.log, tenant, content.customer_id)
    allow(Facts(registered_by=registered_by, amount=calculate(content).payable, currency=content.currency))
