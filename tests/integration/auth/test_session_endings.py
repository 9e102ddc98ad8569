"""What ends the sessions of a person who goes on with the one in which it was done (ASVS 5.0, 7.4.3)."""

from collections.abc import Callable

import pyotp
import pytest

from services.auth import handlers
from services.auth.commands import (
    BeginFactor,
    ChangePassword,
    CompleteFactor,
    RefreshSession,
    RemoveFactor,
    RenewRecoveryCodes,
)
from services.auth.domain.proof import TotpCode
from services.auth.replies import LoggedIn
from shared.contracts.errors import ErrorCode
from shared.eventstore.model import Author
from tests.integration.auth.business import LAPTOP, STEP, Person, refused_with

pytestmark = pytest.mark.integration


def fresh_code(person: Person) -> TotpCode:
    person.auth.clock.moment += STEP
    return TotpCode(person.code())


def change_password(person: Person, by: Author) -> None:
    command = ChangePassword(person.password, "the marmot counts blue stairs", fresh_code(person))
    handlers.change_password(person.auth.ports, command, tenant=person.tenant, by=by)


def add_factor(person: Person, by: Author) -> None:
    ports, tenant = person.auth.ports, person.tenant
    offered = handlers.begin_factor(
        ports, BeginFactor(person.password, "second phone", fresh_code(person)), tenant=tenant, by=by
    )
    second = pyotp.parse_uri(offered.setup.provisioning_uri)
    assert isinstance(second, pyotp.TOTP)
    command = CompleteFactor(offered.offer, TotpCode(person.auth.code(second)))
    handlers.complete_factor(ports, command, tenant=tenant, by=by)


def remove_factor(person: Person, by: Author) -> None:
    """Remove one of two; the other one, which came with its own end of sessions, was there before."""
    factors = handlers.own_account(person.auth.ports, tenant=person.tenant, by=by).factors
    command = RemoveFactor(person.password, factors[-1].id, fresh_code(person))
    handlers.remove_factor(person.auth.ports, command, tenant=person.tenant, by=by)


def renew_recovery_codes(person: Person, by: Author) -> None:
    command = RenewRecoveryCodes(person.password, fresh_code(person))
    handlers.renew_recovery_codes(person.auth.ports, command, tenant=person.tenant, by=by)


def session_of(person: Person) -> tuple[LoggedIn, Author]:
    person.auth.clock.moment += STEP
    session = person.log_in()
    return session, Author("person", person.user_id, ("pwd", "otp"), session.session_id, LAPTOP)


@pytest.mark.parametrize("change", [change_password, add_factor, remove_factor, renew_recovery_codes])
def test_a_change_of_password_or_factors_ends_the_other_sessions_and_not_its_own(
    ada: Person, change: Callable[[Person, Author], None]
) -> None:
    if change is remove_factor:
        add_factor(ada, session_of(ada)[1])
    (own, by), (other, _) = session_of(ada), session_of(ada)
    change(ada, by)
    with refused_with(ErrorCode.REFRESH_INVALID):
        handlers.refresh_session(ada.auth.ports, RefreshSession(other.refresh_token))
    assert handlers.refresh_session(ada.auth.ports, RefreshSession(own.refresh_token)).session_id == own.session_id
