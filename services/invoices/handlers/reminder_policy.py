"""How the business reminds, and by which base rates: written down, and read."""

from services.invoices.commands.reminders import ConfigureReminders, RecordBaseRate
from services.invoices.domain.events import Event
from services.invoices.domain.events.reminders import BaseRateRecorded, RemindersConfigured
from services.invoices.domain.reminder_policy import require_known_rate, require_sound
from services.invoices.domain.series import reminding_stream
from services.invoices.handlers.deciding import deciding_again
from services.invoices.history import encode
from services.invoices.ports import Ports
from shared.crypto.keyring import TENANT_SUBJECT
from shared.eventstore.model import CommandId


def configure_reminders(ports: Ports, command: ConfigureReminders, *, tenant: str, command_id: CommandId) -> int:
    """Say how the business reminds from now on; return the position. PublicError reminder_policy_invalid."""
    return _append(ports, tenant, RemindersConfigured(require_sound(command.policy)), command_id)


def record_base_rate(ports: Ports, command: RecordBaseRate, *, tenant: str, command_id: CommandId) -> int:
    """Write a half-year's base rate down, or correct it; return the position. PublicError base_rate_invalid.

    What earlier reminders claimed stays as it is; the next one claims the difference, if there is any to claim.
    """
    today = ports.clock.now().date()
    return _append(ports, tenant, BaseRateRecorded(require_known_rate(command.rate, today)), command_id)


@deciding_again
def _append(ports: Ports, tenant: str, decision: Event, command_id: CommandId) -> int:
    ports.keyring.create_tenant(tenant)
    stream = reminding_stream(tenant)
    version = ports.log.version(tenant, stream)
    if earlier := ports.log.replay_of(tenant, command_id):
        return earlier[0].position
    event = encode(stream, TENANT_SUBJECT, decision)
    return ports.log.append(tenant, [event], {stream: version}, command_id)[0].position
