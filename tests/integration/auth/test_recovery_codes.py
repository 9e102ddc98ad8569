import base64
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from services.auth import handlers
from services.auth.adapters.tokens import AUDIENCE, ISSUER
from services.auth.commands import CompleteEnrolment, RenewRecoveryCodes
from services.auth.domain import recovery
from services.auth.domain.proof import RecoveryCode, TotpCode
from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.tokens import verify_token
from shared.eventstore.model import Author
from shared.kernel.ids import new_id
from shared.messaging.access import actor_from
from tests.integration.auth.business import STEP, Auth, Person, refused_with

pytestmark = pytest.mark.integration
RACERS = 4


def test_an_enrolment_ends_with_ten_codes_of_136_bits(ada: Person) -> None:
    assert len(set(ada.recovery_codes)) == 10
    decoded = {base64.b32decode(f"{code.replace('-', '').upper()}====") for code in ada.recovery_codes}
    assert {len(each) * 8 for each in decoded} == {136}
    assert len(decoded) == 10


def test_recovery_codes_of_another_length_that_were_given_out_stay_good(
    ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada.auth.clock.moment += STEP
    with monkeypatch.context() as earlier:
        earlier.setattr(recovery, "_BYTES", 15)
        command = RenewRecoveryCodes(ada.password, TotpCode(ada.code()))
        by = Author("person", ada.user_id, ("pwd", "otp"), new_id())
        codes = handlers.renew_recovery_codes(ada.auth.ports, command, tenant=ada.tenant, by=by)
    assert {len(code.replace("-", "")) for code in codes} == {24}
    assert ada.recover(codes[0])


def test_a_recovery_code_stands_for_the_second_factor_and_the_token_says_so(auth: Auth, ada: Person) -> None:
    token = ada.recover(ada.recovery_codes[3])
    keys = {"token-1": auth.token_key.public}
    claims = verify_token(token, keys, audience=AUDIENCE, issuer=ISSUER, now=auth.clock.now())
    assert actor_from(claims).factors == ("pwd", "rec")


def test_a_recovery_code_works_once(ada: Person) -> None:
    ada.recover(ada.recovery_codes[0])
    with refused_with(ErrorCode.CODE_REUSED):
        ada.recover(ada.recovery_codes[0])
    assert ada.recover(ada.recovery_codes[1])


def test_a_recovery_code_is_read_however_it_is_typed(ada: Person) -> None:
    assert ada.recover(ada.recovery_codes[0].upper().replace("-", " "))


def test_a_recovery_code_is_no_password(ada: Person) -> None:
    ada.password = ada.recovery_codes[0]
    with refused_with(ErrorCode.CREDENTIALS_REFUSED):
        ada.begin_login()


@pytest.mark.parametrize("code", ["", "-", "aaaa-aaaa-aaaa-aaaa-aaaa-aaaa", "\udcff"])
def test_another_code_is_refused(ada: Person, code: str) -> None:
    with refused_with(ErrorCode.CODE_REFUSED):
        ada.recover(code)


def test_the_recovery_code_of_somebody_else_is_refused(auth: Auth, ada: Person) -> None:
    bob = auth.enrol(auth.invite(ada.tenant, "bob@example.org"), "bob@example.org")
    with refused_with(ErrorCode.CODE_REFUSED):
        ada.recover(bob.recovery_codes[0])


def test_there_is_no_recovery_code_before_a_second_factor_stands(auth: Auth) -> None:
    invited = auth.found()
    enrolment, totp = auth.begin_enrolment(invited)
    wrong = auth.refused_code(totp, 5)
    with refused_with(ErrorCode.CODE_REFUSED):
        handlers.complete_enrolment(auth.ports, CompleteEnrolment(enrolment, TotpCode(wrong)))
    types = [event.type for event in auth.ports.log.read(invited.tenant)]
    assert "EnrolmentProofRefused" in types
    assert "RecoveryCodesIssued" not in types


def test_one_recovery_code_at_many_processes_at_once_is_accepted_once(auth: Auth, ada: Person) -> None:
    challenges, processes = [ada.begin_login() for _ in range(RACERS)], [auth.process() for _ in range(RACERS)]
    start = Barrier(RACERS)

    def log_in(number: int) -> str:
        start.wait()
        try:
            ada.answer(challenges[number], RecoveryCode(ada.recovery_codes[0]), processes[number])
        except PublicError as refusal:
            return refusal.code.value
        return "token"

    with ThreadPoolExecutor(RACERS) as threads:
        outcomes = sorted(threads.map(log_in, range(RACERS)))
    assert outcomes == ["code_reused"] * (RACERS - 1) + ["token"]


def test_the_use_of_a_recovery_code_is_in_the_history_before_the_login_succeeds(auth: Auth, ada: Person) -> None:
    ada.recover(ada.recovery_codes[2])
    events = {event.type: event for event in auth.ports.log.read(ada.tenant)}
    used, succeeded = events["RecoveryCodeUsed"], events["LoginSucceeded"]
    assert used.position < succeeded.position
    assert (used.type, used.payload) == ("RecoveryCodeUsed", {"index": 2, "purpose": "login"})
    assert (succeeded.type, succeeded.payload["method"]) == ("LoginSucceeded", "rec")
    assert used.by is not None
    assert succeeded.by is not None
    assert (used.by.session, used.by.source) == (succeeded.by.session, succeeded.by.source)
