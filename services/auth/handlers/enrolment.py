"""From an invitation to an active account: a password, then a proved second factor."""

import secrets

from services.auth.commands import BeginEnrolment, CompleteEnrolment
from services.auth.domain import user as users
from services.auth.domain.identity import require_suitable
from services.auth.domain.ticket import SECRET_BYTES, Ticket, TicketKind
from services.auth.handlers.codes import check_code
from services.auth.handlers.deciding import deciding_again
from services.auth.history import append_to_user, load_user
from services.auth.ports import Ports
from services.auth.replies import Enrolled, Enrolling


@deciding_again
def begin_enrolment(ports: Ports, command: BeginEnrolment) -> Enrolling:
    """Take a password and offer a second factor; `invitation_invalid`, `password_unsuitable`."""
    invitation = Ticket.read(TicketKind.INVITATION, command.invitation)
    tenant, user_id, now = invitation.tenant, invitation.subject, ports.clock.now()
    user = users.require_invited(load_user(ports.log, tenant, user_id), invitation, now)
    require_suitable(command.password)
    offer = ports.second_factor.offer(tenant, user_id, user.email)
    enrolment = Ticket(TicketKind.ENROLMENT, tenant, user_id, secrets.token_bytes(SECRET_BYTES))
    event = users.begin_enrolment(
        password_hash=ports.passwords.hash(command.password),
        factor=offer.sealed,
        enrolment=enrolment,
        now=now,
    )
    append_to_user(ports.log, tenant, user_id, user.version, event)
    return Enrolling(enrolment.text(), offer.provisioning_uri, now + users.ENROLMENT_LIFETIME)


def complete_enrolment(ports: Ports, command: CompleteEnrolment) -> Enrolled:
    """Make the account active by a first code; `enrolment_invalid`, `code_refused`, `code_reused`."""
    enrolment = Ticket.read(TicketKind.ENROLMENT, command.enrolment)
    tenant, user_id = enrolment.tenant, enrolment.subject

    def enrolling() -> users.User:
        return users.require_enrolling(load_user(ports.log, tenant, user_id), enrolment, ports.clock.now())

    check = check_code(ports, tenant, user_id, enrolling().factor, command.code)

    @deciding_again
    def conclude() -> None:
        append_to_user(ports.log, tenant, user_id, enrolling().version, users.conclude_enrolment(check))

    conclude()
    check.require_accepted()
    return Enrolled(tenant, user_id)
