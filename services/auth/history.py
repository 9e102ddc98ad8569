"""Aggregates from the log and their events into it: the names of auth's streams live here.

Who logs in or enrols has no token yet, so the author of those events is made here, from what was shown so far.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.auth.codec import decode, decode_all, encode
from services.auth.domain.events import (
    LoginEvent,
    LoginRefused,
    LoginSucceeded,
    NewDeviceSeen,
    SessionBegan,
    SessionEnded,
    SessionEvent,
    UserEvent,
)
from services.auth.domain.login import Login, factors_shown, fold_login
from services.auth.domain.own_roles import OwnRole, RoleBook, roles_after
from services.auth.domain.revocation import END_OF_SESSIONS
from services.auth.domain.session import EndReason, Session, fold_session, session_begun
from services.auth.domain.standing import Ending, Standing
from services.auth.domain.tenant import Tenant, tenant_after
from services.auth.domain.user import User
from services.auth.domain.user_history import fold_user
from shared.contracts.grants import from_claims, to_claims
from shared.crypto.keyring import TENANT_SUBJECT, KeyShredded
from shared.eventstore.log import TenantLog
from shared.eventstore.model import Author, Payload
from shared.eventstore.snapshots import Fold, Snapshots


def _tenant_to(tenant: Tenant) -> Payload:
    return {"version": tenant.version, "name": tenant.name, "addresses": dict(tenant.addresses)}


def _tenant_from(payload: Mapping[str, Any]) -> Tenant:
    return Tenant(payload["version"], payload["name"], dict(payload["addresses"]))


TENANT_FOLD: Fold[Tenant] = Fold(
    name="tenant",
    schema=2,
    empty=Tenant(),
    step=lambda tenant, event: tenant_after(tenant, decode(event)),
    to_payload=_tenant_to,
    from_payload=_tenant_from,
)


def _roles_to(book: RoleBook) -> Payload:
    own = [[role.id, role.name, to_claims(role.grants), role.retired] for role in book.roles.values()]
    return {"version": book.version, "roles": own}


def _roles_from(payload: Mapping[str, Any]) -> RoleBook:
    own = [OwnRole(role_id, name, from_claims(claims), retired) for role_id, name, claims, retired in payload["roles"]]
    return RoleBook(payload["version"], {role.id: role for role in own})


ROLES_FOLD: Fold[RoleBook] = Fold(
    name="roles",
    schema=1,
    empty=RoleBook(),
    step=lambda book, event: roles_after(book, decode(event)),
    to_payload=_roles_to,
    from_payload=_roles_from,
)


def tenant_stream(tenant: str) -> str:
    """Name the stream of a tenant's addresses."""
    return f"tenant-{tenant}"


def roles_stream(tenant: str) -> str:
    """Name the stream of the roles that a tenant made itself."""
    return f"roles-{tenant}"


def decision_stream(decision_id: str) -> str:
    """Name the stream of a decision, which holds it and nothing else."""
    return f"decision-{decision_id}"


def user_stream(user_id: str) -> str:
    """Name the stream of a user, which is also the data subject whose key seals it."""
    return f"user-{user_id}"


def login_stream(login_id: str) -> str:
    """Name the stream of one attempt to log in."""
    return f"login-{login_id}"


def notice_stream(notice_id: str) -> str:
    """Name the stream of one mail that is due."""
    return f"notice-{notice_id}"


def session_stream(session_id: str) -> str:
    """Name the stream of a session."""
    return f"session-{session_id}"


def load_tenant(snapshots: Snapshots, tenant: str) -> Tenant:
    """Return the tenant; version 0 when there is none. Its stream grows with every invitation, for ever."""
    return snapshots.load(tenant, tenant_stream(tenant), TENANT_FOLD)[0]


def load_roles(snapshots: Snapshots, tenant: str) -> RoleBook:
    """Return the roles that a tenant made itself; version 0 when there are none."""
    return snapshots.load(tenant, roles_stream(tenant), ROLES_FOLD)[0]


def load_user(log: TenantLog, tenant: str, user_id: str) -> User | None:
    """Return the user; None when unknown, or forgotten: a shredded key makes a user as if never known."""
    try:
        return fold_user(decode_all(log.load(tenant, user_stream(user_id))))
    except KeyShredded:
        return None


def load_login(log: TenantLog, tenant: str, login_id: str) -> Login | None:
    """Return the login; None when unknown, or of a user who was forgotten."""
    try:
        recorded = log.load(tenant, login_stream(login_id))
    except KeyShredded:
        return None
    login = fold_login(decode_all(recorded))
    if login is None:
        return None
    began = recorded[0]
    return replace(login, source=None if began.by is None else began.by.source, position=began.position)


def load_session(log: TenantLog, tenant: str, session_id: str) -> Session | None:
    """Return the session; None when unknown, or of a user who was forgotten."""
    try:
        recorded = log.load(tenant, session_stream(session_id))
    except KeyShredded:
        return None
    return fold_session(session_id, recorded[0].position, decode_all(recorded)) if recorded else None


def load_standing(log: TenantLog, tenant: str, user_id: str) -> Standing:
    """Return where the user stands."""
    try:
        recorded = log.load(tenant, user_stream(user_id))
    except KeyShredded:
        return Standing(None)
    endings = [
        Ending(event.position, None if event.by is None else event.by.session, END_OF_SESSIONS[event.type])
        for event in recorded
        if event.type in END_OF_SESSIONS
    ]
    return Standing(fold_user(decode_all(recorded)), tuple(endings))


def append_to_user(
    log: TenantLog, tenant: str, user: tuple[str, int], events: Sequence[UserEvent], *, by: Author
) -> None:
    """Append what was done by a user, or to one, to their stream; VersionConflict.

    `user` is their id and the version that the stream must be at.
    """
    user_id, version = user
    stream = user_stream(user_id)
    log.append(tenant, [encode(stream, stream, event) for event in events], {stream: version}, by=by)


def append_to_login(
    log: TenantLog,
    tenant: str,
    login: tuple[str, int],
    event: LoginEvent,
    *,
    user_id: str | None,
    source: str | None,
) -> None:
    """Append to a login's stream: `login` is its id and the version it must be at; VersionConflict.

    It is sealed for the user, and for the tenant when nobody knows which user.
    """
    login_id, version = login
    stream = login_stream(login_id)
    if user_id is None or isinstance(event, LoginRefused):
        by = Author("anonymous", session=login_id, source=source)
    else:
        by = Author("person", user_id, factors_shown(event), login_id, source)
    subject = TENANT_SUBJECT if user_id is None else user_stream(user_id)
    log.append(tenant, [encode(stream, subject, event)], {stream: version}, by=by)


def append_session_begun(
    log: TenantLog,
    tenant: str,
    login: tuple[str, Login],
    events: tuple[LoginSucceeded, SessionBegan],
    *,
    user: User,
    seen: NewDeviceSeen | None = None,
) -> Session:
    """Append that a login succeeded, what it is worth and a source never seen, all or nothing; return the session.

    The session is made of what was recorded: what is not in the log is none. VersionConflict, also when
    the user changed.
    """
    (login_id, begun), (succeeded, began) = login, events
    subject, streams = user_stream(began.user_id), (login_stream(login_id), session_stream(login_id))
    by = Author("person", began.user_id, factors_shown(succeeded), login_id, begun.source)
    _, recorded, *_ = log.append(
        tenant,
        [
            encode(streams[0], subject, succeeded),
            encode(streams[1], subject, began),
            *([] if seen is None else [encode(subject, subject, seen)]),
        ],
        {streams[0]: begun.version, streams[1]: 0, subject: user.version},
        by=by,
    )
    return session_begun(login_id, recorded.position, decode(recorded))


def append_to_session(
    log: TenantLog, tenant: str, session: Session, event: SessionEvent, *, user: User | None = None
) -> None:
    """Append to a session's stream; VersionConflict when the session, or the `user` if given, is not as it was."""
    stream, subject = session_stream(session.id), user_stream(session.user_id)
    # Whoever shows a spent token is not known to be the user: one of the two who hold it copied it.
    stranger = isinstance(event, SessionEnded) and event.reason == EndReason.REUSE.value
    by = (
        Author("anonymous", session=session.id)
        if stranger
        else Author("person", session.user_id, session.factors, session.id, session.source)
    )
    expected = {stream: session.version} if user is None else {stream: session.version, subject: user.version}
    log.append(tenant, [encode(stream, subject, event)], expected, by=by)
