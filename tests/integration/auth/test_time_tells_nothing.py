"""How long a refusal takes does not tell whether there is an account, nor in which state it is, nor whether there is
such a business at all.

Attempts on the kinds of accounts take turns, so that whatever else the machine does falls on all of them alike. Their
times are compared by rank (Mann-Whitney): no clock has to be quick or steady. Stated threshold: one kind takes longer
than the other by more than a tenth of an attempt, with a probability of error below 1e-6, three times in a row over new
attempts. So a false alarm happens less than once in 1e18 runs, and a path that lacks the password hash, or does it
twice, is told apart by every one of them. What is smaller than a tenth (a round trip to the database more or less) is
not looked for here: it would take a measurement on a machine that does nothing else.
"""

import time
from collections.abc import Callable
from math import erfc, sqrt
from statistics import median

import pytest

from services.auth import handlers
from services.auth.commands import BeginLogin, DisableUser
from shared.contracts.errors import ErrorCode
from shared.kernel.ids import new_id
from tests.integration.auth.business import PASSWORD, Auth, Person, command_id, refused_with

pytestmark = pytest.mark.integration
ALPHA = 1e-6
BATCHES = 3
TURNS = 40
MARGIN = 0.1
KNOWN = "wrong password"
Place = tuple[str, str]
"""A tenant and an address."""


@pytest.fixture
def places(auth: Auth, ada: Person) -> dict[str, Place]:
    """Where there is each kind of account that opens nothing, beside one whose password is wrong."""
    disabled = auth.enrol(auth.invite(ada.tenant, "dora@example.org"), "dora@example.org")
    handlers.disable_user(
        auth.ports, DisableUser(disabled.user_id, "left us"), tenant=ada.tenant, command_id=command_id()
    )
    auth.invite(ada.tenant, "ivan@example.org")
    auth.begin_enrolment(auth.invite(ada.tenant, "erik@example.org"))
    return {
        KNOWN: (ada.tenant, ada.email),
        "unknown": (ada.tenant, "nobody@example.org"),
        "unknown tenant": (new_id(), ada.email),
        "disabled": (ada.tenant, "dora@example.org"),
        "invited": (ada.tenant, "ivan@example.org"),
        "enrolling": (ada.tenant, "erik@example.org"),
    }


def seconds(attempt: Callable[[], object]) -> float:
    began = time.perf_counter()
    with refused_with(ErrorCode.CREDENTIALS_REFUSED):
        attempt()
    return time.perf_counter() - began


def by_turns(auth: Auth, places: dict[str, Place]) -> dict[str, list[float]]:
    taken: dict[str, list[float]] = {kind: [] for kind in places}
    for _ in range(TURNS):
        for kind, (tenant, email) in places.items():
            password = PASSWORD + "!" if kind == KNOWN else PASSWORD
            command = BeginLogin(tenant, email, password, new_id())
            taken[kind].append(seconds(lambda command=command: handlers.begin_login(auth.ports, command)))  # type: ignore[misc]
            auth.ports.throttle.unlock(tenant, email)
    return taken


def told_apart(one: list[float], other: list[float]) -> bool:
    """Tell whether either takes longer than the other and the margin."""
    margin = MARGIN * median(other)
    return longer(one, [b + margin for b in other]) or longer(other, [a + margin for a in one])


def longer(one: list[float], other: list[float]) -> bool:
    """Mann-Whitney's U with the normal approximation, one-sided; each side has half of the error."""
    above = sum((a > b) + (a == b) / 2 for a in one for b in other)
    pairs, total = len(one) * len(other), len(one) + len(other)
    deviation = (above - pairs / 2) / sqrt(pairs * (total + 1) / 12)
    return erfc(deviation / sqrt(2)) < ALPHA


def test_the_time_of_a_refusal_does_not_tell_one_kind_of_account_from_another(
    auth: Auth, places: dict[str, Place]
) -> None:
    suspects = set(places) - {KNOWN}
    for _ in range(BATCHES):
        taken = by_turns(auth, {kind: places[kind] for kind in (KNOWN, *sorted(suspects))})
        suspects = {kind for kind in suspects if told_apart(taken[kind], taken[KNOWN])}
        if not suspects:
            return
    assert suspects == set()


def test_a_path_without_a_password_hash_would_be_told_apart(auth: Auth, ada: Person) -> None:
    hashing = [seconds_of(lambda: auth.ports.passwords.matches(PASSWORD, None)) for _ in range(TURNS)]
    idle = [seconds_of(lambda: auth.ports.log.head(ada.tenant)) for _ in range(TURNS)]
    assert told_apart(hashing, idle)


def seconds_of(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
