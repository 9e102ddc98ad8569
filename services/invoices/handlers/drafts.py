"""Commands about drafts."""

from collections.abc import Sequence

from services.invoices.commands.documents import DraftInvoice
from services.invoices.domain import refusals
from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.document.content import Preceding
from services.invoices.domain.invoice import decide_draft
from services.invoices.handlers.archiving import draft_in
from services.invoices.handlers.deciding import deciding_again
from services.invoices.handlers.remembering import still_remembered
from services.invoices.handlers.retrying import allow_document, of_another
from services.invoices.history import (
    customer_stream,
    encode,
    invoice_stream,
    load_customer,
    load_numbering,
)
from services.invoices.ports import Ports
from services.invoices.replies import Drafted, drafted
from shared.contracts.decision import Allow, Facts
from shared.eventstore.model import CommandId
from shared.kernel.ids import new_id


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
    content = command.content
    remembered = still_remembered(ports, tenant, content.customer_id)
    customer, registered_by = load_customer(ports.log, tenant, content.customer_id)
    if customer is None:
        raise refusals.customer_unknown()
    _require_known(ports, tenant, content.preceding)
    if content.series is not None:
        load_numbering(ports.log, tenant)[0].counter_for(content)
    decision = decide_draft(invoice_id=new_id(), content=content, today=ports.clock.now().date())
    allow(Facts(registered_by=registered_by, amount=calculate(content).payable, currency=content.currency))
    stream = invoice_stream(decision.invoice_id)
    event = encode(stream, customer_stream(content.customer_id), decision)
    return drafted(ports.log.append(tenant, [event], {stream: 0, **remembered}, command_id)[0])


def _require_known(ports: Ports, tenant: str, preceding: Sequence[Preceding]) -> None:
    """Refuse an earlier document that this business does not have; PublicError invoice_unknown."""
    for earlier in preceding:
        if earlier.invoice_id is not None and not ports.log.version(tenant, invoice_stream(earlier.invoice_id)):
            raise refusals.invoice_unknown()
