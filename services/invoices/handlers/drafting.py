"""What the commands that write drafts have in common."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.invoices.domain import refusals, refusals_of_credits
from services.invoices.domain.attachments import require_uploaded
from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.document.content import Content
from services.invoices.domain.document.credit import NOTHING
from services.invoices.domain.events import NumberTaken
from services.invoices.domain.events.quotes import QuoteNumberTaken
from services.invoices.domain.invoice import Invoice, decide_draft
from services.invoices.domain.numbering import Numbering
from services.invoices.domain.series import Counter, series_stream
from services.invoices.handlers.remembering import still_remembered
from services.invoices.history import (
    customer_stream,
    decode,
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
        require_foreign(content, load_numbering(ports.log, tenant)[0], given_in(ports, tenant))
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


def require_foreign(content: Content, numbering: Numbering, given: Callable[[Counter, int], str | None]) -> None:
    """Refuse an earlier document without an id whose number is one of ours: nothing would bound what it credits.

    One that we have not given yet likewise: it would come to name another document, or the one that names it.
    `given`: the number at a place of a counter; None where none is yet. PublicError document_invalid.
    """
    for index, earlier in enumerate(content.preceding):
        if earlier.invoice_id is not None:
            continue
        ours = (given(counter, place) for counter, place in numbering.read(earlier.number) if place > 0)
        if any(number is not None and numbering.is_same(number, earlier.number) for number in ours):
            raise refusals_of_credits.number_is_ours(index)
        if (series := numbering.able_to_give(earlier.number)) is not None:
            raise refusals_of_credits.number_may_be_ours(index, series.name)


def given_in(ports: Ports, tenant: str) -> Callable[[Counter, int], str | None]:
    """Return what tells which number is at a place of a counter."""

    def given(counter: Counter, place: int) -> str | None:
        stream = series_stream(tenant, counter)
        # What people write may be any number: only one that can be a version is looked up.
        if place > ports.log.version(tenant, stream):
            return None
        for event in ports.log.load(tenant, stream, after=place - 1, limit=1):
            taken = decode(event)
            if isinstance(taken, NumberTaken | QuoteNumberTaken):
                return str(taken.number)
        return None

    return given


def require_attachable(ports: Ports, tenant: str, content: Content) -> None:
    """Refuse to attach what was not uploaded for this customer; PublicError document_invalid."""
    if content.attachments:
        require_uploaded(content.attachments, load_attachments(ports.log, tenant, content.customer_id)[0])
