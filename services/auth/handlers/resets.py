"""Inviting a user anew, by two owners or by the operator."""

from services.auth.codec import decode, encode
from services.auth.commands import ApproveFactorReset, EndFactorReset, RequestFactorReset
from services.auth.domain import reset as resets
from services.auth.domain.events import BreakGlassUsed, FactorResetRequested, FactorsReset, UserEvent
from services.auth.domain.ticket import Ticket, TicketKind
from services.auth.domain.user import User
from services.auth.handlers.administration import require_user
from services.auth.handlers.deciding import deciding_again
from services.auth.handlers.people import people_of
from services.auth.history import append_to_user, load_user, user_stream
from services.auth.ports import Ports
from services.auth.replies import Invited, ResetRequested
from shared.contracts.four_eyes import Approvable
from shared.eventstore.model import Author, CommandId, RecordedEvent
from shared.kernel.ids import new_id


@deciding_again
def request_factor_reset(
    ports: Ports, command: RequestFactorReset, *, tenant: str, by: str, command_id: CommandId
) -> ResetRequested:
    """Ask that a user enrols anew. `user_unknown`, `user_disabled`."""
    user = require_user(ports, tenant, command.user_id)
    if earlier := ports.log.replay_of(tenant, command_id):
        return _requested(earlier[-1])
    event = resets.request_reset(user, new_id(), command.reason, by=by, now=ports.clock.now())
    stream = user_stream(command.user_id)
    recorded = ports.log.append(tenant, [encode(stream, stream, event)], {stream: user.version}, command_id)
    return _requested(recorded[-1])


@deciding_again
def approve_factor_reset(
    ports: Ports, command: ApproveFactorReset, *, tenant: str, by: str, command_id: CommandId
) -> Invited:
    """Agree, as a second owner: password and factors are gone, all sessions end, a new invitation opens the account.

    Raises `user_unknown`, `user_disabled`, `approval_unknown`, `second_person_needed`, `approval_expired`,
    `approval_differs`.
    """
    user = require_user(ports, tenant, command.user_id)
    asking = _asking(ports, tenant, user)
    if earlier := ports.log.replay_of(tenant, command_id):
        return _invited(ports, tenant, command.user_id, earlier[-1])
    now = ports.clock.now()
    waiting, agreed = resets.waiting(command.user_id, user, asking), (command.request_id, command.digest)
    request = resets.require_approvable(user, waiting, agreed, by=by, now=now)
    invitation = _invitation(ports, tenant, command.user_id, request.request_id)
    event = resets.reset(
        invitation,
        request.request_id,
        requested_by=request.requested_by,
        approved_by=by,
        digest=command.digest,
        now=now,
    )
    stream = user_stream(command.user_id)
    # Who asked must be as they were: nobody's request counts who stopped being an owner meanwhile.
    relied_on = {} if asking is None else {user_stream(request.requested_by): asking.version}
    expected = {**relied_on, stream: user.version}
    recorded = ports.log.append(tenant, [encode(stream, stream, event)], expected, command_id)
    ports.throttle.unlock(tenant, user.email)
    return _invited(ports, tenant, command.user_id, recorded[-1])


@deciding_again
def end_factor_reset(ports: Ports, command: EndFactorReset, *, tenant: str, by: str, command_id: CommandId) -> int:
    """Withdraw one's own request, or reject another one's; return the position. `user_unknown`, `approval_unknown`."""
    user = require_user(ports, tenant, command.user_id)
    if earlier := ports.log.replay_of(tenant, command_id):
        return earlier[-1].position
    event, stream = resets.end_reset(user, command.request_id, by=by), user_stream(command.user_id)
    return ports.log.append(tenant, [encode(stream, stream, event)], {stream: user.version}, command_id)[-1].position


def waiting_factor_resets(ports: Ports, *, tenant: str) -> list[Approvable]:
    """Return the requests that wait, exactly as they are approved."""
    now = ports.clock.now()
    found = (
        resets.waiting(user_id, user, _asking(ports, tenant, user))
        for user_id, user in people_of(ports, tenant).items()
        if user.reset is not None
    )
    return [each for each in found if each is not None and not each.is_over(now)]


@deciding_again
def break_glass(ports: Ports, *, tenant: str, user_id: str, reason: str, operator: str) -> str:
    """Do at once, for the operator on the host, what takes two owners otherwise; return the new invitation.

    A disabled account is opened too: the operator is asked when nobody else is left. `user_unknown`.
    """
    user, request_id, now = require_user(ports, tenant, user_id), new_id(), ports.clock.now()
    invitation = _invitation(ports, tenant, user_id, request_id)
    events: list[UserEvent] = [
        BreakGlassUsed(operator, reason),
        resets.reset(invitation, request_id, requested_by="", approved_by="", digest="", now=now),
    ]
    append_to_user(ports.log, tenant, (user_id, user.version), events, by=Author("service", "operator"))
    ports.throttle.unlock(tenant, user.email)
    return invitation.text()


def _asking(ports: Ports, tenant: str, user: User) -> User | None:
    """Return who asked that the user enrols anew, as they are now."""
    return None if user.reset is None else load_user(ports.log, tenant, user.reset.requested_by)


def _invitation(ports: Ports, tenant: str, user_id: str, request_id: str) -> Ticket:
    # Another secret than that of the first invitation, which somebody may still have.
    return Ticket(TicketKind.INVITATION, tenant, user_id, ports.invitations.secret(tenant, f"{user_id}/{request_id}"))


def _requested(recorded: RecordedEvent) -> ResetRequested:
    event = decode(recorded)
    if not isinstance(event, FactorResetRequested):
        raise TypeError(f"expected FactorResetRequested, the log has {recorded.type}")
    return ResetRequested(event.request_id, event.expires_at, recorded.position)


def _invited(ports: Ports, tenant: str, user_id: str, recorded: RecordedEvent) -> Invited:
    event = decode(recorded)
    if not isinstance(event, FactorsReset):
        raise TypeError(f"expected FactorsReset, the log has {recorded.type}")
    return Invited(tenant, user_id, recorded.position, _invitation(ports, tenant, user_id, event.request_id).text())
