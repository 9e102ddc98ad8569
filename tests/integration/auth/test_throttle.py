from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from services.auth import handlers
from services.auth.adapters.passwords import Argon2Passwords
from services.auth.commands import BeginLogin
from services.auth.domain.throttle import (
    ACCOUNT_DELAYS,
    FREE_FAILURES,
    FREE_SOURCE_FAILURES,
    LOCK_AFTER,
    LOCK_LIFETIME,
    Attempt,
)
from services.auth.ports import Ports
from shared.contracts.errors import ErrorCode, PublicError
from shared.kernel.ids import new_id
from tests.integration.auth.business import PASSWORD, STEP, Auth, Person, refused_with

pytestmark = pytest.mark.integration
NOBODY = "nobody@example.org"
FAILURES: dict[str, Callable[[Person], object]] = {
    "password": lambda ada: attempt(ada, ada.email, "not the password"),
    "code": lambda ada: ada.complete_login(ada.begin_login(), ada.wrong_code()),
    "recovery code": lambda ada: ada.recover("aaaa-aaaa-aaaa-aaaa-aaaa-aaaa"),
}


def attempt(person: Person, email: str, password: str = PASSWORD, source: str | None = None) -> None:
    handlers.begin_login(person.auth.ports, BeginLogin(person.tenant, email, password, source or new_id()))


def outcome(attempted: Callable[[], object]) -> tuple[ErrorCode, object]:
    with pytest.raises(PublicError) as refusal:
        attempted()
    return refusal.value.code, refusal.value.details


def fail(ports: Ports, tenant: str, email: str, count: int, auth: Auth) -> None:
    """Fail so often, letting pass the time that it takes."""
    for _ in range(count):
        counted = ports.throttle.attempt(tenant, email, new_id(), auth.clock.now())
        assert isinstance(counted, Attempt)
        auth.clock.moment += ACCOUNT_DELAYS[counted.failures - 1]


@pytest.mark.parametrize("kind", FAILURES)
def test_failures_of_every_factor_are_slowed_down(ada: Person, kind: str) -> None:
    for _ in range(FREE_FAILURES + 1):
        assert outcome(lambda: FAILURES[kind](ada))[0] in (ErrorCode.CREDENTIALS_REFUSED, ErrorCode.CODE_REFUSED)
    assert outcome(lambda: FAILURES[kind](ada)) == (ErrorCode.TOO_MANY_ATTEMPTS, {"retry_after": 1})


def test_failures_of_different_factors_add_up(ada: Person) -> None:
    challenge = ada.begin_login()
    for kind in ("password", "code", "recovery code", "password"):
        outcome(lambda kind=kind: FAILURES[kind](ada))  # type: ignore[misc]  # bound now, not later
    with refused_with(ErrorCode.TOO_MANY_ATTEMPTS):
        ada.complete_login(challenge, ada.code())


def test_who_waits_as_told_gets_in_and_begins_anew(ada: Person) -> None:
    for _ in range(FREE_FAILURES + 1):
        outcome(lambda: FAILURES["password"](ada))
    ada.auth.clock.moment += timedelta(seconds=1)
    assert ada.complete_login(ada.begin_login(), ada.code())
    assert ada.auth.ports.throttle.failures(ada.tenant, ada.email, ada.auth.clock.now()) == (0, None)


def test_the_right_password_alone_forgets_no_failure(ada: Person) -> None:
    outcome(lambda: FAILURES["code"](ada))
    ada.begin_login()
    assert ada.auth.ports.throttle.failures(ada.tenant, ada.email, ada.auth.clock.now())[0] == 1


def test_an_address_that_nobody_has_is_slowed_down_and_locked_alike(auth: Auth, ada: Person) -> None:
    seen: dict[str, list[object]] = {}
    began = auth.clock.moment
    for email in (ada.email, NOBODY):
        auth.clock.moment = began
        answers = seen.setdefault(email, [])
        for count in range(LOCK_AFTER):
            answers.append(outcome(lambda email=email: attempt(ada, email, "not the password")))  # type: ignore[misc]
            answers.append(outcome(lambda email=email: attempt(ada, email)) if count >= FREE_FAILURES else None)  # type: ignore[misc]
            if count < LOCK_AFTER - 1:
                auth.clock.moment += ACCOUNT_DELAYS[count]
    assert seen[ada.email] == seen[NOBODY]
    assert seen[NOBODY][-1] == (ErrorCode.TOO_MANY_ATTEMPTS, {"retry_after": LOCK_LIFETIME.total_seconds()})


def test_a_lock_is_in_the_history_of_an_account_and_only_there(auth: Auth, ada: Person) -> None:
    for email in (ada.email, NOBODY):
        fail(auth.ports, ada.tenant, email, LOCK_AFTER - 1, auth)
        outcome(lambda email=email: attempt(ada, email, "not the password"))  # type: ignore[misc]
    locks = [event for event in auth.ports.log.read(ada.tenant) if event.type == "UserLocked"]
    assert [(event.stream, event.payload["failures"]) for event in locks] == [(f"user-{ada.user_id}", LOCK_AFTER)]


def test_a_code_that_locks_is_in_the_history_too(auth: Auth, ada: Person) -> None:
    challenge = ada.begin_login()
    fail(auth.ports, ada.tenant, ada.email, LOCK_AFTER - 1, auth)
    with refused_with(ErrorCode.CHALLENGE_INVALID):  # the challenge is long over, so nothing is judged
        ada.complete_login(challenge, ada.code())
    challenge = ada.begin_login()
    with refused_with(ErrorCode.CODE_REFUSED):
        ada.complete_login(challenge, ada.wrong_code())
    assert "UserLocked" in [event.type for event in auth.ports.log.read(ada.tenant)]


def test_a_lock_ends_by_itself_after_a_day(auth: Auth, ada: Person) -> None:
    fail(auth.ports, ada.tenant, ada.email, LOCK_AFTER - 1, auth)
    outcome(lambda: attempt(ada, ada.email, "not the password"))
    auth.clock.moment += LOCK_LIFETIME - timedelta(seconds=1)
    assert outcome(ada.begin_login) == (ErrorCode.TOO_MANY_ATTEMPTS, {"retry_after": 1})
    auth.clock.moment += timedelta(seconds=1)
    assert ada.complete_login(ada.begin_login(), ada.code())


def test_who_is_throttled_costs_no_hash_and_no_event(auth: Auth, ada: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(FREE_FAILURES + 1):
        outcome(lambda: FAILURES["password"](ada))
    size = auth.ports.log.head(ada.tenant).size
    monkeypatch.setattr(Argon2Passwords, "matches", lambda *_: pytest.fail("a password was hashed"))
    with refused_with(ErrorCode.TOO_MANY_ATTEMPTS):
        ada.begin_login()
    assert auth.ports.log.head(ada.tenant).size == size


def test_a_source_that_tries_many_addresses_is_slowed_down(auth: Auth, ada: Person) -> None:
    for number in range(FREE_SOURCE_FAILURES + 1):
        counted = auth.ports.throttle.attempt(ada.tenant, f"user{number}@example.org", "sprayer", auth.clock.now())
        assert isinstance(counted, Attempt)
    with refused_with(ErrorCode.TOO_MANY_ATTEMPTS):
        attempt(ada, ada.email, source="sprayer")
    # And the account, which did nothing, has no failure on its count.
    assert auth.ports.throttle.failures(ada.tenant, ada.email, auth.clock.now()) == (0, None)
    assert ada.complete_login(ada.begin_login(), ada.code())


def test_one_that_succeeds_does_not_forget_its_sources_failures(auth: Auth, ada: Person) -> None:
    for number in range(FREE_SOURCE_FAILURES):
        auth.ports.throttle.attempt(ada.tenant, f"user{number}@example.org", "adas-laptop", auth.clock.now())
    assert ada.complete_login(ada.begin_login(), ada.code())
    auth.clock.moment += STEP
    outcome(lambda: attempt(ada, NOBODY, source="adas-laptop"))
    with refused_with(ErrorCode.TOO_MANY_ATTEMPTS):
        ada.begin_login()


def test_attempts_of_many_processes_at_once_are_all_counted(auth: Auth) -> None:
    tenant, processes = new_id(), [auth.process() for _ in range(4)]

    def count(number: int) -> object:
        ports = processes[number % 4]
        return ports.throttle.attempt(tenant, NOBODY, new_id(), auth.clock.now())

    with ThreadPoolExecutor(4) as threads:
        counted = [made for made in threads.map(count, range(24)) if isinstance(made, Attempt)]
    assert sorted(made.failures for made in counted) == [1, 2, 3, 4]


def test_taking_back_an_attempt_does_not_open_what_a_later_failure_closed(auth: Auth) -> None:
    tenant, throttle = new_id(), auth.ports.throttle
    first, *_ = [throttle.attempt(tenant, NOBODY, new_id(), auth.clock.now()) for _ in range(FREE_FAILURES + 1)]
    assert isinstance(first, Attempt)
    throttle.take_back(first, auth.clock.now())
    failures, opens_at = throttle.failures(tenant, NOBODY, auth.clock.now())
    assert (failures, opens_at) == (FREE_FAILURES, auth.clock.now() + timedelta(seconds=1))


def test_old_counts_are_forgotten(lonely_auth: Auth) -> None:
    tenant, throttle = new_id(), lonely_auth.ports.throttle
    throttle.attempt(tenant, NOBODY, None, lonely_auth.clock.now())
    lonely_auth.clock.moment += LOCK_LIFETIME
    throttle.attempt(tenant, "somebody@example.org", "elsewhere", lonely_auth.clock.now())
    with lonely_auth.database.connect_as_admin() as admin:
        assert admin.execute("SELECT count(*) FROM app.throttle").fetchone() == (2,)
