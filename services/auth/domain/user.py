"""The user: invited -> enrolling -> active.

A password is recorded together with a factor that is not proved yet, and the state becomes active only by an accepted
proof of that factor. So there is no state in which a password stands without a second factor.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.auth.domain.events import (
    AuthEvent,
    EnrolmentBegun,
    EnrolmentProofRefused,
    UserEnrolled,
    UserInvited,
)
from services.auth.domain.factor import Factor, FactorKind, Offer
from services.auth.domain.proof import PROOF_LIMIT, Proved
from services.auth.domain.roles import ROLE_PERMISSIONS, Role
from services.auth.domain.ticket import Ticket, TicketKind, ticket_refused
from shared.contracts.grants import Grant, plain
from shared.kernel.clock import from_rfc3339, to_rfc3339

INVITATION_LIFETIME = timedelta(days=7)
OFFER_LIFETIME = timedelta(minutes=15)


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
    factors: tuple[Factor, ...] = ()
    offer: Offer | None = None
    """The factor that the user is about to prove for the first time."""

    @property
    def grants(self) -> tuple[Grant, ...]:
        """What the user's role allows."""
        return plain(ROLE_PERMISSIONS[self.role])

    def factors_of(self, kind: FactorKind) -> tuple[Factor, ...]:
        """Return the user's factors of one kind."""
        return tuple(factor for factor in self.factors if factor.kind is kind)


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


def begin_enrolment(*, password_hash: str, offer: Offer) -> EnrolmentBegun:
    """Record the chosen password and the offered factor; `require_invited` comes first."""
    return EnrolmentBegun(
        password_hash=password_hash,
        factor_id=offer.factor_id,
        kind=offer.kind.value,
        name=offer.name,
        material=offer.material,
        enrolment_hash=offer.ticket_hash,
        expires_at=to_rfc3339(offer.ends),
    )


def require_enrolling(user: User | None, enrolment: Ticket, now: datetime) -> tuple[User, Offer]:
    """Return the user whose open enrolment this is, and what is offered there; `enrolment_invalid` otherwise."""
    if user is None or user.state is not UserState.ENROLLING:
        raise ticket_refused(TicketKind.ENROLMENT)
    return user, require_offered(user, enrolment, now)


def require_offered(user: User, ticket: Ticket, now: datetime) -> Offer:
    """Return the open offer whose ticket this is; the refusal of the ticket's kind otherwise."""
    offer = user.offer
    if (
        offer is None
        or now >= offer.ends
        or offer.proofs_refused >= PROOF_LIMIT
        or not ticket.matches(offer.ticket_hash)
    ):
        raise ticket_refused(ticket.kind)
    return offer


def conclude_enrolment(
    offer: Offer, material: str, proved: Proved, now: datetime
) -> UserEnrolled | EnrolmentProofRefused:
    """Turn the verdict on the first proof into what is recorded; `require_enrolling` comes first."""
    if not proved.accepted:
        return EnrolmentProofRefused(reason=proved.outcome.value)
    return UserEnrolled(
        factor_id=offer.factor_id,
        kind=offer.kind.value,
        name=offer.name,
        material=material,
        added_at=to_rfc3339(now),
        step=proved.step,
    )


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
            offer = Offer(
                factor_id=event.factor_id,
                kind=FactorKind(event.kind),
                name=event.name,
                ticket_hash=event.enrolment_hash,
                ends=from_rfc3339(event.expires_at),
                material=event.material,
            )
            return replace(
                user,
                version=user.version + 1,
                state=UserState.ENROLLING,
                password_hash=event.password_hash,
                offer=offer,
            )
        case EnrolmentProofRefused() if user is not None and user.state is UserState.ENROLLING and user.offer:
            offer = replace(user.offer, proofs_refused=user.offer.proofs_refused + 1)
            return replace(user, version=user.version + 1, offer=offer)
        case UserEnrolled() if user is not None and user.state is UserState.ENROLLING:
            factor = Factor(
                id=event.factor_id,
                kind=FactorKind(event.kind),
                name=event.name,
                added_at=from_rfc3339(event.added_at),
                material=event.material,
            )
            return replace(user, version=user.version + 1, state=UserState.ACTIVE, factors=(factor,), offer=None)
        case _:
            raise ValueError(f"{type(event).__name__} cannot follow in the history of this user")


def fold_user(events: Iterable[AuthEvent]) -> User | None:
    """Return the user after its events; None when there are none. ValueError for an impossible history."""
    user: User | None = None
    for event in events:
        user = _after(user, event)
    return user
