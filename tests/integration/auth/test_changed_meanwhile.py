"""What happens to an account while its owner's code is judged counts, although the login was looked at before.

What is done meanwhile is done by the factor's stand-in, between what is loaded and what is appended: no chance decides.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from services.auth import handlers
from services.auth.commands import AssignRole, BeginStepUp, CompleteStepUp, DisableUser, EndSessionsOf
from services.auth.domain.proof import TotpCode
from services.auth.domain.roles import Role
from services.auth.domain.step_up import Deed
from services.auth.ports import FactorOffer, Ports, SecondFactor
from shared.contracts.errors import ErrorCode
from shared.eventstore.model import Author
from tests.integration.auth.business import STEP, Auth, Person, command_id, refused_with

pytestmark = pytest.mark.integration


@dataclass
class Interrupted:
    """A factor during whose first check something else happens."""

    factor: SecondFactor
    happens: Callable[[], object]
    happened: list[object] = field(default_factory=list)

    def offer(self, tenant: str, user_id: str, account: str) -> FactorOffer:
        return self.factor.offer(tenant, user_id, account)

    def step_of(self, tenant: str, user_id: str, sealed: str, code: str, moment: datetime) -> int | None:
        if not self.happened:
            self.happened.append(self.happens())
        return self.factor.step_of(tenant, user_id, sealed, code, moment)


def interrupted(auth: Auth, happens: Callable[[], object]) -> Ports:
    return replace(auth.ports, second_factor=Interrupted(auth.ports.second_factor, happens))


@pytest.fixture
def bob(auth: Auth, ada: Person) -> Person:
    return auth.enrol(auth.invite(ada.tenant, "bob@example.org"), "bob@example.org")


def disable(bob: Person) -> None:
    command = DisableUser(bob.user_id, "left us")
    handlers.disable_user(bob.auth.ports, command, tenant=bob.tenant, command_id=command_id())


def end_sessions(bob: Person) -> None:
    command = EndSessionsOf(bob.user_id)
    handlers.end_sessions_of(bob.auth.ports, command, tenant=bob.tenant, by=bob.user_id, command_id=command_id())


def assign(bob: Person, role: str) -> None:
    command = AssignRole(bob.user_id, role)
    handlers.assign_role(bob.auth.ports, command, tenant=bob.tenant, by=bob.user_id, command_id=command_id())


def types(bob: Person) -> list[str]:
    return [event.type for event in bob.auth.ports.log.read(bob.tenant)]


@pytest.mark.parametrize("happens", [disable, end_sessions])
def test_a_login_that_is_overtaken_by_the_end_of_all_sessions_begins_none(
    bob: Person, happens: Callable[[Person], None]
) -> None:
    ports = interrupted(bob.auth, lambda: happens(bob))
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        bob.complete_login(bob.begin_login(), bob.code(), ports)
    assert "SessionBegan" not in types(bob)


def test_a_role_that_is_given_while_the_code_is_judged_is_the_one_in_the_token(bob: Person) -> None:
    ports = interrupted(bob.auth, lambda: assign(bob, Role.AUDITOR.value))
    token = bob.complete_login(bob.begin_login(), bob.code(), ports)
    assert bob.claims(token)["role"] == Role.AUDITOR.value
    assert bob.claims(token)["pos"] > types(bob).index("RoleAssigned")


def test_a_role_that_is_given_after_the_login_revokes_its_token(bob: Person) -> None:
    claims = bob.claims(bob.log_in().token)
    assign(bob, Role.AUDITOR.value)
    assert claims["pos"] <= types(bob).index("RoleAssigned")


def test_a_challenge_that_another_login_uses_meanwhile_begins_no_second_session(bob: Person) -> None:
    challenge = bob.begin_login()
    bob.auth.clock.moment += STEP

    def log_in() -> None:
        bob.complete_login(challenge, bob.code(-1))

    with refused_with(ErrorCode.CHALLENGE_INVALID):
        bob.complete_login(challenge, bob.code(), interrupted(bob.auth, log_in))
    assert types(bob).count("SessionBegan") == 1


def test_a_step_up_whose_challenge_is_used_meanwhile_gives_no_second_proof(bob: Person) -> None:
    session = bob.log_in()
    by = Author("person", bob.user_id, ("pwd", "otp"), session.session_id)
    begun = BeginStepUp(Deed("auth.x", "a" * 64))
    challenge = handlers.begin_step_up(bob.auth.ports, begun, tenant=bob.tenant, by=by).challenge
    bob.auth.clock.moment += 2 * STEP

    def step_up(ports: Ports, code: str) -> None:
        handlers.complete_step_up(ports, CompleteStepUp(challenge, TotpCode(code)), tenant=bob.tenant, by=by)

    ports = interrupted(bob.auth, lambda: step_up(bob.auth.ports, bob.code(-1)))
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        step_up(ports, bob.code())
    assert types(bob).count("StepUpProved") == 1
