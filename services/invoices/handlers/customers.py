"""Commands about customers."""

from services.invoices.commands.customers import RegisterCustomer
from services.invoices.domain.document.parties import Customer
from services.invoices.domain.events import (
    CustomerRegistered,
)
from services.invoices.handlers.retrying import of_another
from services.invoices.history import (
    customer_stream,
    encode,
    person_of,
)
from services.invoices.ports import Ports
from services.invoices.replies import Registered, registered
from shared.contracts.decision import Allow, Facts
from shared.eventstore.model import CommandId, RecordedEvent
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
    if of_another(recorded, command_id):
        allow(Facts(registered_by=person_of(recorded[0].by)))
    return registered(recorded[0])


def customer_from(command: RegisterCustomer, customer_id: str) -> Customer:
    """Return the customer whom a command describes."""
    return Customer(
        customer_id=customer_id,
        name=command.name,
        email=command.email,
        address=command.address,
        vat_id=command.vat_id,
        reference=command.reference,
    )


def _registered(ports: Ports, command: RegisterCustomer, tenant: str, command_id: CommandId) -> list[RecordedEvent]:
    """Return what was recorded: now, or at this moment by somebody else who sent the same."""
    ports.keyring.create_tenant(tenant)
    customer = customer_from(command, new_id())
    stream = customer_stream(customer.customer_id)
    event = encode(stream, stream, CustomerRegistered(customer))
    return ports.log.append(tenant, [event], {stream: 0}, command_id)
