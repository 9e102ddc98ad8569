from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from services.auth import handlers
from services.auth.commands import BeginEnrolment, BeginLogin, CompleteEnrolment, CreateTenant, InviteUser
from services.auth.domain.proof import PROOF_LIMIT, TotpCode
from services.auth.domain.roles import Role
from services.auth.domain.ticket import Ticket, TicketKind
from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.model import CommandId
from shared.eventstore.store import IdempotencyConflict
from shared.kernel.ids import new_id
from tests.integration.auth.business import PASSWORD, STEP, Auth, command_id, refused_with

pytestmark = pytest.mark.integration
CREATE = CreateTenant(name="Acme", owner_name="Ada", owner_email="ada@example.org")


def test_a_password_without_a_proved_factor_opens_nothing(auth: Auth) -> None:
    invited = auth.found()
    login = BeginLogin(invited.tenant, "ada@example.org", PASSWORD)
    with refused_with(ErrorCode.CREDENTIALS_REFUSED):
        handlers.begin_login(auth.ports, login)
    auth.begin_enrolment(invited)
    with refused_with(ErrorCode.CREDENTIALS_REFUSED):
        handlers.begin_login(auth.ports, login)


@pytest.mark.parametrize("password", ["p" * 11, "p" * 129])
def test_an_unsuitable_password_is_refused(auth: Auth, password: str) -> None:
    invited = auth.found()
    with refused_with(ErrorCode.PASSWORD_UNSUITABLE):
        auth.begin_enrolment(invited, password)


def test_an_unknown_invitation_is_refused(auth: Auth) -> None:
    invited = auth.found()
    forged = Ticket(TicketKind.INVITATION, invited.tenant, invited.user_id, b"?" * 32).text()
    unknown = Ticket(TicketKind.INVITATION, new_id(), new_id(), b"?" * 32).text()
    for invitation in (forged, unknown, "nonsense"):
        with refused_with(ErrorCode.INVITATION_INVALID):
            handlers.begin_enrolment(auth.ports, BeginEnrolment(invitation, PASSWORD))


def test_an_invitation_expires_after_a_week(auth: Auth) -> None:
    invited = auth.found()
    auth.clock.moment += timedelta(days=7)
    with refused_with(ErrorCode.INVITATION_INVALID):
        auth.begin_enrolment(invited)


def test_an_invitation_is_used_up_by_the_enrolment(auth: Auth) -> None:
    invited = auth.found()
    auth.enrol(invited)
    with refused_with(ErrorCode.INVITATION_INVALID):
        auth.begin_enrolment(invited)


def test_beginning_again_replaces_the_first_beginning(auth: Auth) -> None:
    invited = auth.found()
    first, first_totp = auth.begin_enrolment(invited, "the first password")
    ada = auth.enrol(invited)
    with refused_with(ErrorCode.ENROLMENT_INVALID):
        handlers.complete_enrolment(auth.ports, CompleteEnrolment(first, TotpCode(auth.code(first_totp))))
    ada.password = "the first password"
    with refused_with(ErrorCode.CREDENTIALS_REFUSED):
        ada.begin_login()


def test_a_wrong_code_does_not_enrol(auth: Auth) -> None:
    enrolment, totp = auth.begin_enrolment(auth.found())
    with refused_with(ErrorCode.CODE_REFUSED):
        handlers.complete_enrolment(auth.ports, CompleteEnrolment(enrolment, TotpCode(auth.refused_code(totp, 1))))


def test_an_enrolment_bears_five_wrong_codes(auth: Auth) -> None:
    enrolment, totp = auth.begin_enrolment(auth.found())
    for _ in range(PROOF_LIMIT):
        with refused_with(ErrorCode.CODE_REFUSED):
            handlers.complete_enrolment(auth.ports, CompleteEnrolment(enrolment, TotpCode("no digits")))
    with refused_with(ErrorCode.ENROLMENT_INVALID):
        handlers.complete_enrolment(auth.ports, CompleteEnrolment(enrolment, TotpCode(auth.code(totp))))


def test_an_enrolment_expires_after_a_quarter_of_an_hour(auth: Auth) -> None:
    enrolment, totp = auth.begin_enrolment(auth.found())
    auth.clock.moment += timedelta(minutes=15)
    with refused_with(ErrorCode.ENROLMENT_INVALID):
        handlers.complete_enrolment(auth.ports, CompleteEnrolment(enrolment, TotpCode(auth.code(totp))))


def test_an_address_is_invited_once_in_a_tenant(auth: Auth) -> None:
    tenant = auth.found().tenant
    with refused_with(ErrorCode.USER_EXISTS):
        auth.invite(tenant, "Ada@Example.org")
    assert auth.found(email="ada@example.org").tenant != tenant


def test_two_invitations_of_one_address_at_once_make_one_user(auth: Auth) -> None:
    tenant = auth.found().tenant

    def invite(number: int) -> bool:
        command = InviteUser(email="bob@example.org", name=f"Bob {number}", role=Role.SALES)
        try:
            handlers.invite_user(auth.process(), command, tenant=tenant, by=new_id(), command_id=command_id())
        except PublicError as refusal:
            assert refusal.code is ErrorCode.USER_EXISTS  # noqa: PT017 - the other outcome is success
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(invite, range(4))) == 1


def test_different_addresses_at_once_all_get_in(auth: Auth) -> None:
    tenant = auth.found().tenant

    def invite(number: int) -> str:
        command = InviteUser(email=f"user{number}@example.org", name="User", role=Role.SALES)
        return handlers.invite_user(
            auth.process(), command, tenant=tenant, by=new_id(), command_id=command_id()
        ).user_id

    with ThreadPoolExecutor(3) as threads:
        assert len(set(threads.map(invite, range(3)))) == 3


def test_a_retried_creation_gives_the_first_answer(auth: Auth) -> None:
    same = command_id()
    first = handlers.create_tenant(auth.ports, CREATE, by="operator", command_id=same)
    again = handlers.create_tenant(auth.process(), CREATE, by="operator", command_id=same)
    assert again == first
    assert auth.ports.log.head(first.tenant).size == 3
    with auth.database.connect_as_admin() as connection:  # and no key of a user who never came to be
        keys = connection.execute("SELECT subject FROM keyring.deks WHERE tenant = %s", (first.tenant,)).fetchall()
    assert {subject for (subject,) in keys} == {"tenant", "index", f"user-{first.user_id}"}


def test_a_retried_invitation_gives_the_first_answer(auth: Auth) -> None:
    tenant, same = auth.found().tenant, command_id()
    command = InviteUser(email="bob@example.org", name="Bob", role=Role.AUDITOR)
    first = handlers.invite_user(auth.ports, command, tenant=tenant, by=new_id(), command_id=same)
    again = handlers.invite_user(auth.ports, command, tenant=tenant, by=new_id(), command_id=same)
    assert again == first


def test_an_invitation_that_another_process_finishes_meanwhile_gives_its_answer(
    auth: Auth, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other process is done just after this one has asked whether anybody was, and before this one decides."""
    tenant, same, by, here = auth.found().tenant, command_id(), new_id(), auth.process()
    command = InviteUser(email="bob@example.org", name="Bob", role=Role.AUDITOR)
    first: list[object] = []
    ask = here.log.replay_of

    def ask_and_be_overtaken(whose: str, asked: CommandId) -> object:
        answer = ask(whose, asked)
        first.append(handlers.invite_user(auth.ports, command, tenant=tenant, by=by, command_id=same))
        return answer

    monkeypatch.setattr(here.log, "replay_of", ask_and_be_overtaken)
    assert handlers.invite_user(here, command, tenant=tenant, by=by, command_id=same) == first[0]


def test_a_key_used_for_another_request_is_a_conflict(auth: Auth) -> None:
    first = CommandId("one key", b"1" * 32)
    handlers.create_tenant(auth.ports, CREATE, by="operator", command_id=first)
    with pytest.raises(IdempotencyConflict):
        handlers.create_tenant(auth.ports, CREATE, by="operator", command_id=CommandId("one key", b"2" * 32))


def test_every_role_gets_its_own_permissions_into_the_token(auth: Auth) -> None:
    founded = auth.found(email="owner@example.org")  # nobody else is made an owner by one person alone
    for role in Role:
        email = f"{role}@example.org"
        invited = founded if role is Role.OWNER else auth.invite(founded.tenant, email, role)
        person = auth.enrol(invited, email)
        assert person.complete_login(person.begin_login(), person.code())
        auth.clock.moment += STEP


def test_an_address_that_was_invited_long_ago_is_still_taken(auth: Auth) -> None:
    tenant = auth.found().tenant
    for number in range(7):  # more than a snapshot of the tenant is made after
        auth.invite(tenant, f"colleague{number}@example.org")
    with refused_with(ErrorCode.USER_EXISTS):
        auth.invite(tenant, "colleague0@example.org")
    auth.invite(tenant, "colleague7@example.org")
