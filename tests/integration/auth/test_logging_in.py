from datetime import timedelta

import pytest

from services.auth import handlers
from services.auth.adapters.tokens import AUDIENCE, ISSUER
from services.auth.commands import BeginLogin
from services.auth.domain.proof import PROOF_LIMIT
from services.auth.domain.roles import ROLE_PERMISSIONS, Role
from services.auth.domain.ticket import Ticket, TicketKind
from shared.contracts.errors import ErrorCode
from shared.contracts.grants import plain
from shared.crypto.tokens import verify_token
from shared.eventstore.model import Author
from shared.kernel.ids import new_id
from shared.messaging.access import actor_from
from tests.integration.auth.business import LAPTOP, OPERATOR, PASSWORD, STEP, Auth, Person, refused_with

pytestmark = pytest.mark.integration


def test_password_and_code_give_a_token_that_the_other_services_accept(auth: Auth, ada: Person) -> None:
    token = ada.complete_login(ada.begin_login(), ada.code())
    claims = verify_token(
        token, {"token-1": auth.token_key.public}, audience=AUDIENCE, issuer=ISSUER, now=auth.clock.now()
    )
    actor = actor_from(claims)
    assert (actor.kind, actor.id, actor.tenant) == ("person", ada.user_id, ada.tenant)
    assert (actor.factors, actor.source) == (("pwd", "otp"), LAPTOP)
    assert actor.grants == plain(ROLE_PERMISSIONS[Role.OWNER])
    assert claims["exp"] - claims["iat"] == 300
    assert claims["role"] == "owner"


def test_the_previous_code_is_accepted_too(ada: Person) -> None:
    ada.auth.clock.moment += STEP
    assert ada.complete_login(ada.begin_login(), ada.code(-1))


def test_a_code_is_read_with_the_space_in_its_middle(ada: Person) -> None:
    code = ada.code()
    assert ada.complete_login(ada.begin_login(), f"{code[:3]} {code[3:]}")


@pytest.mark.parametrize("steps", [-2, 1])
def test_an_older_or_a_future_code_is_refused(ada: Person, steps: int) -> None:
    ada.auth.clock.moment += 5 * STEP
    challenge = ada.begin_login()
    with refused_with(ErrorCode.CODE_REFUSED):
        ada.complete_login(challenge, ada.auth.refused_code(ada.totp, steps))


def test_a_wrong_password_is_refused(auth: Auth, ada: Person) -> None:
    with refused_with(ErrorCode.CREDENTIALS_REFUSED):
        handlers.begin_login(auth.ports, BeginLogin(ada.tenant, ada.email, PASSWORD + "!"))


def test_an_unknown_address_a_wrong_password_and_an_unknown_tenant_look_the_same(auth: Auth, ada: Person) -> None:
    attempts = [
        BeginLogin(ada.tenant, "nobody@example.org", PASSWORD),
        BeginLogin(ada.tenant, ada.email, "not the password"),
        BeginLogin(new_id(), ada.email, PASSWORD),
    ]
    messages = set()
    for attempt in attempts:
        with refused_with(ErrorCode.CREDENTIALS_REFUSED) as refusal:
            handlers.begin_login(auth.ports, attempt)
        messages.add(str(refusal.value))
    assert len(messages) == 1


def test_an_attempt_on_an_unknown_tenant_leaves_nothing_behind(auth: Auth, ada: Person) -> None:
    tenant = new_id()
    with refused_with(ErrorCode.CREDENTIALS_REFUSED):
        handlers.begin_login(auth.ports, BeginLogin(tenant, ada.email, PASSWORD))
    assert auth.ports.log.head(tenant).size == 0
    assert tenant not in auth.ports.log.tenants()
    with auth.database.connect_as_admin() as connection:
        assert not connection.execute("SELECT FROM keyring.deks WHERE tenant = %s", (tenant,)).fetchall()


def test_an_address_is_found_however_it_is_spelled(ada: Person) -> None:
    ada.email = " ADA@Example.org"
    assert ada.complete_login(ada.begin_login(), ada.code())


def test_a_wrong_code_is_refused(ada: Person) -> None:
    challenge = ada.begin_login()
    with refused_with(ErrorCode.CODE_REFUSED):
        ada.complete_login(challenge, ada.wrong_code())
    assert ada.complete_login(challenge, ada.code())


@pytest.mark.parametrize("code", ["", "no digits", "\uff11\uff12\uff13\uff14\uff15\uff16", "1" * 32])
def test_what_is_no_code_is_a_wrong_code(ada: Person, code: str) -> None:
    with refused_with(ErrorCode.CODE_REFUSED):
        ada.complete_login(ada.begin_login(), code)


def test_a_code_works_once(ada: Person) -> None:
    ada.complete_login(ada.begin_login(), ada.code())
    with refused_with(ErrorCode.CODE_REUSED):
        ada.complete_login(ada.begin_login(), ada.code())


def test_a_code_that_was_used_is_not_good_in_the_next_step_either(ada: Person) -> None:
    while ada.code() == ada.code(1):  # by chance, and it would be the code of a step that was not used
        ada.auth.clock.moment += STEP
    code = ada.code()
    ada.complete_login(ada.begin_login(), code)
    ada.auth.clock.moment += STEP
    with refused_with(ErrorCode.CODE_REUSED):
        ada.complete_login(ada.begin_login(), code)


def test_the_code_of_the_enrolment_does_not_log_in(auth: Auth) -> None:
    ada = auth.enrol(auth.found())
    with refused_with(ErrorCode.CODE_REUSED):
        ada.complete_login(ada.begin_login(), ada.code(-1))


def test_a_challenge_works_once(ada: Person) -> None:
    challenge = ada.begin_login()
    ada.complete_login(challenge, ada.code())
    ada.auth.clock.moment += STEP
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        ada.complete_login(challenge, ada.code())


def test_a_challenge_expires_after_five_minutes(ada: Person) -> None:
    challenge = ada.begin_login()
    ada.auth.clock.moment += timedelta(minutes=5)
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        ada.complete_login(challenge, ada.code())


def test_an_unknown_challenge_is_refused(ada: Person) -> None:
    challenge = Ticket(TicketKind.CHALLENGE, ada.tenant, new_id(), b"?" * 32).text()
    for unknown in (challenge, "nonsense"):
        with refused_with(ErrorCode.CHALLENGE_INVALID):
            ada.complete_login(unknown, ada.code())


def test_a_challenge_is_bound_to_its_secret(ada: Person) -> None:
    issued = Ticket.read(TicketKind.CHALLENGE, ada.begin_login())
    guessed = Ticket(TicketKind.CHALLENGE, issued.tenant, issued.subject, b"?" * 32)
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        ada.complete_login(guessed.text(), ada.code())


def test_a_challenge_bears_five_wrong_codes(ada: Person) -> None:
    challenge = ada.begin_login()
    for _ in range(PROOF_LIMIT):
        ada.wait_for_throttle()
        with refused_with(ErrorCode.CODE_REFUSED):
            ada.complete_login(challenge, ada.wrong_code())
    ada.wait_for_throttle()
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        ada.complete_login(challenge, ada.code())
    assert ada.complete_login(ada.begin_login(), ada.code())


def test_what_happened_is_in_the_history(auth: Auth, ada: Person) -> None:
    with refused_with(ErrorCode.CREDENTIALS_REFUSED):
        handlers.begin_login(auth.ports, BeginLogin(ada.tenant, "nobody@example.org", PASSWORD))
    challenge = ada.begin_login()
    with refused_with(ErrorCode.CODE_REFUSED):
        ada.complete_login(challenge, ada.wrong_code())
    ada.complete_login(challenge, ada.code())
    assert [event.type for event in auth.ports.log.read(ada.tenant)] == [
        "TenantCreated",
        "AddressClaimed",
        "UserInvited",
        "EnrolmentBegun",
        "UserEnrolled",
        "RecoveryCodesIssued",
        "LoginRefused",
        "LoginBegun",
        "LoginProofRefused",
        "LoginSucceeded",
        "SessionBegan",
        "NewDeviceSeen",
    ]


def test_the_history_says_who_with_which_factors_from_where(auth: Auth, ada: Person) -> None:
    with refused_with(ErrorCode.CREDENTIALS_REFUSED):
        handlers.begin_login(auth.ports, BeginLogin(ada.tenant, ada.email, "not the password", "elsewhere"))
    challenge = ada.begin_login()
    with refused_with(ErrorCode.CODE_REFUSED):
        ada.complete_login(challenge, ada.wrong_code())
    ada.complete_login(challenge, ada.code())
    authors = [event.by for event in auth.ports.log.read(ada.tenant)]
    refused, *_ = [by for by in authors if by is not None and by.kind == "anonymous"]
    login = Ticket.read(TicketKind.CHALLENGE, challenge).subject
    assert authors == [
        *[OPERATOR] * 3,
        Author("person", ada.user_id),
        *[Author("person", ada.user_id, ("otp",))] * 2,
        Author("anonymous", session=refused.session, source="elsewhere"),
        *[Author("person", ada.user_id, ("pwd",), login, LAPTOP)] * 2,
        *[Author("person", ada.user_id, ("pwd", "otp"), login, LAPTOP)] * 3,
    ]


def test_a_source_that_is_not_given_is_not_made_up(auth: Auth, ada: Person) -> None:
    challenge = handlers.begin_login(auth.ports, BeginLogin(ada.tenant, ada.email, PASSWORD)).challenge
    token = ada.complete_login(challenge, ada.code())
    claims = verify_token(
        token, {"token-1": auth.token_key.public}, audience=AUDIENCE, issuer=ISSUER, now=auth.clock.now()
    )
    assert "src" not in claims
