"""From an invitation to an active account: a password, then a proved second factor."""

import secrets

from services.auth.commands import BeginEnrolment, CompleteEnrolment
from services.auth.domain import enrolment as enrolments
from services.auth.domain.events import UserEnrolled, UserEvent
from services.auth.domain.factor import FactorKind, Offer
from services.auth.domain.ticket import SECRET_BYTES, Ticket, TicketKind
from services.auth.domain.user import User
from services.auth.handlers.deciding import deciding_again
from services.auth.handlers.offering import new_offer
from services.auth.handlers.passwords import require_suitable_password
from services.auth.handlers.proving import prove_offered
from services.auth.handlers.recovery import issue_codes
from services.auth.history import append_to_user, load_user
from services.auth.ports import Ports
from services.auth.replies import Enrolled, Enrolling
from shared.eventstore.model import Author

_FIRST_NAMES = {FactorKind.TOTP: "authenticator app", FactorKind.PASSKEY: "passkey"}
"""What the first factor is called."""


@deciding_again
def begin_enrolment(ports: Ports, command: BeginEnrolment) -> Enrolling:
    """Take a password and offer a second factor; `invitation_invalid`, `password_unsuitable`."""
    invitation = Ticket.read(TicketKind.INVITATION, command.invitation)
    tenant, user_id, now = invitation.tenant, invitation.subject, ports.clock.now()
    user = enrolments.require_invited(load_user(ports.log, tenant, user_id), invitation, now)
    require_suitable_password(ports, tenant, user, command.password)
    enrolment = Ticket(TicketKind.ENROLMENT, tenant, user_id, secrets.token_bytes(SECRET_BYTES))
    offer, setup = new_offer(ports, enrolment, user, command.kind, _FIRST_NAMES[command.kind])
    event = enrolments.begin_enrolment(password_hash=ports.passwords.hash(command.password), offer=offer)
    # Known by an invitation so far, which is no factor.
    append_to_user(ports.log, tenant, (user_id, user.version), [event], by=Author("person", user_id))
    return Enrolling(enrolment.text(), setup, offer.ends)


def complete_enrolment(ports: Ports, command: CompleteEnrolment) -> Enrolled:
    """Make the account active by a first proof; `enrolment_invalid`, `code_refused`, `code_reused`."""
    enrolment = Ticket.read(TicketKind.ENROLMENT, command.enrolment)
    tenant, user_id = enrolment.tenant, enrolment.subject

    def enrolling() -> tuple[User, Offer]:
        return enrolments.require_enrolling(load_user(ports.log, tenant, user_id), enrolment, ports.clock.now())

    proved, material = prove_offered(ports, tenant, user_id, enrolling(), command.proof)

    codes, issued = issue_codes(ports, tenant, user_id)

    @deciding_again
    def conclude() -> None:
        user, offer = enrolling()
        event = enrolments.conclude_enrolment(offer, material, proved, ports.clock.now())
        events: list[UserEvent] = [event, issued] if isinstance(event, UserEnrolled) else [event]
        append_to_user(ports.log, tenant, (user_id, user.version), events, by=Author("person", user_id, proved.amr))

    conclude()
    proved.require_accepted()
    return Enrolled(tenant, user_id, codes)
