"""A person's own password, factors and recovery codes."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pyotp
import pytest

from services.auth import handlers
from services.auth.adapters.passwords import Argon2Passwords
from services.auth.commands import BeginFactor, ChangePassword, CompleteFactor, RemoveFactor, RenewRecoveryCodes
from services.auth.domain.proof import PROOF_LIMIT, Proof, RecoveryCode, TotpCode
from services.auth.ports import Ports
from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.model import Author
from shared.kernel.ids import new_id
from tests.integration.auth.business import LAPTOP, PASSWORD, STEP, Auth, Person, refused_with

pytestmark = pytest.mark.integration
NEW_PASSWORD = "the marmot counts blue stairs"


def logged_in(person: Person) -> Author:
    return Author("person", person.user_id, ("pwd", "otp"), new_id(), LAPTOP)


def fresh_code(person: Person) -> TotpCode:
    person.auth.clock.moment += STEP
    return TotpCode(person.code())


def begin_factor(
    person: Person, proof: Proof, name: str = "second phone", password: str = PASSWORD
) -> tuple[str, pyotp.TOTP]:
    offered = handlers.begin_factor(
        person.auth.ports, BeginFactor(password, name, proof), tenant=person.tenant, by=logged_in(person)
    )
    totp = pyotp.parse_uri(offered.setup.provisioning_uri)
    assert isinstance(totp, pyotp.TOTP)
    return offered.offer, totp


def complete_factor(person: Person, offer: str, code: str, ports: Ports | None = None) -> str:
    command = CompleteFactor(offer, TotpCode(code))
    return handlers.complete_factor(ports or person.auth.ports, command, tenant=person.tenant, by=logged_in(person))


def add_factor(person: Person, proof: Proof) -> tuple[str, pyotp.TOTP]:
    offer, totp = begin_factor(person, proof)
    return complete_factor(person, offer, person.auth.code(totp)), totp


def remove_factor(
    person: Person, factor_id: str, proof: Proof, ports: Ports | None = None, password: str = PASSWORD
) -> None:
    command = RemoveFactor(password, factor_id, proof)
    handlers.remove_factor(ports or person.auth.ports, command, tenant=person.tenant, by=logged_in(person))


def renew_codes(person: Person, proof: Proof, password: str = PASSWORD) -> list[str]:
    command = RenewRecoveryCodes(password, proof)
    return handlers.renew_recovery_codes(person.auth.ports, command, tenant=person.tenant, by=logged_in(person))


def change_password(person: Person, current: str, new: str, proof: Proof) -> None:
    command = ChangePassword(current, new, proof)
    handlers.change_password(person.auth.ports, command, tenant=person.tenant, by=logged_in(person))


def factors(person: Person) -> list[str]:
    user = handlers.own_account(person.auth.ports, tenant=person.tenant, by=logged_in(person))
    return [factor.id for factor in user.factors]


def history(person: Person) -> list[str]:
    return [event.type for event in person.auth.ports.log.read(person.tenant)]


# --- the password


def test_a_changed_password_opens_and_the_earlier_one_does_not(ada: Person) -> None:
    change_password(ada, PASSWORD, NEW_PASSWORD, fresh_code(ada))
    with refused_with(ErrorCode.CREDENTIALS_REFUSED):
        ada.begin_login()
    ada.password = NEW_PASSWORD
    ada.auth.clock.moment += STEP
    assert ada.complete_login(ada.begin_login(), ada.code())


@pytest.mark.parametrize("current", ["not the password", ""])
def test_a_password_is_not_changed_without_the_present_one(ada: Person, current: str) -> None:
    with refused_with(ErrorCode.CREDENTIALS_REFUSED):
        change_password(ada, current, NEW_PASSWORD, fresh_code(ada))
    assert ada.begin_login()
    assert "ProofRefused" in history(ada)


def test_a_password_is_not_changed_without_a_factor(ada: Person) -> None:
    with refused_with(ErrorCode.CODE_REFUSED):
        change_password(ada, PASSWORD, NEW_PASSWORD, TotpCode(ada.wrong_code()))
    assert ada.begin_login()
    assert "ProofRefused" in history(ada)


@pytest.mark.parametrize("password", ["short", "1234567890123", "example example 1", "tallystick 2026"])
def test_an_unsuitable_password_is_refused_before_a_code_is_used_up(ada: Person, password: str) -> None:
    code = fresh_code(ada)
    with refused_with(ErrorCode.PASSWORD_UNSUITABLE):
        change_password(ada, PASSWORD, password, code)
    change_password(ada, PASSWORD, NEW_PASSWORD, code)


def test_guesses_at_the_present_password_are_counted(ada: Person) -> None:
    for _ in range(4):
        with refused_with(ErrorCode.CREDENTIALS_REFUSED):
            change_password(ada, "not the password", NEW_PASSWORD, TotpCode("000000"))
    with refused_with(ErrorCode.TOO_MANY_ATTEMPTS):
        change_password(ada, PASSWORD, NEW_PASSWORD, TotpCode(ada.code()))


def test_a_hash_with_earlier_parameters_is_made_anew_at_a_login(auth: Auth) -> None:
    key = os.urandom(32)
    auth.ports = replace(auth.ports, passwords=Argon2Passwords(key, memory_kib=1024))
    ada = auth.enrol(auth.found())
    auth.ports = replace(auth.ports, passwords=Argon2Passwords(key))
    for _ in range(2):
        assert ada.begin_login()
    (rehashed,) = [event for event in auth.ports.log.read(ada.tenant) if event.type == "PasswordRehashed"]
    assert str(rehashed.payload["password_hash"]).startswith("$argon2id$v=19$m=47104,t=1,p=1$")


# --- factors


def test_a_second_factor_is_added_by_a_proof_of_the_first_and_both_log_in(ada: Person) -> None:
    _, second = add_factor(ada, fresh_code(ada))
    ada.auth.clock.moment += STEP
    assert ada.complete_login(ada.begin_login(), ada.code())
    assert ada.complete_login(ada.begin_login(), ada.auth.code(second))


def test_who_lost_the_phone_adds_another_by_a_recovery_code_and_removes_the_lost_one(ada: Person) -> None:
    (lost,) = factors(ada)
    _, second = add_factor(ada, RecoveryCode(ada.recovery_codes[0]))
    ada.auth.clock.moment += STEP
    remove_factor(ada, lost, TotpCode(ada.auth.code(second)))
    ada.auth.clock.moment += STEP
    with refused_with(ErrorCode.CODE_REFUSED):
        ada.complete_login(ada.begin_login(), ada.code())
    assert ada.complete_login(ada.begin_login(), ada.auth.code(second))


def test_no_factor_is_offered_without_a_proof(ada: Person) -> None:
    for proof in (TotpCode(ada.wrong_code()), RecoveryCode("aaaa")):
        with refused_with(ErrorCode.CODE_REFUSED):
            begin_factor(ada, proof)
    assert "FactorOffered" not in history(ada)


@pytest.mark.parametrize("password", ["not the password", ""])
def test_factors_do_not_change_without_the_password(ada: Person, password: str) -> None:
    (first,) = factors(ada)
    second, _ = add_factor(ada, fresh_code(ada))
    before, code = history(ada), fresh_code(ada)
    for change in (
        lambda: begin_factor(ada, code, password=password),
        lambda: remove_factor(ada, second, code, password=password),
        lambda: renew_codes(ada, code, password),
    ):
        with refused_with(ErrorCode.CREDENTIALS_REFUSED):
            change()
    assert history(ada) == [*before, *["ProofRefused"] * 3]
    assert factors(ada) == [first, second]
    remove_factor(ada, second, code)  # what a wrong password came with is not used up


def test_a_factor_that_is_only_offered_proves_nothing(ada: Person) -> None:
    _, offered = begin_factor(ada, fresh_code(ada))
    with refused_with(ErrorCode.CODE_REFUSED):
        ada.complete_login(ada.begin_login(), ada.auth.code(offered))


def test_the_code_that_proved_a_new_factor_does_not_log_in(ada: Person) -> None:
    offer, second = begin_factor(ada, fresh_code(ada))
    code = ada.auth.code(second)
    complete_factor(ada, offer, code)
    with refused_with(ErrorCode.CODE_REUSED):
        ada.complete_login(ada.begin_login(), code)


def test_an_offer_is_good_once_and_for_a_quarter_of_an_hour(ada: Person) -> None:
    first, first_totp = begin_factor(ada, fresh_code(ada))
    second, second_totp = begin_factor(ada, fresh_code(ada))
    with refused_with(ErrorCode.OFFER_INVALID):  # the second replaced it
        complete_factor(ada, first, ada.auth.code(first_totp))
    complete_factor(ada, second, ada.auth.code(second_totp))
    ada.auth.clock.moment += STEP
    with refused_with(ErrorCode.OFFER_INVALID):
        complete_factor(ada, second, ada.auth.code(second_totp))
    late, late_totp = begin_factor(ada, fresh_code(ada))
    ada.auth.clock.moment += timedelta(minutes=15)
    with refused_with(ErrorCode.OFFER_INVALID):
        complete_factor(ada, late, ada.auth.code(late_totp))


def test_an_offer_bears_five_wrong_codes(ada: Person) -> None:
    offer, second = begin_factor(ada, fresh_code(ada))
    for _ in range(PROOF_LIMIT):
        with refused_with(ErrorCode.CODE_REFUSED):
            complete_factor(ada, offer, "no digits")
    with refused_with(ErrorCode.OFFER_INVALID):
        complete_factor(ada, offer, ada.auth.code(second))


def test_the_offer_of_somebody_else_is_unknown(auth: Auth, ada: Person) -> None:
    bob = auth.enrol(auth.invite(ada.tenant, "bob@example.org"), "bob@example.org")
    offer, totp = begin_factor(bob, fresh_code(bob))
    with refused_with(ErrorCode.OFFER_INVALID):
        complete_factor(ada, offer, auth.code(totp))


def test_a_factor_is_not_removed_by_itself_nor_without_a_code(ada: Person) -> None:
    (first,) = factors(ada)
    second, _ = add_factor(ada, fresh_code(ada))
    for proof in (fresh_code(ada), TotpCode(ada.wrong_code()), TotpCode("")):
        with refused_with(ErrorCode.CODE_REFUSED):
            remove_factor(ada, first, proof)
    assert factors(ada) == [first, second]


def test_the_last_factor_stays(ada: Person) -> None:
    (first,) = factors(ada)
    with refused_with(ErrorCode.FACTOR_LAST):
        remove_factor(ada, first, RecoveryCode(ada.recovery_codes[0]))
    with refused_with(ErrorCode.FACTOR_UNKNOWN):
        remove_factor(ada, new_id(), RecoveryCode(ada.recovery_codes[0]))
    assert ada.recover(ada.recovery_codes[0])  # neither has used the code up


def test_of_two_factors_that_are_removed_at_once_one_stays(auth: Auth, ada: Person) -> None:
    (first,) = factors(ada)
    second, _ = add_factor(ada, fresh_code(ada))
    start, processes = Barrier(2), [auth.process(), auth.process()]

    def remove(number: int) -> str:
        proof = RecoveryCode(ada.recovery_codes[number])
        start.wait()
        try:
            remove_factor(ada, (first, second)[number], proof, processes[number])
        except PublicError as refusal:
            return refusal.code.value
        return "removed"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(remove, range(2))) == ["factor_last", "removed"]
    assert len(factors(ada)) == 1


# --- recovery codes


def test_renewed_recovery_codes_replace_the_earlier_ones(ada: Person) -> None:
    codes = renew_codes(ada, fresh_code(ada))
    with refused_with(ErrorCode.CODE_REFUSED):
        ada.recover(ada.recovery_codes[0])
    assert ada.recover(codes[0])


@pytest.mark.parametrize("kind", ["wrong code", "recovery code"])
def test_recovery_codes_are_renewed_by_a_factor_only(ada: Person, kind: str) -> None:
    proof = TotpCode(ada.wrong_code()) if kind == "wrong code" else RecoveryCode(ada.recovery_codes[0])
    with refused_with(ErrorCode.CODE_REFUSED):
        renew_codes(ada, proof)
    assert ada.recover(ada.recovery_codes[0])


# --- what follows


def test_a_change_says_who_made_it_with_which_factors_in_which_session(ada: Person) -> None:
    by = logged_in(ada)
    handlers.change_password(
        ada.auth.ports,
        ChangePassword(PASSWORD, NEW_PASSWORD, RecoveryCode(ada.recovery_codes[0])),
        tenant=ada.tenant,
        by=by,
    )
    *_, changed = ada.auth.ports.log.read(ada.tenant)
    assert (changed.type, changed.by) == (
        "PasswordChanged",
        Author("person", ada.user_id, ("pwd", "otp", "rec"), by.session, LAPTOP),
    )


def test_a_change_ends_the_other_sessions_and_not_its_own(ada: Person) -> None:
    mine = ada.log_in()
    ada.auth.clock.moment += STEP
    ada.log_in()
    handlers.change_password(
        ada.auth.ports,
        ChangePassword(PASSWORD, NEW_PASSWORD, RecoveryCode(ada.recovery_codes[0])),
        tenant=ada.tenant,
        by=Author("person", ada.user_id, ("pwd", "otp"), mine.session_id, LAPTOP),
    )
    ada.auth.runner.run_once()
    left = handlers.list_sessions(ada.auth.ports, tenant=ada.tenant, user_id=ada.user_id)
    assert [session.id for session in left] == [mine.session_id]


def test_nobody_changes_an_account_that_is_not_there(ada: Person) -> None:
    stranger = Author("person", new_id(), ("pwd", "otp"), new_id())
    with refused_with(ErrorCode.TOKEN_INVALID):
        handlers.own_account(ada.auth.ports, tenant=ada.tenant, by=stranger)
