"""What owners do to the accounts of others: disable, enable, unlock."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from services.auth.codec import encode
from services.auth.commands import DisableUser, EnableUser, UnlockUser
from services.auth.domain.assignment import is_active_owner, user_unknown
from services.auth.domain.events import UserDisabled, UserEnabled, UserEvent, UserUnlocked
from services.auth.domain.user import User, UserState
from services.auth.handlers.deciding import deciding_again
from services.auth.handlers.people import people_of
from services.auth.handlers.roles import owners_as_seen
from services.auth.history import load_user, user_stream
from services.auth.ports import Ports
from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.model import CommandId


@deciding_again
def disable_user(ports: Ports, command: DisableUser, *, tenant: str, command_id: CommandId) -> int:
    """Close an account and end its sessions; return the position. `user_unknown`, `last_owner`, `user_disabled`."""
    people, user = people_of(ports, tenant), require_user(ports, tenant, command.user_id)
    # Asked after loading, as in invite_user.
    if earlier := ports.log.replay_of(tenant, command_id):
        return earlier[-1].position
    if user.state is UserState.DISABLED:
        raise PublicError(ErrorCode.USER_DISABLED, "this account is disabled already")
    others = [each for each, person in people.items() if is_active_owner(person) and each != command.user_id]
    if is_active_owner(user) and not others:
        raise PublicError(ErrorCode.LAST_OWNER, "A business keeps at least one active owner.")
    # The owners must be as they were: two who disable each other at the same moment do not both succeed.
    owners = owners_as_seen(people)
    disabled, subject = UserDisabled(command.reason), (command.user_id, user.version)
    return _append(ports, tenant, subject, disabled, command_id, relied_on=owners)


@deciding_again
def enable_user(ports: Ports, command: EnableUser, *, tenant: str, command_id: CommandId) -> int:
    """Open a disabled account again; return the position. `user_unknown`, `user_not_disabled`."""
    user = require_user(ports, tenant, command.user_id)
    if earlier := ports.log.replay_of(tenant, command_id):
        return earlier[-1].position
    if user.state is not UserState.DISABLED:
        raise PublicError(ErrorCode.USER_NOT_DISABLED, "this account is not disabled")
    return _append(ports, tenant, (command.user_id, user.version), UserEnabled(), command_id)


@deciding_again
def unlock_user(ports: Ports, command: UnlockUser, *, tenant: str, command_id: CommandId) -> int:
    """Forget an account's failures; return the position. `user_unknown`."""
    user = require_user(ports, tenant, command.user_id)
    earlier = ports.log.replay_of(tenant, command_id)
    position = (
        earlier[-1].position
        if earlier
        else _append(ports, tenant, (command.user_id, user.version), UserUnlocked(), command_id)
    )
    # After the event, and on a retry again: whoever is killed in between has it done by asking once more.
    ports.throttle.unlock(tenant, user.email)
    return position


def lock_state(ports: Ports, *, tenant: str, user_id: str) -> tuple[int, datetime | None]:
    """Return an account's failures in a row, and until when it is closed, if it is. `user_unknown`."""
    user = require_user(ports, tenant, user_id)
    return ports.throttle.failures(tenant, user.email, ports.clock.now())


def require_user(ports: Ports, tenant: str, user_id: str) -> User:
    """Return a user of the business; `user_unknown`."""
    user = load_user(ports.log, tenant, user_id)
    if user is None:
        raise user_unknown()
    return user


def _append(
    ports: Ports,
    tenant: str,
    user: tuple[str, int],
    event: UserEvent,
    command_id: CommandId,
    *,
    relied_on: Mapping[str, int] = MappingProxyType({}),
) -> int:
    """Append to a user's stream while those that were relied on are as they were; return the position."""
    user_id, version = user
    stream = user_stream(user_id)
    expected = {**relied_on, stream: version}
    return ports.log.append(tenant, [encode(stream, stream, event)], expected, command_id)[-1].position
