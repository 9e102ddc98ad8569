"""Who issues, and the account that customers pay into: the commands, in the manner of handlers.py."""

from collections.abc import Callable

from services.invoices.commands.sellers import (
    ApproveBankAccountChange,
    ConfigureSeller,
    EndBankAccountChange,
    RequestBankAccountChange,
)
from services.invoices.domain import bank_account, refusals_of_sellers
from services.invoices.domain.bank_account import SellerState
from services.invoices.domain.document.parties import Seller
from services.invoices.domain.events import Event
from services.invoices.domain.series import seller_stream
from services.invoices.handlers.approving import approval_of
from services.invoices.handlers.deciding import deciding_again
from services.invoices.history import encode, load_seller
from services.invoices.ports import Ports
from shared.contracts.four_eyes import Approvable
from shared.crypto.keyring import TENANT_SUBJECT
from shared.eventstore.model import CommandId, RecordedEvent
from shared.kernel.ids import new_id

Decide = Callable[[SellerState], Event]


def configure_seller(
    ports: Ports,
    command: ConfigureSeller,
    *,
    tenant: str,
    command_id: CommandId,
    require_step_up: Callable[[], None],
) -> int:
    """Write down who issues; return the position. The tenant's first command makes its key in this service.

    Naming the account for the first time takes a step-up, which `require_step_up` asks for; another account than the
    one there is takes two people. Raises PublicError step_up_needed, step_up_invalid, second_person_needed.
    """
    ports.keyring.create_tenant(tenant)

    def decide(state: SellerState) -> Event:
        event = bank_account.decide_configuration(state, command.seller, ports.clock.now().date())
        if state.seller is None:
            require_step_up()
        return event

    return _decided(ports, tenant, command_id, decide).position


def request_bank_account_change(
    ports: Ports, command: RequestBankAccountChange, *, tenant: str, command_id: CommandId
) -> int:
    """Ask that customers pay into another account; PublicError seller_missing, malformed_request, permission_denied."""
    by = approval_of(command_id)

    def decide(state: SellerState) -> Event:
        return bank_account.decide_change(state, new_id(), command.iban, by, ports.clock.now())

    return _decided(ports, tenant, command_id, decide).position


def approve_bank_account_change(
    ports: Ports, command: ApproveBankAccountChange, *, tenant: str, command_id: CommandId
) -> int:
    """Agree, as a second person, to the change that was shown; it takes effect now.

    Raises PublicError approval_unknown, second_person_needed, approval_expired, approval_differs, permission_denied.
    """
    by = approval_of(command_id)

    def decide(state: SellerState) -> Event:
        return bank_account.decide_approval(state, command.request_id, command.digest, by, ports.clock.now())

    return _decided(ports, tenant, command_id, decide).position


def end_bank_account_change(ports: Ports, command: EndBankAccountChange, *, tenant: str, command_id: CommandId) -> int:
    """Withdraw one's own request, or reject another one's; PublicError approval_unknown, permission_denied."""
    by = approval_of(command_id)

    def decide(state: SellerState) -> Event:
        return bank_account.decide_end(state, command.request_id, by)

    return _decided(ports, tenant, command_id, decide).position


def waiting_change(ports: Ports, *, tenant: str) -> Approvable | None:
    """Return the change that waits for a second person; None when none does, or it waited too long."""
    waiting = load_seller(ports.log, tenant)[0].waiting
    return None if waiting is None or waiting.is_over(ports.clock.now()) else waiting


def get_seller(ports: Ports, *, tenant: str) -> Seller:
    """Return the seller as it stands; PublicError seller_missing."""
    seller = load_seller(ports.log, tenant)[0].seller
    if seller is None:
        raise refusals_of_sellers.seller_missing()
    return seller


@deciding_again
def _decided(ports: Ports, tenant: str, command_id: CommandId, decide: Decide) -> RecordedEvent:
    state, version = load_seller(ports.log, tenant)
    # Asked after loading, as in handlers.issue_invoice.
    if earlier := ports.log.replay_of(tenant, command_id):
        return earlier[0]
    stream = seller_stream(tenant)
    event = encode(stream, TENANT_SUBJECT, decide(state))
    return ports.log.append(tenant, [event], {stream: version}, command_id)[0]
