"""Claims: giving up what is still owed of one."""

from services.invoices.commands.reminders import WaiveClaim
from services.invoices.domain import refusals_of_reminders as refused
from services.invoices.domain.claim import claimed_in, decide_waiver
from services.invoices.handlers.deciding import deciding_again
from services.invoices.handlers.remembering import still_remembered
from services.invoices.history import customer_stream, decode, encode, receivable_stream
from services.invoices.ports import Ports
from shared.eventstore.model import CommandId, RecordedEvent


@deciding_again
def waive_claim(ports: Ports, command: WaiveClaim, *, tenant: str, command_id: CommandId) -> RecordedEvent:
    """Give up what is still owed of a claim; PublicError claim_unknown, nothing_owed, key_shredded."""
    stream = receivable_stream(command.claim_id)
    recorded = ports.log.load(tenant, stream)
    claim = claimed_in([decode(event) for event in recorded])
    if claim is None:
        raise refused.claim_unknown()
    if earlier := ports.log.replay_of(tenant, command_id):
        return earlier[0]
    remembered = still_remembered(ports, tenant, claim.customer_id)
    event = encode(stream, customer_stream(claim.customer_id), decide_waiver(claim, command.reason))
    return ports.log.append(tenant, [event], {stream: len(recorded), **remembered}, command_id)[0]
