"""A new factor for a person: offered under a ticket, and nothing until it is proved."""

from services.auth.domain.enrolment import OFFER_LIFETIME
from services.auth.domain.factor import FactorKind, Offer
from services.auth.domain.ticket import Ticket
from services.auth.domain.user import User
from services.auth.handlers.passkeys import registration_options
from services.auth.ports import Ports
from services.auth.replies import Setup
from shared.kernel.ids import new_id


def new_offer(ports: Ports, ticket: Ticket, user: User, kind: FactorKind, name: str) -> tuple[Offer, Setup]:
    """Make an offer of 15 minutes to the user whose ticket this is; return what is recorded, and what they need."""
    tenant, user_id, factor_id = ticket.tenant, ticket.subject, new_id()
    if kind is FactorKind.PASSKEY:
        options = registration_options(ports, tenant, user_id, user, factor_id)
        material, setup = "", Setup(passkey_options=options)
    else:
        app = ports.second_factor.offer(tenant, user_id, user.email)
        material, setup = app.sealed, Setup(provisioning_uri=app.provisioning_uri)
    offer = Offer(factor_id, kind, name, ticket.hash(), ports.clock.now() + OFFER_LIFETIME, material)
    return offer, setup
