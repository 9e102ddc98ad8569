"""Taking in a business, and inviting people to it."""

import uuid

from services.auth.codec import decode_all, encode
from services.auth.commands import CreateTenant, InviteUser
from services.auth.domain import enrolment as enrolments
from services.auth.domain.assignment import approval_needed
from services.auth.domain.events import AddressClaimed, TenantCreated
from services.auth.domain.roles import Role
from services.auth.domain.tenant import Tenant, fold_tenant
from services.auth.domain.ticket import Ticket, TicketKind
from services.auth.handlers.addresses import address_index
from services.auth.handlers.deciding import deciding_again
from services.auth.handlers.granting import book_of
from services.auth.history import load_tenant, roles_stream, tenant_stream, user_stream
from services.auth.ports import Ports
from services.auth.replies import Invited
from shared.crypto.keyring import TENANT_SUBJECT
from shared.eventstore.model import CommandId, NewEvent, RecordedEvent
from shared.kernel.ids import new_id

_TENANT_NAMESPACE = uuid.UUID("11c63ef3-c12d-4ed4-9272-925a0d073182")


def create_tenant(ports: Ports, command: CreateTenant, *, by: str, command_id: CommandId) -> Invited:
    """Take in a business and invite its owner.

    The tenant's id follows from who asks and the idempotency key, so that a retry finds the log of the first run.
    """
    tenant = str(uuid.uuid5(_TENANT_NAMESPACE, f"{by}/{command_id.key}"))
    earlier = ports.log.replay_of(tenant, command_id)
    if earlier is not None:
        return _invited(ports, tenant, earlier)
    ports.keyring.create_tenant(tenant)
    created = TenantCreated(name=command.name, created_by=by)
    owner = InviteUser(email=command.owner_email, name=command.owner_name, role=Role.OWNER)
    user_id = new_id()
    stream = tenant_stream(tenant)
    events = [
        encode(stream, TENANT_SUBJECT, created),
        *_invitation(ports, tenant, fold_tenant([created]), owner, user_id=user_id, by=by),
    ]
    recorded = ports.log.append(tenant, events, {stream: 0, user_stream(user_id): 0}, command_id)
    return _invited(ports, tenant, recorded)


@deciding_again
def invite_user(ports: Ports, command: InviteUser, *, tenant: str, by: str, command_id: CommandId) -> Invited:
    """Ask a person to enrol; `user_exists` when the address was invited before, `role_unknown`, `approval_needed`."""
    state = load_tenant(ports.snapshots, tenant)
    # Asked after loading: when this very command is carried out somewhere else at this moment, either it is found here,
    # or what was loaded is from before it. The other way round its own effect would be taken for somebody else's.
    earlier = ports.log.replay_of(tenant, command_id)
    if earlier is not None:
        return _invited(ports, tenant, earlier)
    book = book_of(ports, tenant)
    if book.require(command.role) == Role.OWNER:
        raise approval_needed()
    user_id = new_id()
    events = _invitation(ports, tenant, state, command, user_id=user_id, by=by)
    expected = {tenant_stream(tenant): state.version, user_stream(user_id): 0, roles_stream(tenant): book.version}
    return _invited(ports, tenant, ports.log.append(tenant, events, expected, command_id))


def _invitation(
    ports: Ports, tenant: str, state: Tenant, command: InviteUser, *, user_id: str, by: str
) -> list[NewEvent]:
    claim = state.claim(address_index(ports, tenant, command.email), user_id)
    invited = enrolments.invite(
        email=command.email,
        name=command.name,
        role=command.role,
        invitation=_invitation_ticket(ports, tenant, user_id),
        invited_by=by,
        now=ports.clock.now(),
    )
    stream = user_stream(user_id)
    return [encode(tenant_stream(tenant), TENANT_SUBJECT, claim), encode(stream, stream, invited)]


def _invited(ports: Ports, tenant: str, recorded: list[RecordedEvent]) -> Invited:
    claim = next(event for event in decode_all(recorded) if isinstance(event, AddressClaimed))
    return Invited(
        tenant, claim.user_id, recorded[-1].position, _invitation_ticket(ports, tenant, claim.user_id).text()
    )


def _invitation_ticket(ports: Ports, tenant: str, user_id: str) -> Ticket:
    return Ticket(TicketKind.INVITATION, tenant, user_id, ports.invitations.secret(tenant, user_id))
