"""Commands about customers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.invoices.commands.customers import ChangeCustomer, RegisterCustomer
from services.invoices.domain import refusals
from services.invoices.domain.changing import require_version
from services.invoices.domain.customer import redirected
from services.invoices.domain.document.parties import Customer
from services.invoices.domain.events import CustomerChanged, CustomerRedirected, CustomerRegistered
from services.invoices.handlers.remembering import still_remembered
from services.invoices.handlers.retrying import of_another
from services.invoices.history import (
    customer_in,
    customer_stream,
    encode,
    person_of,
    redirects_stream,
)
from services.invoices.ports import Ports
from services.invoices.replies import Registered, registered
from shared.contracts.decision import Allow, Facts
from shared.crypto.age import RecipientInvalid, require_recipient
from shared.crypto.smime import CertificateRefused, require_certificate
from shared.eventstore.model import CommandId, RecordedEvent
from shared.kernel.ids import new_id

_NO_RECIPIENT = "Not an age recipient: age1 and 58 more characters, as age-keygen prints it."


@dataclass(frozen=True, slots=True)
class Found:
    """A customer as the log has them."""

    customer: Customer
    version: int
    """What `expected_version` is compared with."""


def register_customer(
    ports: Ports, command: RegisterCustomer, *, tenant: str, command_id: CommandId, allow: Allow
) -> Registered:
    """Make a customer known, with a key of their own; PublicError permission_denied, malformed_request.

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


def change_customer(
    ports: Ports,
    command: ChangeCustomer,
    *,
    tenant: str,
    command_id: CommandId,
    allow: Allow,
    require_step_up: Callable[[], None],
) -> Registered:
    """Describe a customer otherwise, for all documents that are issued from now on.

    Where documents go to is changed by somebody who has just proved a factor, which `require_step_up` asks for. Not
    decided again when somebody else is quicker: what they wrote would be lost without having been read.

    Raises PublicError customer_unknown, concurrent_change, key_shredded, malformed_request, permission_denied,
    step_up_needed, step_up_invalid.
    """
    stream = customer_stream(command.customer_id)
    remembered = still_remembered(ports, tenant, command.customer_id)
    recorded = ports.log.load(tenant, stream)
    if earlier := ports.log.replay_of(tenant, command_id):
        return registered(earlier[0])
    present, registered_by = customer_in(recorded)
    if present is None:
        raise refusals.customer_unknown()
    allow(Facts(registered_by=registered_by))
    require_version(len(recorded), command.expected_version)
    changed = described(command.particulars, command.customer_id, ports.clock.now(), within="particulars")
    events = [encode(stream, stream, CustomerChanged(changed))]
    expected = {stream: len(recorded), **remembered}
    if ways := redirected(present, changed):
        require_step_up()
        told = redirects_stream(command.customer_id)
        events.append(encode(told, stream, CustomerRedirected(command.customer_id, ways)))
        expected[told] = ports.log.version(tenant, told)
    return registered(ports.log.append(tenant, events, expected, command_id)[0])


def get_customer(ports: Ports, customer_id: str, *, tenant: str, allow: Allow) -> Found:
    """Return a customer, as the next document will say it.

    Raises PublicError customer_unknown, key_shredded, permission_denied.
    """
    still_remembered(ports, tenant, customer_id)
    recorded = ports.log.load(tenant, customer_stream(customer_id))
    customer, registered_by = customer_in(recorded)
    if customer is None:
        raise refusals.customer_unknown()
    allow(Facts(registered_by=registered_by))
    return Found(customer, len(recorded))


def described(command: RegisterCustomer, customer_id: str, now: datetime, *, within: str | None = None) -> Customer:
    """Return the customer whom a command describes, in the field `within` of a request, else at its top.

    PublicError malformed_request for an age key or certificate that mail could not be encrypted to.
    """
    if command.encryption_key is not None:
        try:
            require_recipient(command.encryption_key)
        except RecipientInvalid:
            raise refusals.encryption_refused("encryption_key", _NO_RECIPIENT, within=within) from None
    if command.encryption_certificate is not None:
        try:
            require_certificate(command.encryption_certificate, command.email, now)
        except CertificateRefused as error:
            raise refusals.encryption_refused("encryption_certificate", str(error), within=within) from None
    return command.named(customer_id)


def _registered(ports: Ports, command: RegisterCustomer, tenant: str, command_id: CommandId) -> list[RecordedEvent]:
    """Return what was recorded: now, or at this moment by somebody else who sent the same."""
    ports.keyring.create_tenant(tenant)
    customer = described(command, new_id(), ports.clock.now())
    stream = customer_stream(customer.customer_id)
    event = encode(stream, stream, CustomerRegistered(customer))
    return ports.log.append(tenant, [event], {stream: 0}, command_id)
