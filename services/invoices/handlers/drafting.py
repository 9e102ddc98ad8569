"""What the commands that write drafts have in common."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.invoices.domain import refusals
from services.invoices.domain.attachments import require_uploaded
from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.document.content import Content
from services.invoices.domain.document.credit import NOTHING
from services.invoices.domain.invoice import Invoice, decide_draft
from services.invoices.domain.numbering import Numbering
from services.invoices.domain.series import Counter, series_stream
from services.invoices.handlers.remembering import still_remembered
from services.invoices.history import (
    customer_stream,
    encode,
    invoice_stream,
    load_attachments,
    load_customer,
    load_invoice,
    load_numbering,
)
from services.invoices.ports import Ports
from shared.contracts.decision import Allow, Facts
from shared.eventstore.model import NewEvent
from shared.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class NewDraft:
    """A draft that is decided and not yet in the log."""

    event: NewEvent
    expected: Mapping[str, int]
    """The versions that the append must find."""


def new_draft(ports: Ports, tenant: str, content: Content, allow: Allow, *, quote_id: str | None = None) -> NewDraft:
    """Decide on a draft, for somebody who may write it; `quote_id`: what it is an invoice of.

    Raises PublicError customer_unknown, key_shredded, invoice_unknown (among those before it), series_unknown,
    invoice_empty, line_invalid, document_invalid, issue_date_invalid, permission_denied.
    """
    remembered = still_remembered(ports, tenant, content.customer_id)
    customer, registered_by = load_customer(ports.log, tenant, content.customer_id)
    if customer is None:
        raise refusals.customer_unknown()
    require_named(ports, tenant, content)
    today = ports.clock.now().date()
    decision = decide_draft(invoice_id=new_id(), content=content, today=today, quote_id=quote_id)
    allow(facts_of(content, registered_by))
    stream = invoice_stream(decision.invoice_id)
    return NewDraft(encode(stream, customer_stream(content.customer_id), decision), {stream: 0, **remembered})


def facts_of(content: Content, registered_by: str) -> Facts:
    """Return what is judged of who writes a draft."""
    return Facts(registered_by=registered_by, amount=calculate(content).payable, currency=content.currency)


def load_own(ports: Ports, tenant: str, invoice_id: str, allow: Allow) -> tuple[Invoice, int]:
    """Return an invoice and its version, for somebody who may write drafts for its customer.

    Judged before anything is told about it; the amount is judged of the draft that is made of it (`new_draft`).
    Raises PublicError invoice_unknown, permission_denied.
    """
    invoice, version = load_invoice(ports.log, tenant, invoice_id)
    if invoice is None:
        raise refusals.invoice_unknown()
    _, registered_by = load_customer(ports.log, tenant, invoice.content.customer_id)
    allow(Facts(registered_by=registered_by, amount=NOTHING, currency=invoice.content.currency))
    return invoice, version


def require_named(ports: Ports, tenant: str, content: Content) -> None:
    """Refuse to name what this business does not have, or by a number or date that is not its own.

    Raises PublicError series_unknown, invoice_unknown, document_invalid.
    """
    require_attachable(ports, tenant, content)
    if content.series is not None:
        load_numbering(ports.log, tenant)[0].counter_for(content)
    if any(earlier.invoice_id is None for earlier in content.preceding):
        require_foreign(content, load_numbering(ports.log, tenant)[0], taken_in(ports, tenant))
    for index, earlier in enumerate(content.preceding):
        if earlier.invoice_id is None:
            continue
        named, _ = load_invoice(ports.log, tenant, earlier.invoice_id)
        if named is None:
            raise refusals.invoice_unknown()
        if named.issued is None or str(named.issued.number) != earlier.number:
            raise refusals.document_invalid(f"preceding.{index}.number", "That is not the number of this invoice.")
        if earlier.issue_date not in {None, named.content.issue_date}:
            raise refusals.document_invalid(f"preceding.{index}.issue_date", "This invoice has another date.")


def require_foreign(content: Content, numbering: Numbering, taken: Callable[[Counter], int]) -> None:
    """Refuse an earlier document without an id whose number is one of ours: nothing would bound what it credits.

    `taken`: how many numbers a counter has given. PublicError document_invalid.
    """
    for index, earlier in enumerate(content.preceding):
        if earlier.invoice_id is None and any(
            0 < place <= taken(counter) for counter, place in numbering.read(earlier.number)
        ):
            raise refusals.number_is_ours(index)


def taken_in(ports: Ports, tenant: str) -> Callable[[Counter], int]:
    """Return what tells how many numbers a counter has given."""
    return lambda counter: ports.log.version(tenant, series_stream(tenant, counter))


def require_attachable(ports: Ports, tenant: str, content: Content) -> None:
    """Refuse to attach what was not uploaded for this customer; PublicError document_invalid."""
    if content.attachments:
        require_uploaded(content.attachments, load_attachments(ports.log, tenant, content.customer_id)[0])
