"""Making somebody an owner, under four eyes."""

from services.auth.codec import decode_all, encode
from services.auth.commands import ApproveOwnerGrant, EndOwnerGrant, RequestOwnerGrant
from services.auth.domain import owner_grants
from services.auth.domain.assignment import assign_approved
from services.auth.domain.events import OwnerGranted, OwnerGrantEnded, OwnerGrantRequested
from services.auth.domain.owner_grants import OwnerGrants, fold_owner_grants
from services.auth.domain.roles import Role
from services.auth.domain.user import User
from services.auth.handlers.deciding import deciding_again
from services.auth.handlers.people import people_of
from services.auth.handlers.roles import owners_as_seen
from services.auth.history import load_user, user_stream
from services.auth.ports import Ports
from services.auth.replies import Asked
from shared.contracts.four_eyes import Approvable
from shared.crypto.keyring import TENANT_SUBJECT
from shared.eventstore.model import CommandId, RecordedEvent
from shared.kernel.ids import new_id


@deciding_again
def request_owner_grant(
    ports: Ports, command: RequestOwnerGrant, *, tenant: str, by: str, command_id: CommandId
) -> Asked:
    """Ask that somebody become an owner; `user_unknown`, `account_not_active`, `already_owner`."""
    grants, people = _load(ports, tenant), _people(ports, tenant, command.user_id)
    if earlier := ports.log.replay_of(tenant, command_id):
        return _asked(earlier)
    event = owner_grants.request(new_id(), command.user_id, people, by=by, now=ports.clock.now())
    return _asked(_append(ports, tenant, grants, event, command_id))


@deciding_again
def approve_owner_grant(
    ports: Ports, command: ApproveOwnerGrant, *, tenant: str, by: str, command_id: CommandId
) -> Asked:
    """Agree to what was shown, which makes the user an owner now.

    `by` is a user id, or `operator`. Raises `approval_unknown`, `second_person_needed`, `approval_expired`,
    `approval_differs`, `permission_denied`.
    """
    grants = _load(ports, tenant)
    requested = grants.requests.get(command.request_id)
    people = _people(ports, tenant, *([requested.user_id, requested.requested_by] if requested else []))
    if earlier := ports.log.replay_of(tenant, command_id):
        return _asked(earlier)
    now = ports.clock.now()
    granted = owner_grants.approve(grants, command.request_id, command.digest, people, by=by, now=now)
    assigned = assign_approved(granted.user_id, Role.OWNER.value, people, by=by)
    stream, user = _stream(tenant), user_stream(granted.user_id)
    # The owners must be as they were: nobody approves, and nobody's request counts, who stopped being one meanwhile.
    expected = {**owners_as_seen(people), stream: grants.version, user: people[granted.user_id].version}
    events = [encode(stream, TENANT_SUBJECT, granted), encode(user, user, assigned)]
    return _asked(ports.log.append(tenant, events, expected, command_id))


@deciding_again
def end_owner_grant(ports: Ports, command: EndOwnerGrant, *, tenant: str, by: str, command_id: CommandId) -> Asked:
    """Withdraw one's own request, or reject another one's; `approval_unknown`."""
    grants = _load(ports, tenant)
    if earlier := ports.log.replay_of(tenant, command_id):
        return _asked(earlier)
    event = owner_grants.end(grants, command.request_id, by=by)
    return _asked(_append(ports, tenant, grants, event, command_id))


def waiting_owner_grants(ports: Ports, *, tenant: str) -> list[Approvable]:
    """Return the requests that wait, exactly as they are approved."""
    grants, now = _load(ports, tenant), ports.clock.now()
    concerned = {each for request in grants.requests.values() for each in (request.user_id, request.requested_by)}
    people = _people(ports, tenant, *concerned)
    found = (grants.waiting(request_id, people) for request_id in grants.requests)
    return [each for each in found if each is not None and not each.is_over(now)]


def _stream(tenant: str) -> str:
    return f"owner-grants-{tenant}"


def _load(ports: Ports, tenant: str) -> OwnerGrants:
    return fold_owner_grants(decode_all(ports.log.load(tenant, _stream(tenant))))


def _people(ports: Ports, tenant: str, *concerned: str) -> dict[str, User]:
    """Return everybody, and surely those concerned: the read model may lack somebody who was invited a moment ago."""
    people = people_of(ports, tenant)
    for user_id in concerned:
        if user_id not in people and (user := load_user(ports.log, tenant, user_id)) is not None:
            people[user_id] = user
    return people


def _append(
    ports: Ports,
    tenant: str,
    grants: OwnerGrants,
    event: OwnerGrantRequested | OwnerGrantEnded,
    command_id: CommandId,
) -> list[RecordedEvent]:
    stream = _stream(tenant)
    # Sealed for the tenant: the ids of who asked and who agreed stay readable, whoever is forgotten.
    return ports.log.append(tenant, [encode(stream, TENANT_SUBJECT, event)], {stream: grants.version}, command_id)


def _asked(recorded: list[RecordedEvent]) -> Asked:
    first = decode_all(recorded)[0]
    if not isinstance(first, OwnerGrantRequested | OwnerGranted | OwnerGrantEnded):
        raise TypeError(f"expected an owner grant, the log has {recorded[0].type}")
    return Asked(first.request_id, recorded[-1].position)
