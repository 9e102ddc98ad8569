"""Training as an owner looks after it: the rules, who is current, waivers; and reminders, which need nobody."""

from services.auth.codec import encode
from services.auth.commands import WaiveTraining
from services.auth.domain.training import reminder
from services.auth.domain.training_policy import PolicyInForce, TrainingPolicy
from services.auth.domain.training_record import waive
from services.auth.domain.user import User, UserState
from services.auth.handlers.deciding import deciding_again
from services.auth.handlers.training import training_of_user
from services.auth.history import load_user, user_stream
from services.auth.ports import Ports
from services.auth.replies import Member
from services.auth.training_history import load_policy, load_training, policy_stream, training_stream
from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.keyring import TENANT_SUBJECT, KeyShredded
from shared.eventstore.model import Author, CommandId
from shared.eventstore.store import VersionConflict

_AUTH = Author("service", "auth")


def training_policy(ports: Ports, *, tenant: str) -> PolicyInForce:
    """Return the rules that hold."""
    return load_policy(ports.log, tenant)


@deciding_again
def set_training_policy(ports: Ports, policy: TrainingPolicy, *, tenant: str, command_id: CommandId) -> int:
    """Set the rules in place of those before; `training_module_unknown`. Return the event's position."""
    unknown = set(policy.modules) - set(ports.modules.names())
    if unknown:
        raise PublicError(ErrorCode.TRAINING_MODULE_UNKNOWN, "there is no such module", {"modules": sorted(unknown)})
    held = load_policy(ports.log, tenant)
    recorded = ports.log.replay_of(tenant, command_id)
    if recorded is None:
        event = encode(policy_stream(tenant), TENANT_SUBJECT, policy.to_event())
        recorded = ports.log.append(tenant, [event], {event.stream: held.version}, command_id)
    return recorded[-1].position


@deciding_again
def waive_training(ports: Ports, command: WaiveTraining, *, tenant: str, by: str, command_id: CommandId) -> int:
    """Let somebody keep all permissions for some days; `user_unknown`, `second_person_needed`. Return the position."""
    user = load_user(ports.log, tenant, command.user_id)
    if user is None or user.state is not UserState.ACTIVE:
        raise PublicError(ErrorCode.USER_UNKNOWN, "there is no such user in this business")
    record = load_training(ports.log, tenant, command.user_id)
    recorded = ports.log.replay_of(tenant, command_id)
    if recorded is None:
        now = ports.clock.now()
        event = waive(user_id=command.user_id, reason=command.reason, days=command.days, by=by, now=now)
        new = encode(training_stream(command.user_id), user_stream(command.user_id), event)
        recorded = ports.log.append(tenant, [new], {new.stream: record.version}, command_id)
    return recorded[-1].position


def team_training(ports: Ports, *, tenant: str) -> list[Member]:
    """Return where every active person of the business stands, by name."""
    members = [
        Member(user_id, user.name, training_of_user(ports, tenant, user_id, user))
        for user_id, user in _active(ports, tenant).items()
    ]
    return sorted(members, key=lambda member: (member.name.casefold(), member.user_id))


def remind_team(ports: Ports, tenant: str) -> int:
    """Record the reminders that are to go out now; return how many.

    Whoever comes second, after a crash or beside another process, finds them recorded.
    """
    sent = 0
    for user_id, user in _active(ports, tenant).items():
        while _remind(ports, tenant, user_id, user):
            sent += 1
    return sent


def _remind(ports: Ports, tenant: str, user_id: str, user: User) -> bool:
    try:
        record = load_training(ports.log, tenant, user_id)
        event = reminder(user_id, training_of_user(ports, tenant, user_id, user), record)
        if event is None:
            return False
        new = encode(training_stream(user_id), user_stream(user_id), event)
        ports.log.append(tenant, [new], {new.stream: record.version}, by=_AUTH)
    except (VersionConflict, KeyShredded):
        return False  # something else happened there just now, or there is nobody left: the next round looks again
    return True


def _active(ports: Ports, tenant: str) -> dict[str, User]:
    people = {user_id: load_user(ports.log, tenant, user_id) for user_id in ports.addresses.users(tenant)}
    return {user_id: user for user_id, user in people.items() if user is not None and user.state is UserState.ACTIVE}
