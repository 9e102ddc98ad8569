"""Passkeys as second factors: enrolled with, logged in with, refused."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from services.auth import handlers
from services.auth.adapters.passkey_counters import PostgresPasskeyCounters
from services.auth.adapters.tokens import AUDIENCE, ISSUER
from services.auth.commands import (
    AskPasskey,
    BeginLogin,
    CompleteEnrolment,
)
from services.auth.domain.passkey import CounterVerdict
from services.auth.domain.proof import (
    PROOF_LIMIT,
    PasskeyAssertion,
    PasskeyRegistration,
    PurposeKind,
    TotpCode,
)
from services.auth.domain.throttle import FREE_FAILURES
from shared.contracts.errors import ErrorCode, PublicError
from shared.crypto.tokens import verify_token
from shared.eventstore.model import Author
from shared.kernel.ids import new_id
from tests.authenticator import Authenticator
from tests.integration.auth.business import LAPTOP, PASSWORD, Auth, Person, refused_with
from tests.integration.auth.passkey_holder import (
    EMAIL,
    Holder,
    add_passkey,
    answer,
    begin_enrolment,
    begin_login,
    enrolled,
)

pytestmark = pytest.mark.integration


# --- enrolling


def test_who_enrols_with_a_passkey_logs_in_with_it(holder: Holder) -> None:
    keys, now = {"token-1": holder.auth.token_key.public}, holder.auth.clock.now()
    claims = verify_token(holder.log_in(), keys, audience=AUDIENCE, issuer=ISSUER, now=now)
    assert claims["amr"] == ["pwd", "hwk"]


def test_an_account_does_nothing_before_the_passkey_is_made(auth: Auth) -> None:
    invited = auth.found()
    begin_enrolment(auth, invited)
    with refused_with(ErrorCode.CREDENTIALS_REFUSED):
        handlers.begin_login(auth.ports, BeginLogin(invited.tenant, EMAIL, PASSWORD))


def test_a_code_does_not_complete_an_enrolment_with_a_passkey_nor_the_other_way_round(auth: Auth) -> None:
    invited = auth.found()
    enrolment, _ = begin_enrolment(auth, invited)
    with refused_with(ErrorCode.CODE_REFUSED):
        handlers.complete_enrolment(auth.ports, CompleteEnrolment(enrolment, TotpCode("000000")))
    _, options = begin_enrolment(auth, invited)
    enrolment, _ = auth.begin_enrolment(invited)
    registration = PasskeyRegistration(Authenticator().register(options))
    with refused_with(ErrorCode.CODE_REFUSED):
        handlers.complete_enrolment(auth.ports, CompleteEnrolment(enrolment, registration))


def test_a_registration_is_good_for_its_own_offer_alone(auth: Auth) -> None:
    invited = auth.found()
    _, earlier = begin_enrolment(auth, invited)
    enrolment, options = begin_enrolment(auth, invited)
    authenticator = Authenticator()
    with refused_with(ErrorCode.CODE_REFUSED):
        answered = PasskeyRegistration(authenticator.register(earlier))
        handlers.complete_enrolment(auth.ports, CompleteEnrolment(enrolment, answered))
    answered = PasskeyRegistration(authenticator.register(options))
    handlers.complete_enrolment(auth.ports, CompleteEnrolment(enrolment, answered))
    with refused_with(ErrorCode.ENROLMENT_INVALID):
        handlers.complete_enrolment(auth.ports, CompleteEnrolment(enrolment, answered))


def test_an_enrolment_bears_five_wrong_registrations(auth: Auth) -> None:
    enrolment, options = begin_enrolment(auth, auth.found())
    for _ in range(PROOF_LIMIT):
        with refused_with(ErrorCode.CODE_REFUSED):
            handlers.complete_enrolment(auth.ports, CompleteEnrolment(enrolment, PasskeyRegistration("{}")))
    with refused_with(ErrorCode.ENROLMENT_INVALID):
        registration = PasskeyRegistration(Authenticator().register(options))
        handlers.complete_enrolment(auth.ports, CompleteEnrolment(enrolment, registration))


# --- a login


def test_an_assertion_is_good_for_one_login(holder: Holder) -> None:
    first, second = holder.begin_login(), holder.begin_login()
    shown = holder.answer(first)
    with refused_with(ErrorCode.CODE_REFUSED):
        holder.complete_login(second, shown)
    assert holder.complete_login(first, shown)
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        holder.complete_login(first, shown)
    with refused_with(ErrorCode.CODE_REFUSED):
        holder.complete_login(second, shown)


@pytest.mark.parametrize("counts", [True, False], ids=["that counts", "that does not count"])
def test_one_assertion_at_many_processes_at_once_logs_in_once(auth: Auth, counts: bool) -> None:  # noqa: FBT001
    holder = enrolled(auth, auth.found(), Authenticator(counts=counts))
    challenged, start, racers = holder.begin_login(), Barrier(3), 3
    shown, processes = holder.answer(challenged), [auth.process() for _ in range(racers)]

    def log_in(number: int) -> str:
        start.wait()
        try:
            holder.complete_login(challenged, shown, processes[number])
        except PublicError as refusal:
            return refusal.code.value
        return "token"

    with ThreadPoolExecutor(racers) as threads:
        outcomes = list(threads.map(log_in, range(racers)))
    assert outcomes.count("token") == 1
    assert set(outcomes) <= {"token", "code_reused", "challenge_invalid"}
    assert "FactorCloned" not in holder.history()  # an answer that comes twice is no copy of the key


def test_a_counter_that_goes_backwards_is_refused_and_told(holder: Holder) -> None:
    holder.authenticator.sign_count = 7
    assert holder.log_in()
    holder.authenticator.sign_count = 3
    with refused_with(ErrorCode.CODE_REFUSED):
        holder.log_in()
    events = list(holder.auth.ports.log.read(holder.tenant))
    (cloned,) = [event for event in events if event.type == "FactorCloned"]
    assert (cloned.payload["name"], cloned.payload["purpose"]) == ("passkey", "login")
    assert cloned.by is not None
    assert cloned.by.kind == "anonymous"
    holder.auth.runner.run_once()
    assert "NoticeDue" in holder.history()
    holder.authenticator.sign_count = 8
    assert holder.log_in()


def test_a_counter_that_stands_still_is_refused(holder: Holder) -> None:
    assert holder.log_in()
    holder.authenticator.sign_count -= 1
    with refused_with(ErrorCode.CODE_REFUSED):
        holder.log_in()


def test_the_first_count_must_be_beyond_that_of_the_registration(auth: Auth) -> None:
    holder = enrolled(auth, auth.found(), Authenticator(sign_count=5))
    holder.authenticator.sign_count = 4
    with refused_with(ErrorCode.CODE_REFUSED):
        holder.log_in()
    assert holder.log_in()


def test_two_processes_have_one_counter(auth: Auth) -> None:
    tenant, factor = new_id(), new_id()
    one, other = auth.pools[0], auth.process()
    assert PostgresPasskeyCounters(one).advance(tenant, factor, 0, b"1" * 32) is CounterVerdict.ADVANCED
    assert other.passkey_counters.advance(tenant, factor, 0, b"1" * 32) is CounterVerdict.REPEATED
    assert other.passkey_counters.advance(tenant, factor, 2, b"2" * 32) is CounterVerdict.ADVANCED
    assert PostgresPasskeyCounters(one).advance(tenant, factor, 0, b"3" * 32) is CounterVerdict.BACKWARDS


@pytest.mark.parametrize(
    ("wish", "value"),
    [("origin", "https://evil.example"), ("rp_id", "evil.example"), ("present", False), ("verified", False)],
)
def test_what_a_phishing_page_gets_does_not_log_in(holder: Holder, wish: str, value: object) -> None:
    setattr(holder.authenticator, wish, value)
    with refused_with(ErrorCode.CODE_REFUSED):
        holder.log_in()


@pytest.mark.parametrize("response", ["", "{}", "[" * 8000, '{"id": 1, "rawId": {}, "response": []}', "\ud800"])
def test_what_is_no_answer_of_an_authenticator_is_refused(holder: Holder, response: str) -> None:
    with refused_with(ErrorCode.CODE_REFUSED):
        holder.complete_login(holder.begin_login(), PasskeyAssertion(response))


def test_refused_assertions_are_slowed_down(holder: Holder) -> None:
    challenged = holder.begin_login()
    for _ in range(FREE_FAILURES + 1):
        with refused_with(ErrorCode.CODE_REFUSED):
            holder.complete_login(challenged, PasskeyAssertion("{}"))
    with refused_with(ErrorCode.TOO_MANY_ATTEMPTS):
        holder.complete_login(challenged, holder.answer(challenged))


# --- whose it is


def test_the_passkey_of_another_user_does_not_log_in(auth: Auth, ada: Person) -> None:
    bob = auth.enrol(auth.invite(ada.tenant, "bob@example.org"), "bob@example.org")
    adas, bobs = Authenticator(), Authenticator()
    add_passkey(ada, adas)
    add_passkey(bob, bobs)
    challenged = begin_login(ada)
    for credential, handle in ((bobs.credential_id, bobs.user_handle), (adas.credential_id, adas.user_handle)):
        bobs.credential_id, bobs.user_handle = credential, handle
        with refused_with(ErrorCode.CODE_REFUSED):
            ada.answer(challenged.challenge, answer(bobs, challenged))
    assert ada.answer(challenged.challenge, answer(adas, challenged))


def test_who_has_no_passkey_is_not_asked_for_one(ada: Person) -> None:
    assert begin_login(ada).passkey_options is None
    by = Author("person", ada.user_id, ("pwd", "otp"), new_id(), LAPTOP)
    with refused_with(ErrorCode.FACTOR_UNKNOWN):
        handlers.ask_passkey(ada.auth.ports, AskPasskey(PurposeKind.FACTORS), tenant=ada.tenant, by=by)
