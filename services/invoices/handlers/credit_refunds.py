"""Refunds of credit notes that name no invoice: recorded once, never beyond what the credit note gives."""

from services.invoices.commands.payments import RefundCreditNote
from services.invoices.domain.free_credit import decide_credit_refund, free_credit
from services.invoices.domain.payment import require_value_date
from services.invoices.handlers.deciding import deciding_again
from services.invoices.handlers.remembering import still_remembered
from services.invoices.history import customer_stream, decode, encode, load_invoice, receivable_stream
from services.invoices.ports import Ports
from shared.eventstore.model import CommandId, RecordedEvent


@deciding_again
def refund_credit_note(ports: Ports, command: RefundCreditNote, *, tenant: str, command_id: CommandId) -> RecordedEvent:
    """Write down that what a credit note gives went back to the customer, in full or in part.

    Raises PublicError invoice_unknown, invoice_not_issued, not_refundable, credit_note_spent, value_date_invalid,
    key_shredded, malformed_request.
    """
    stream = receivable_stream(command.invoice_id)
    recorded = ports.log.load(tenant, stream)
    document, _ = load_invoice(ports.log, tenant, command.invoice_id)
    if earlier := ports.log.replay_of(tenant, command_id):
        return earlier[0]
    credit = free_credit(document, map(decode, recorded))
    require_value_date(command.value_date, ports.clock.now().date())
    remembered = still_remembered(ports, tenant, credit.customer_id)
    decision = decide_credit_refund(credit, command.amount, command.value_date, command.reason)
    event = encode(stream, customer_stream(credit.customer_id), decision)
    return ports.log.append(tenant, [event], {stream: len(recorded), **remembered}, command_id)[0]
