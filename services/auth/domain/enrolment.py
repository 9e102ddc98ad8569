"""From an invitation to an active account: what opens each step, and what is recorded of it."""

from datetime import datetime, timedelta

from services.auth.domain.events import EnrolmentBegun, EnrolmentProofRefused, UserEnrolled, UserInvited
from services.auth.domain.factor import Offer
from services.auth.domain.proof import PROOF_LIMIT, Proved
from services.auth.domain.ticket import Ticket, TicketKind, ticket_refused
from services.auth.domain.user import User, UserState
from shared.kernel.clock import to_rfc3339

INVITATION_LIFETIME = timedelta(days=7)
OFFER_LIFETIME = timedelta(minutes=15)


def invite(*, email: str, name: str, role: str, invitation: Ticket, invited_by: str, now: datetime) -> UserInvited:
    """Ask a person to enrol; the invitation lives seven days."""
    return UserInvited(
        email=email,
        name=name,
        role=str(role),
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
        or user.state not in {UserState.INVITED, UserState.ENROLLING}
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
