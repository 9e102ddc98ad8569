"""A proof for one command: what it takes to get one, what it is good for, and all that it is not good for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.auth import handlers
from services.auth.commands import BeginStepUp, CompleteLogin, CompleteStepUp
from services.auth.domain.proof import PROOF_LIMIT, TotpCode
from services.auth.domain.step_up import Deed
from shared.contracts.errors import ErrorCode
from shared.crypto.tokens import bearer_claims
from shared.eventstore.model import Author
from shared.kernel.ids import new_id
from shared.messaging.command_hash import Asked
from tests.integration.auth.business import STEP, Auth, Person, refused_with

pytestmark = pytest.mark.integration

SESSION = new_id()
COMMAND_HASH = Asked("invoices", "configure_seller", new_id(), {"name": "Acme"}, new_id()).command_hash("key")
DEED = Deed("invoices.configure_seller", COMMAND_HASH)


@pytest.fixture
def ada(auth: Auth) -> Person:
    return auth.enrol(auth.found())


def author(person: Person, session: str = SESSION) -> Author:
    return Author("person", person.user_id, ("pwd", "otp"), session, "adas-laptop")


def begin(person: Person, session: str = SESSION) -> str:
    return handlers.begin_step_up(
        person.auth.ports, BeginStepUp(DEED), tenant=person.tenant, by=author(person, session)
    ).challenge


def complete(person: Person, challenge: str, code: str, by: Author | None = None, tenant: str | None = None) -> str:
    command = CompleteStepUp(challenge, TotpCode(code))
    return handlers.complete_step_up(
        person.auth.ports, command, tenant=tenant or person.tenant, by=by or author(person)
    ).token


def history(person: Person, challenge_of: str = "step-up-") -> list[str]:
    log = person.auth.ports.log
    return [event.type for event in log.read(person.tenant, 0, 1000) if event.stream.startswith(challenge_of)]


def test_a_proved_factor_gives_a_proof_that_names_person_session_and_command(ada: Person) -> None:
    claims = bearer_claims(complete(ada, begin(ada), ada.code()))
    assert {name: claims[name] for name in ("aud", "sub", "tenant", "sid", "deed", "cmd", "amr")} == {
        "aud": "tallystick/step-up",
        "sub": ada.user_id,
        "tenant": ada.tenant,
        "sid": SESSION,
        "deed": DEED.name,
        "cmd": COMMAND_HASH,
        "amr": ["otp"],
    }
    assert claims["exp"] - claims["iat"] == 120


def test_a_proof_is_recorded_with_the_command_and_who_proved_it(ada: Person) -> None:
    complete(ada, begin(ada), ada.code())
    log = ada.auth.ports.log
    begun, proved = (e for e in log.read(ada.tenant, 0, 1000) if e.stream.startswith("step-up-"))
    assert (begun.type, proved.type) == ("StepUpBegun", "StepUpProved")
    assert proved.payload["command_hash"] == COMMAND_HASH
    assert proved.by == author(ada)


def test_a_wrong_code_gives_nothing_and_is_recorded(ada: Person) -> None:
    challenge = begin(ada)
    with refused_with(ErrorCode.CODE_REFUSED):
        complete(ada, challenge, ada.wrong_code())
    assert history(ada) == ["StepUpBegun", "StepUpRefused"]


def test_a_challenge_bears_five_wrong_codes(ada: Person) -> None:
    challenge = begin(ada)
    for _ in range(PROOF_LIMIT):
        ada.wait_for_throttle()
        with refused_with(ErrorCode.CODE_REFUSED):
            complete(ada, challenge, ada.wrong_code())
    ada.wait_for_throttle()
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        complete(ada, challenge, ada.code())


def test_the_code_of_the_login_does_not_step_up_as_well(ada: Person) -> None:
    code = ada.code()
    ada.complete_login(ada.begin_login(), code)
    with refused_with(ErrorCode.CODE_REUSED):
        complete(ada, begin(ada), code)


def test_the_code_of_a_step_up_does_not_log_in_as_well(ada: Person) -> None:
    code = ada.code()
    complete(ada, begin(ada), code)
    with refused_with(ErrorCode.CODE_REUSED):
        ada.complete_login(ada.begin_login(), code)


def test_each_proof_needs_a_factor_of_its_own(ada: Person) -> None:
    challenges, code = [begin(ada), begin(ada)], ada.code()
    complete(ada, challenges[0], code)
    with refused_with(ErrorCode.CODE_REUSED):
        complete(ada, challenges[1], code)
    ada.auth.clock.moment += STEP
    complete(ada, challenges[1], ada.code())


def test_a_challenge_gives_one_proof(ada: Person) -> None:
    challenge = begin(ada)
    complete(ada, challenge, ada.code())
    ada.auth.clock.moment += STEP
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        complete(ada, challenge, ada.code())


def test_a_challenge_ends_after_five_minutes(ada: Person) -> None:
    challenge = begin(ada)
    ada.auth.clock.moment += timedelta(minutes=5)
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        complete(ada, challenge, ada.code())


def test_a_challenge_of_another_session_is_of_no_use(ada: Person) -> None:
    challenge = begin(ada)
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        complete(ada, challenge, ada.code(), by=author(ada, new_id()))


def test_a_challenge_of_another_person_is_of_no_use(auth: Auth, ada: Person) -> None:
    bob = auth.enrol(auth.invite(ada.tenant, "bob@example.org"), "bob@example.org")
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        complete(bob, begin(ada), bob.code())


def test_a_challenge_of_another_business_is_of_no_use(auth: Auth, ada: Person) -> None:
    eve = auth.enrol(auth.found("Evil", "eve@example.org"), "eve@example.org")
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        complete(eve, begin(ada), eve.code())
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        complete(ada, begin(ada), ada.code(), tenant=eve.tenant)


def test_a_login_challenge_does_not_step_up_nor_the_other_way_round(ada: Person) -> None:
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        complete(ada, ada.begin_login(), ada.code())
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        handlers.complete_login(ada.auth.ports, CompleteLogin(begin(ada), TotpCode(ada.code())))


def test_nothing_of_a_step_up_rests_readable(ada: Person) -> None:
    code = ada.code()
    challenge = begin(ada)
    proof = complete(ada, challenge, code)
    with ada.auth.database.connect_as_admin() as admin:
        rows = repr(admin.execute("SELECT * FROM log.events").fetchall())
    for secret in (challenge, proof, COMMAND_HASH, DEED.name):
        assert secret not in rows


def test_a_code_that_stepped_up_in_one_process_is_spent_in_every_other(ada: Person) -> None:
    first, second, code = begin(ada), begin(ada), ada.code()
    complete(ada, first, code)
    elsewhere = replace(ada, auth=replace(ada.auth, ports=ada.auth.process()))
    with refused_with(ErrorCode.CODE_REUSED):
        complete(elsewhere, second, code)
