"""The user: invited -> enrolling -> active.

A password is recorded together with a factor that is not proved yet, and the state becomes active only by an accepted
code of that factor. So there is no state in which a password stands without a second factor.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.auth.domain.code import CODE_LIMIT, CodeCheck, CodeOutcome
from services.auth.domain.events import (
    AuthEvent,
    EnrolmentBegun,
    EnrolmentCodeRefused,
    UserEnrolled,
    UserInvited,
)
from services.auth.domain.roles import ROLE_PERMISSIONS, Role
from services.auth.domain.ticket import Ticket, TicketKind, ticket_refused
from shared.contracts.grants import Grant, plain
from shared.kernel.clock import from_rfc3339, to_rfc3339

INVITATION_LIFETIME = timedelta(days=7)
ENROLMENT_LIFETIME = timedelta(minutes=15)


class UserState(StrEnum):
    """How far a user has come."""

    INVITED = "invited"
    ENROLLING = "enrolling"
    ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class User:
    """The fold of a stream `user-<id>`."""

    version: int
    state: UserState
    email: str
    role: Role
    invitation_hash: str
    invitation_ends: datetime
    password_hash: str = ""
    factor: str = ""
    enrolment_hash: str = ""
    enrolment_ends: datetime | None = None
    codes_refused: int = 0

    @property
    def grants(self) -> tuple[Grant, ...]:
        """What the user's role allows."""
        return plain(ROLE_PERMISSIONS[self.role])


def invite(*, email: str, name: str, role: Role, invitation: Ticket, invited_by: str, now: datetime) -> UserInvited:
    """Ask a person to enrol; the invitation lives seven days."""
    return UserInvited(
        email=email,
        name=name,
        role=role.value,
        invitation_hash=invitation.hash(),
        expires_at=to_rfc3339(now + INVITATION_LIFETIME),
        invited_by=invited_by,
    )


def require_invited(user: User | None, invitation: Ticket, now: datetime) -> User:
    """Return the user whom this invitation opens; `invitation_invalid` otherwise.

    Until the account is active its bearer may begin again (a closed page must not lock the person out for good);
    each beginning replaces password, factor and enrolment of the one before.
    """
    if (
        user is None
        or user.state is UserState.ACTIVE
        or now >= user.invitation_ends
        or not invitation.matches(user.invitation_hash)
    ):
        raise ticket_refused(TicketKind.INVITATION)
    return user


def begin_enrolment(*, password_hash: str, factor: str, enrolment: Ticket, now: datetime) -> EnrolmentBegun:
    """Record the chosen password and the offered factor for 15 minutes; `require_invited` comes first."""
    return EnrolmentBegun(
        password_hash=password_hash,
        factor=factor,
        enrolment_hash=enrolment.hash(),
        expires_at=to_rfc3339(now + ENROLMENT_LIFETIME),
    )


def require_enrolling(user: User | None, enrolment: Ticket, now: datetime) -> User:
    """Return the user whose open enrolment this is; `enrolment_invalid` otherwise."""
    if (
        user is None
        or user.state is not UserState.ENROLLING
        or user.enrolment_ends is None
        or now >= user.enrolment_ends
        or user.codes_refused >= CODE_LIMIT
        or not enrolment.matches(user.enrolment_hash)
    ):
        raise ticket_refused(TicketKind.ENROLMENT)
    return user


def conclude_enrolment(check: CodeCheck) -> UserEnrolled | EnrolmentCodeRefused:
    """Turn the verdict on the first code into what is recorded; `require_enrolling` comes first."""
    if check.outcome is CodeOutcome.ACCEPTED:
        return UserEnrolled(step=check.step)
    return EnrolmentCodeRefused(reason=check.outcome.value)


def _after(user: User | None, event: AuthEvent) -> User:
    match event:
        case UserInvited() if user is None:
            return User(
                version=1,
                state=UserState.INVITED,
                email=event.email,
                role=Role(event.role),
                invitation_hash=event.invitation_hash,
                invitation_ends=from_rfc3339(event.expires_at),
            )
        case EnrolmentBegun() if user is not None and user.state is not UserState.ACTIVE:
            return replace(
                user,
                version=user.version + 1,
                state=UserState.ENROLLING,
                password_hash=event.password_hash,
                factor=event.factor,
                enrolment_hash=event.enrolment_hash,
                enrolment_ends=from_rfc3339(event.expires_at),
                codes_refused=0,
            )
        case EnrolmentCodeRefused() if user is not None and user.state is UserState.ENROLLING:
            return replace(user, version=user.version + 1, codes_refused=user.codes_refused + 1)
        case UserEnrolled() if user is not None and user.state is UserState.ENROLLING:
            return replace(user, version=user.version + 1, state=UserState.ACTIVE)
        case _:
            raise ValueError(f"{type(event).__name__} cannot follow in the history of this user")


def fold_user(events: Iterable[AuthEvent]) -> User | None:
    """Return the user after its events; None when there are none. ValueError for an impossible history."""
    user: User | None = None
    for event in events:
        user = _after(user, event)
    return user
