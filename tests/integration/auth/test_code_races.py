from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from services.auth import handlers
from services.auth.adapters.code_uses import PostgresCodeUses
from services.auth.commands import CompleteEnrolment
from services.auth.domain.proof import TotpCode
from services.auth.domain.throttle import FREE_FAILURES
from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.session import tenant_session
from shared.kernel.ids import new_id
from tests.integration.auth.business import Auth, Person

pytestmark = pytest.mark.integration
RACERS = 4


def test_one_code_on_many_challenges_at_once_is_accepted_once(auth: Auth, ada: Person) -> None:
    challenges = [ada.begin_login() for _ in range(RACERS)]
    processes = [auth.process() for _ in range(RACERS)]
    code, start = ada.code(), Barrier(RACERS)

    def log_in(number: int) -> str:
        start.wait()
        try:
            ada.complete_login(challenges[number], code, processes[number])
        except PublicError as refusal:
            return refusal.code.value
        return "token"

    with ThreadPoolExecutor(RACERS) as threads:
        outcomes = sorted(threads.map(log_in, range(RACERS)))
    assert outcomes == ["code_reused"] * (RACERS - 1) + ["token"]


def test_one_code_on_one_challenge_at_once_gives_one_token(auth: Auth, ada: Person) -> None:
    challenge, code, start = ada.begin_login(), ada.code(), Barrier(RACERS)
    processes = [auth.process() for _ in range(RACERS)]

    def log_in(number: int) -> str:
        start.wait()
        try:
            ada.complete_login(challenge, code, processes[number])
        except PublicError as refusal:
            return refusal.code.value
        return "token"

    with ThreadPoolExecutor(RACERS) as threads:
        outcomes = list(threads.map(log_in, range(RACERS)))
    assert outcomes.count("token") == 1
    assert set(outcomes) <= {"token", "code_reused", "challenge_invalid"}
    succeeded = [event for event in auth.ports.log.read(ada.tenant) if event.type == "LoginSucceeded"]
    assert len(succeeded) == 1


def test_the_enrolment_code_at_once_enrols_once(auth: Auth) -> None:
    invited = auth.found()
    enrolment, totp = auth.begin_enrolment(invited)
    processes = [auth.process() for _ in range(RACERS)]
    code, start = auth.code(totp), Barrier(RACERS)

    def enrol(number: int) -> str:
        start.wait()
        try:
            handlers.complete_enrolment(processes[number], CompleteEnrolment(enrolment, TotpCode(code)))
        except PublicError as refusal:
            return refusal.code.value
        return "enrolled"

    with ThreadPoolExecutor(RACERS) as threads:
        outcomes = list(threads.map(enrol, range(RACERS)))
    assert outcomes.count("enrolled") == 1
    assert set(outcomes) <= {"enrolled", "code_reused", "enrolment_invalid"}


def test_wrong_codes_at_once_do_not_exceed_what_is_free(auth: Auth, ada: Person) -> None:
    challenge, wrong, racers = ada.begin_login(), ada.wrong_code(), 3 * RACERS
    processes = [auth.process() for _ in range(RACERS)]

    def guess(number: int) -> ErrorCode:
        with pytest.raises(PublicError) as refusal:
            ada.complete_login(challenge, wrong, processes[number % RACERS])
        return refusal.value.code

    with ThreadPoolExecutor(RACERS) as threads:
        outcomes = list(threads.map(guess, range(racers)))
    judged = FREE_FAILURES + 1  # the one after the free ones is judged, and closes the account
    assert outcomes.count(ErrorCode.CODE_REFUSED) == judged
    assert outcomes.count(ErrorCode.TOO_MANY_ATTEMPTS) == racers - judged
    assert auth.ports.log.head(ada.tenant).size == 6 + 1 + judged


def test_a_step_that_another_transaction_is_accepting_is_waited_for_and_then_refused(auth: Auth) -> None:
    tenant, factor_id = new_id(), new_id()
    uses = PostgresCodeUses(auth.database.pool())
    assert uses.accept(tenant, factor_id, 6)
    with ThreadPoolExecutor(1) as thread:
        with tenant_session(auth.database.pool(), tenant) as other:
            other.execute("UPDATE app.code_uses SET last_step = 7 WHERE factor_id = %s", (factor_id,))
            racing = thread.submit(uses.accept, tenant, factor_id, 7)
            _until_blocked(auth)
        assert racing.result() is False
    assert uses.accept(tenant, factor_id, 8)


def test_an_older_step_is_refused_after_a_newer_one(auth: Auth) -> None:
    tenant, factor_id = new_id(), new_id()
    assert auth.ports.code_uses.accept(tenant, factor_id, 8)
    assert not auth.ports.code_uses.accept(tenant, factor_id, 7)


def _until_blocked(auth: Auth) -> None:
    """Return once somebody waits for a lock in this database."""
    with auth.database.connect_as_admin() as admin:
        waiting = 0
        while waiting == 0:
            row = admin.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            ).fetchone()
            waiting = row[0] if row else 0
