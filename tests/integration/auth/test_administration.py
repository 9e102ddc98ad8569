"""What owners, and the operator, do to the accounts of others."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from services.auth import handlers
from services.auth.commands import (
    DisableUser,
    EnableUser,
    RefreshSession,
    UnlockUser,
)
from services.auth.domain.roles import Role
from services.auth.domain.throttle import LOCK_AFTER
from services.auth.ports import Ports
from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.model import CommandId
from shared.kernel.ids import new_id
from tests.integration.auth.business import STEP, Auth, Person, command_id, refused_with

pytestmark = pytest.mark.integration


def colleague(ada: Person, role: Role = Role.SALES, name: str = "bob") -> Person:
    email = f"{name}@example.org"
    if role is not Role.OWNER:
        return ada.auth.enrol(ada.auth.invite(ada.tenant, email, role), email)
    second = ada.auth.enrol(ada.auth.invite(ada.tenant, email), email)
    ada.auth.make_owner(ada, second)
    return second


def disable(person: Person, ports: Ports | None = None, command: CommandId | None = None) -> int:
    return handlers.disable_user(
        ports or person.auth.ports,
        DisableUser(person.user_id, "left us"),
        tenant=person.tenant,
        command_id=command or command_id(),
    )


def enable(person: Person) -> int:
    command = EnableUser(person.user_id)
    return handlers.enable_user(person.auth.ports, command, tenant=person.tenant, command_id=command_id())


def history(person: Person) -> list[str]:
    return [event.type for event in person.auth.ports.log.read(person.tenant)]


# --- disabled


def test_a_disabled_account_opens_nothing_until_it_is_enabled(ada: Person) -> None:
    bob = colleague(ada)
    disable(bob)
    with refused_with(ErrorCode.CREDENTIALS_REFUSED):
        bob.begin_login()
    enable(bob)
    assert bob.complete_login(bob.begin_login(), bob.code())


def test_the_sessions_of_a_disabled_account_end(ada: Person) -> None:
    bob = colleague(ada)
    session = bob.log_in()
    disable(bob)
    bob.auth.runner.run_once()
    assert handlers.list_sessions(bob.auth.ports, tenant=bob.tenant, user_id=bob.user_id) == []
    with refused_with(ErrorCode.REFRESH_INVALID):
        handlers.refresh_session(bob.auth.ports, RefreshSession(session.refresh_token))


def test_a_login_that_was_begun_before_ends_when_the_account_is_disabled(ada: Person) -> None:
    bob = colleague(ada)
    challenge = bob.begin_login()
    disable(bob)
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        bob.complete_login(challenge, bob.code())


def test_an_invitation_to_a_disabled_account_opens_nothing(auth: Auth, ada: Person) -> None:
    invited = auth.invite(ada.tenant, "bob@example.org")
    handlers.disable_user(
        auth.ports, DisableUser(invited.user_id, "sent in error"), tenant=ada.tenant, command_id=command_id()
    )
    with refused_with(ErrorCode.INVITATION_INVALID):
        auth.begin_enrolment(invited)


def test_disabling_twice_is_refused_and_a_retry_gets_the_first_answer(ada: Person) -> None:
    bob, same = colleague(ada), command_id()
    first = disable(bob, command=same)
    assert disable(bob, command=same) == first
    with refused_with(ErrorCode.USER_DISABLED):
        disable(bob)
    enable(bob)
    with refused_with(ErrorCode.USER_NOT_DISABLED):
        enable(bob)


def test_the_last_active_owner_cannot_be_disabled(ada: Person) -> None:
    colleague(ada)
    with refused_with(ErrorCode.LAST_OWNER):
        disable(ada)


def test_of_two_owners_who_disable_each_other_at_once_one_stays(auth: Auth, ada: Person) -> None:
    owners, start = [ada, colleague(ada, Role.OWNER)], Barrier(2)
    processes = [auth.process(), auth.process()]

    def strike(number: int) -> str:
        start.wait()
        try:
            disable(owners[number], processes[number])
        except PublicError as refusal:
            return refusal.code.value
        return "disabled"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(strike, range(2))) == ["disabled", "last_owner"]


def test_nobody_elses_user_is_known(auth: Auth, ada: Person) -> None:
    stranger = auth.enrol(auth.found(email="eve@example.org"), "eve@example.org")
    command = DisableUser(ada.user_id, "not mine")
    with refused_with(ErrorCode.USER_UNKNOWN):
        handlers.disable_user(auth.ports, command, tenant=stranger.tenant, command_id=command_id())
    with refused_with(ErrorCode.USER_UNKNOWN):
        handlers.lock_state(auth.ports, tenant=stranger.tenant, user_id=ada.user_id)


# --- locked


def test_an_owner_lifts_a_lock(auth: Auth, ada: Person) -> None:
    bob = colleague(ada)
    for _ in range(LOCK_AFTER):
        bob.wait_for_throttle()
        auth.ports.throttle.attempt(bob.tenant, bob.email, new_id(), auth.clock.now())
    failures, closed_until = handlers.lock_state(auth.ports, tenant=ada.tenant, user_id=bob.user_id)
    assert (failures, closed_until) == (LOCK_AFTER, auth.clock.now() + timedelta(days=1))
    with refused_with(ErrorCode.TOO_MANY_ATTEMPTS):
        bob.begin_login()
    command = UnlockUser(bob.user_id)
    handlers.unlock_user(auth.ports, command, tenant=ada.tenant, command_id=command_id())
    assert handlers.lock_state(auth.ports, tenant=ada.tenant, user_id=bob.user_id) == (0, None)
    assert bob.complete_login(bob.begin_login(), bob.code())


# --- new devices


def test_the_first_login_from_a_source_is_in_the_history(auth: Auth, ada: Person) -> None:
    for _ in range(2):
        ada.complete_login(ada.begin_login(), ada.code())
        auth.clock.moment += STEP
    seen = [event.payload["source"] for event in auth.ports.log.read(ada.tenant) if event.type == "NewDeviceSeen"]
    assert seen == ["adas-laptop"]


def test_who_was_just_invited_logs_in_before_any_read_model_knows(auth: Auth, ada: Person) -> None:
    invited = auth.invite_unseen(ada.tenant, "bob@example.org")
    bob = auth.enrol(invited, "bob@example.org")
    assert bob.complete_login(bob.begin_login(), bob.code())
