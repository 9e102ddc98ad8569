"""One function per command: load, decide, append, answer from what was recorded.

Commands that carry an idempotency key (`command_id`) answer a retry with the first answer. The others are made safe by
single-use tickets and single-use codes.
"""

import secrets
import uuid

from tenacity import retry, retry_if_exception_type, stop_after_attempt

from services.auth.codec import decode_all, encode
from services.auth.commands import (
    BeginEnrolment,
    BeginLogin,
    CompleteEnrolment,
    CompleteLogin,
    CreateTenant,
    InviteUser,
    IssueServiceToken,
)
from services.auth.domain import login as logins
from services.auth.domain import user as users
from services.auth.domain.code import CodeCheck, CodeOutcome
from services.auth.domain.events import AddressClaimed, LoginBegun, TenantCreated
from services.auth.domain.identity import address_key, require_suitable
from services.auth.domain.roles import SERVICE_PERMISSIONS, Role
from services.auth.domain.tenant import Tenant, fold_tenant
from services.auth.domain.ticket import SECRET_BYTES, Ticket, TicketKind, ticket_refused
from services.auth.history import (
    append_to_login,
    append_to_user,
    load_login,
    load_tenant,
    load_user,
    tenant_stream,
    user_stream,
)
from services.auth.ports import Ports
from services.auth.replies import Challenged, Enrolled, Enrolling, Invited, IssuedToken
from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.envelope import blind_index
from shared.crypto.keyring import TENANT_SUBJECT, KeyUnknown
from shared.eventstore.model import CommandId, NewEvent, RecordedEvent
from shared.eventstore.store import VersionConflict
from shared.kernel.ids import new_id

_TENANT_NAMESPACE = uuid.UUID("11c63ef3-c12d-4ed4-9272-925a0d073182")
# Somebody else changed the stream between load and append: load again, decide again.
_deciding_again = retry(retry=retry_if_exception_type(VersionConflict), stop=stop_after_attempt(8), reraise=True)


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


@_deciding_again
def invite_user(ports: Ports, command: InviteUser, *, tenant: str, by: str, command_id: CommandId) -> Invited:
    """Ask a person to enrol; `user_exists` when the address was invited before."""
    state = load_tenant(ports.snapshots, tenant)
    # Asked after loading: when this very command is carried out somewhere else at this moment, either it is found here,
    # or what was loaded is from before it. The other way round its own effect would be taken for somebody else's.
    earlier = ports.log.replay_of(tenant, command_id)
    if earlier is not None:
        return _invited(ports, tenant, earlier)
    user_id = new_id()
    events = _invitation(ports, tenant, state, command, user_id=user_id, by=by)
    expected = {tenant_stream(tenant): state.version, user_stream(user_id): 0}
    return _invited(ports, tenant, ports.log.append(tenant, events, expected, command_id))


@_deciding_again
def begin_enrolment(ports: Ports, command: BeginEnrolment) -> Enrolling:
    """Take a password and offer a second factor; `invitation_invalid`, `password_unsuitable`."""
    invitation = Ticket.read(TicketKind.INVITATION, command.invitation)
    tenant, user_id, now = invitation.tenant, invitation.subject, ports.clock.now()
    user = users.require_invited(load_user(ports.log, tenant, user_id), invitation, now)
    require_suitable(command.password)
    offer = ports.second_factor.offer(tenant, user_id, user.email)
    enrolment = Ticket(TicketKind.ENROLMENT, tenant, user_id, secrets.token_bytes(SECRET_BYTES))
    event = users.begin_enrolment(
        password_hash=ports.passwords.hash(command.password),
        factor=offer.sealed,
        enrolment=enrolment,
        now=now,
    )
    append_to_user(ports.log, tenant, user_id, user.version, event)
    return Enrolling(enrolment.text(), offer.provisioning_uri, now + users.ENROLMENT_LIFETIME)


def complete_enrolment(ports: Ports, command: CompleteEnrolment) -> Enrolled:
    """Make the account active by a first code; `enrolment_invalid`, `code_refused`, `code_reused`."""
    enrolment = Ticket.read(TicketKind.ENROLMENT, command.enrolment)
    tenant, user_id = enrolment.tenant, enrolment.subject

    def enrolling() -> users.User:
        return users.require_enrolling(load_user(ports.log, tenant, user_id), enrolment, ports.clock.now())

    check = _check_code(ports, tenant, user_id, enrolling().factor, command.code)

    @_deciding_again
    def conclude() -> None:
        append_to_user(ports.log, tenant, user_id, enrolling().version, users.conclude_enrolment(check))

    conclude()
    check.require_accepted()
    return Enrolled(tenant, user_id)


def begin_login(ports: Ports, command: BeginLogin) -> Challenged:
    """Turn address and password into a challenge, never into a token; `credentials_refused`.

    An unknown address takes the path of a known one, with a dummy hash and a stream that does not exist, and both
    are recorded, so that neither the answer nor its cost tells who has an account. A tenant that does not exist has no
    log to record in.
    """
    tenant, now = command.tenant, ports.clock.now()
    user_id = _user_at(ports, tenant, command.email)
    user = load_user(ports.log, tenant, user_id or new_id())
    stored = user.password_hash if user is not None and user.state is users.UserState.ACTIVE else None
    matches = ports.passwords.matches(command.password, stored)
    challenge = Ticket(TicketKind.CHALLENGE, tenant, new_id(), secrets.token_bytes(SECRET_BYTES))
    event = logins.begin(user_id, user, password_matches=matches, challenge=challenge, now=now)
    known = None if user is None else user_id
    if ports.log.head(tenant).size > 0:
        append_to_login(ports.log, tenant, (challenge.subject, 0), event, user_id=known, source=command.source)
    if not isinstance(event, LoginBegun):
        raise logins.credentials_refused()
    return Challenged(challenge.text(), now + logins.CHALLENGE_LIFETIME)


def complete_login(ports: Ports, command: CompleteLogin) -> IssuedToken:
    """Turn a challenge and a code into a token; `challenge_invalid`, `code_refused`, `code_reused`."""
    challenge = Ticket.read(TicketKind.CHALLENGE, command.challenge)
    tenant, login_id = challenge.tenant, challenge.subject

    def opened() -> logins.Login:
        return logins.require_open(load_login(ports.log, tenant, login_id), challenge, ports.clock.now())

    user_id = opened().user_id
    user = load_user(ports.log, tenant, user_id)
    if user is None:
        raise ticket_refused(TicketKind.CHALLENGE)
    check = _check_code(ports, tenant, user_id, user.factor, command.code)

    @_deciding_again
    def conclude() -> None:
        # The code is spent by now, whoever spent it; what is decided again is whether the challenge is still open.
        login = opened()
        event = logins.conclude(login, check)
        append_to_login(ports.log, tenant, (login_id, login.version), event, user_id=user_id, source=login.source)

    conclude()
    check.require_accepted()
    # From the log, not from memory: what is not recorded as succeeded earns no session.
    session = logins.session_of(login_id, load_login(ports.log, tenant, login_id))
    return ports.tokens.for_person(tenant, user, session, ports.clock.now())


def issue_service_token(ports: Ports, command: IssueServiceToken) -> IssuedToken:
    """Turn a service's signed assertion into a token; `assertion_invalid`."""
    now = ports.clock.now()
    service = ports.assertions.redeem(command.assertion, now)
    permissions = SERVICE_PERMISSIONS.get(service)
    if permissions is None:
        raise PublicError(ErrorCode.ASSERTION_INVALID, "this service is given no token")
    return ports.tokens.for_service(service, sorted(permissions), now)


def _check_code(ports: Ports, tenant: str, user_id: str, factor: str, code: str) -> CodeCheck:
    """Judge a code and, when it is right, use it up: before anything is granted, so that it can grant one thing."""
    now = ports.clock.now()
    if not ports.code_uses.attempt(tenant, user_id, now):
        return CodeCheck(CodeOutcome.TOO_MANY)
    step = ports.second_factor.step_of(tenant, user_id, factor, code, now)
    if step is None:
        return CodeCheck(CodeOutcome.WRONG)
    if not ports.code_uses.accept(tenant, user_id, step):
        return CodeCheck(CodeOutcome.REUSED)
    return CodeCheck(CodeOutcome.ACCEPTED, step)


def _invitation(
    ports: Ports, tenant: str, state: Tenant, command: InviteUser, *, user_id: str, by: str
) -> list[NewEvent]:
    claim = state.claim(_address_index(ports, tenant, command.email), user_id)
    invited = users.invite(
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


def _address_index(ports: Ports, tenant: str, email: str) -> str:
    return blind_index(ports.keyring.index_key(tenant), "auth/address", address_key(email)).hex()


def _user_at(ports: Ports, tenant: str, email: str) -> str | None:
    try:
        return ports.addresses.user_at(tenant, _address_index(ports, tenant, email))
    except KeyUnknown:  # no such tenant
        return None
