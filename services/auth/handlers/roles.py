"""Roles: made, changed, retired, given."""

from collections.abc import Mapping

from services.auth.codec import decode, encode
from services.auth.commands import AssignRole, DefineRole, RetireRole
from services.auth.domain.assignment import assign, is_active_owner
from services.auth.domain.events import RoleAssigned, RoleDefined
from services.auth.domain.own_roles import OwnRole
from services.auth.domain.user import User
from services.auth.handlers.deciding import deciding_again
from services.auth.handlers.granting import book_of
from services.auth.handlers.people import people_of
from services.auth.history import load_user, roles_stream, user_stream
from services.auth.ports import Ports
from services.auth.replies import Assigned, Defined
from shared.crypto.keyring import TENANT_SUBJECT
from shared.eventstore.model import CommandId, RecordedEvent
from shared.kernel.ids import new_id


@deciding_again
def define_role(ports: Ports, command: DefineRole, *, tenant: str, command_id: CommandId) -> Defined:
    """Make or change a role; `role_unknown`, `role_name_taken`, `grant_not_givable`, `too_many_roles`.

    Everybody who has it holds the new grants at once: their tokens are revoked.
    """
    book = book_of(ports, tenant)
    # Asked after loading, as in invite_user.
    if earlier := ports.log.replay_of(tenant, command_id):
        return _defined(earlier[0])
    role_id = command.role_id or new_id()
    event = book.define(role_id, command.name, command.grants, new=command.role_id is None)
    stream = roles_stream(tenant)
    recorded = ports.log.append(tenant, [encode(stream, TENANT_SUBJECT, event)], {stream: book.version}, command_id)
    return _defined(recorded[0])


@deciding_again
def retire_role(ports: Ports, command: RetireRole, *, tenant: str, command_id: CommandId) -> int:
    """Take a role out of use and return the position; `role_unknown`. Whoever has it may do nothing from here on."""
    book = book_of(ports, tenant)
    if earlier := ports.log.replay_of(tenant, command_id):
        return earlier[0].position
    stream = roles_stream(tenant)
    event = encode(stream, TENANT_SUBJECT, book.retire(command.role_id))
    return ports.log.append(tenant, [event], {stream: book.version}, command_id)[0].position


@deciding_again
def assign_role(ports: Ports, command: AssignRole, *, tenant: str, by: str, command_id: CommandId) -> Assigned:
    """Give a user a role; `user_unknown`, `role_unknown`, `approval_needed`, `last_owner`."""
    book, people = book_of(ports, tenant), people_of(ports, tenant)
    if command.user_id not in people and (user := load_user(ports.log, tenant, command.user_id)) is not None:
        people[command.user_id] = user
    if earlier := ports.log.replay_of(tenant, command_id):
        return _assigned(command.user_id, earlier[0])
    event = assign(command.user_id, book.require(command.role), people, by=by)
    stream = user_stream(command.user_id)
    # The roles must be as they were, so that a role that is retired meanwhile is given to nobody; and so must the
    # owners, so that two who step down at the same moment do not leave the business without one.
    expected = {roles_stream(tenant): book.version, **owners_as_seen(people), stream: people[command.user_id].version}
    recorded = ports.log.append(tenant, [encode(stream, stream, event)], expected, command_id)
    return _assigned(command.user_id, recorded[0])


def list_roles(ports: Ports, *, tenant: str) -> list[OwnRole]:
    """Return the roles of the business's own that are in use, by name."""
    current = [role for role in book_of(ports, tenant).roles.values() if not role.retired]
    return sorted(current, key=lambda role: role.name.casefold())


def owners_as_seen(people: Mapping[str, User]) -> dict[str, int]:
    """Return the streams of all active owners and their versions, for an append that relies on who they are."""
    return {user_stream(user_id): user.version for user_id, user in people.items() if is_active_owner(user)}


def _defined(recorded: RecordedEvent) -> Defined:
    event = decode(recorded)
    if not isinstance(event, RoleDefined):
        raise TypeError(f"expected RoleDefined, the log has {recorded.type}")
    return Defined(event.role_id, recorded.position)


def _assigned(user_id: str, recorded: RecordedEvent) -> Assigned:
    event = decode(recorded)
    if not isinstance(event, RoleAssigned):
        raise TypeError(f"expected RoleAssigned, the log has {recorded.type}")
    return Assigned(user_id, event.role, recorded.position)
