"""Mails that auth asks the notifier to send: who is told about what is decided here, what they say as well."""

import uuid

from services.auth.codec import decode, encode
from services.auth.domain.events import DrillMailed, NoticeDue
from services.auth.domain.notice import Audience, Letter, Occasion
from services.auth.domain.notices import CAUSES
from services.auth.domain.roles import Role
from services.auth.domain.user import User, UserState
from services.auth.handlers.drills import drill_letter
from services.auth.history import load_user, notice_stream, user_stream
from services.auth.ports import Addresses, Ports
from services.auth.replies import Notice
from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.keyring import KeyShredded
from shared.eventstore.log import TenantLog
from shared.eventstore.model import Author, RecordedEvent
from shared.eventstore.store import VersionConflict

_NAMESPACE = uuid.UUID("5b1d6b1e-6a4c-4e0e-9d5c-6f8b0d2f6f3a")
_AUTH = Author("service", "auth")
_AUDIENCES = {DrillMailed.__name__: Audience.PERSON, **{name: cause.audience for name, cause in CAUSES.items()}}
_DAILY = {name for name, cause in CAUSES.items() if cause.daily}


def announce(log: TenantLog, addresses: Addresses, event: RecordedEvent) -> None:
    """Record that mails are due about an event that calls for them: one event, and so one mail, for each person.

    The stream of a notice follows from the event (its kind and day, where one a day is told) and the person, and must
    not exist: whoever comes second, after a crash or beside another process, changes nothing.
    """
    audience = _AUDIENCES.get(event.type)
    if audience is None:
        return
    for user_id in _told(log, addresses, event.tenant, audience, _occasion(event)):
        notice_id = str(uuid.uuid5(_NAMESPACE, f"{event.tenant}/{_told_of(event)}/{user_id}"))
        due = encode(notice_stream(notice_id), user_stream(user_id), NoticeDue(user_id, event.position))
        if log.version(event.tenant, due.stream) > 0:
            continue
        try:
            log.append(event.tenant, [due], {due.stream: 0}, by=_AUTH)
        except (VersionConflict, KeyShredded):
            continue  # recorded by another process, or forgotten: nobody is left to be told


def notice(ports: Ports, *, tenant: str, position: int) -> Notice:
    """Return the mail that a `NoticeDue` asks for; `notice_unknown`, `key_shredded`."""
    try:
        return _notice(ports, tenant, position)
    except KeyShredded:
        raise PublicError(ErrorCode.KEY_SHREDDED, "who was to be told, or what about, was forgotten") from None


def _notice(ports: Ports, tenant: str, position: int) -> Notice:
    due = next((decode(event) for event in ports.log.at(tenant, position, position)), None)
    if not isinstance(due, NoticeDue):
        raise _unknown()
    (about,) = ports.log.at(tenant, due.about, due.about)
    user = load_user(ports.log, tenant, due.user_id)
    if user is None:
        raise _unknown()
    letter = _letter(ports, tenant, _occasion(about), user)
    if letter is None:
        raise _unknown()
    return Notice(user.name, user.email, letter.subject, letter.text)


def _letter(ports: Ports, tenant: str, occasion: Occasion, user: User) -> Letter | None:
    if occasion.type == DrillMailed.__name__:
        return drill_letter(ports, tenant, occasion.stream.partition("-")[2], user.name)
    cause = CAUSES.get(occasion.type)
    return None if cause is None else cause.write(occasion)


def _told_of(event: RecordedEvent) -> str:
    return f"{event.type}/{event.at[:10]}" if event.type in _DAILY else str(event.position)


def _told(log: TenantLog, addresses: Addresses, tenant: str, audience: Audience, occasion: Occasion) -> list[str]:
    if audience is Audience.PERSON:
        return [occasion.person]
    people = {user_id: load_user(log, tenant, user_id) for user_id in addresses.users(tenant)}
    return [
        user_id
        for user_id, user in people.items()
        if user is not None
        and user.state is UserState.ACTIVE
        and (audience is Audience.EVERYBODY or user.role == Role.OWNER)
    ]


def _occasion(event: RecordedEvent) -> Occasion:
    source = None if event.by is None else event.by.source
    return Occasion(event.type, event.stream, event.at, event.payload, source)


def _unknown() -> PublicError:
    return PublicError(ErrorCode.NOTICE_UNKNOWN, "no mail is asked for at this position")
