"""Parts of a user's history that several tests begin with."""

from datetime import UTC, datetime, timedelta

from services.auth.domain.enrolment import OFFER_LIFETIME, begin_enrolment, conclude_enrolment
from services.auth.domain.events import EnrolmentBegun, EnrolmentProofRefused, UserEnrolled
from services.auth.domain.factor import FactorKind, Offer
from services.auth.domain.proof import ProofOutcome, Proved
from services.auth.domain.ticket import Ticket
from shared.kernel.ids import new_id

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
APP = new_id()
ACCEPTED = Proved(ProofOutcome.ACCEPTED, ("otp",), APP, 7)
WRONG = Proved(ProofOutcome.WRONG)
REUSED = Proved(ProofOutcome.REUSED)


def offer(ticket: Ticket, *, factor_id: str = APP, now: datetime = NOW, lives: timedelta = OFFER_LIFETIME) -> Offer:
    """An authenticator app that is offered and not proved."""
    return Offer(factor_id, FactorKind.TOTP, "phone", ticket.hash(), now + lives, "sealed")


def enrolment_begun(ticket: Ticket, now: datetime = NOW) -> EnrolmentBegun:
    return begin_enrolment(password_hash="phc", offer=offer(ticket, now=now))


def enrolment_concluded(ticket: Ticket, proved: Proved, now: datetime = NOW) -> UserEnrolled | EnrolmentProofRefused:
    return conclude_enrolment(offer(ticket, now=now), "sealed", proved, now)
