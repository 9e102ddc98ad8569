"""The seller's logo: a change of the seller, shown on what is issued from then on."""

from collections.abc import Callable

from services.invoices.commands.attachments import SetLogo
from services.invoices.domain import refusals_of_sellers
from services.invoices.domain.events import LogoEvent, LogoRemoved, LogoSet
from services.invoices.domain.series import seller_stream
from services.invoices.handlers.deciding import deciding_again
from services.invoices.history import encode, load_seller
from services.invoices.ports import Ports
from shared.crypto.keyring import TENANT_SUBJECT
from shared.eventstore.model import CommandId

Ask = Callable[[], None]
"""Asks for a fresh proof, once it is known that nothing else stands against it: who issues is what customers trust."""


def set_logo(ports: Ports, command: SetLogo, *, tenant: str, command_id: CommandId, require_step_up: Ask) -> int:
    """Store a picture, then say that it is the logo; return the position.

    Raises PublicError seller_missing, file_refused, step_up_needed, step_up_invalid.
    """
    ports.recogniser.require_logo(command.content)
    return _changed(ports, tenant, command_id, command.content, require_step_up)


def remove_logo(ports: Ports, *, tenant: str, command_id: CommandId, require_step_up: Ask) -> int:
    """Have documents show the name alone; return the position.

    Raises PublicError seller_missing, step_up_needed, step_up_invalid.
    """
    return _changed(ports, tenant, command_id, None, require_step_up)


@deciding_again
def _changed(ports: Ports, tenant: str, command_id: CommandId, content: bytes | None, require_step_up: Ask) -> int:
    state, version = load_seller(ports.log, tenant)
    if earlier := ports.log.replay_of(tenant, command_id):
        return earlier[0].position
    if state.seller is None:
        raise refusals_of_sellers.seller_missing()
    require_step_up()
    digest = None if content is None else ports.documents.put(tenant, TENANT_SUBJECT, content)
    decision: LogoEvent = LogoRemoved() if digest is None else LogoSet(digest)
    stream = seller_stream(tenant)
    event = encode(stream, TENANT_SUBJECT, decision, digest)
    return ports.log.append(tenant, [event], {stream: version}, command_id)[0].position
