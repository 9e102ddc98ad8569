from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from services.auth import handlers
from services.auth.commands import EndSession, EndSessionsOf, RefreshSession
from services.auth.domain.session import IDLE_LIFETIME
from services.auth.ports import Ports
from services.auth.replies import LoggedIn
from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.model import CommandId
from shared.kernel.ids import new_id
from tests.integration.auth.business import LAPTOP, STEP, Auth, Person, command_id, refused_with

pytestmark = pytest.mark.integration


def refresh(ports: Ports, token: str) -> LoggedIn:
    return handlers.refresh_session(ports, RefreshSession(token))


def events_of(person: Person, session_id: str) -> list[str]:
    return [event.type for event in person.auth.ports.log.load(person.tenant, f"session-{session_id}")]


def end_of(person: Person, session_id: str) -> object:
    return person.auth.ports.log.load(person.tenant, f"session-{session_id}")[-1].payload["reason"]


def sessions_of(person: Person) -> list[str]:
    person.auth.runner.run_once()
    found = handlers.list_sessions(person.auth.ports, tenant=person.tenant, user_id=person.user_id)
    return [session.id for session in found]


def test_a_login_begins_a_session_in_the_same_append(ada: Person) -> None:
    session = ada.log_in()
    succeeded, began, seen = list(ada.auth.ports.log.read(ada.tenant))[-3:]
    assert [event.type for event in (succeeded, began, seen)] == ["LoginSucceeded", "SessionBegan", "NewDeviceSeen"]
    assert began.stream == f"session-{session.session_id}"
    assert succeeded.by == began.by == seen.by


def test_a_refresh_prolongs_the_session_and_says_what_the_login_said(ada: Person) -> None:
    first = ada.log_in()
    began = ada.claims(first.token)
    ada.auth.clock.moment += timedelta(minutes=30)
    second = refresh(ada.auth.ports, first.refresh_token)
    claims = ada.claims(second.token)
    same = ("sub", "tenant", "role", "amr", "sid", "auth_time", "src")
    assert [claims[name] for name in same] == [began[name] for name in same]
    assert claims["pos"] > began["pos"]
    assert claims["iat"] > began["iat"]
    assert second.session_ends_at == first.session_ends_at


def test_a_spent_refresh_token_ends_the_session_for_whoever_holds_the_next_one(ada: Person) -> None:
    first = ada.log_in()
    second = refresh(ada.auth.ports, first.refresh_token)
    for token in (first.refresh_token, second.refresh_token):
        with refused_with(ErrorCode.REFRESH_INVALID):
            refresh(ada.auth.ports, token)
    assert events_of(ada, first.session_id) == ["SessionBegan", "SessionRefreshed", "SessionEnded"]
    assert end_of(ada, first.session_id) == "reuse"


def test_of_callers_who_race_with_one_refresh_token_one_wins_and_the_session_ends(ada: Person) -> None:
    first = ada.log_in()
    processes = [ada.auth.process() for _ in range(4)]

    def attempt(ports: Ports) -> LoggedIn | ErrorCode:
        try:
            return refresh(ports, first.refresh_token)
        except PublicError as refusal:
            return refusal.code

    with ThreadPoolExecutor(len(processes)) as threads:
        outcomes = list(threads.map(attempt, processes))
    winners = [outcome for outcome in outcomes if isinstance(outcome, LoggedIn)]
    assert len(winners) == 1
    assert outcomes.count(ErrorCode.REFRESH_INVALID) == 3
    with refused_with(ErrorCode.REFRESH_INVALID):
        refresh(ada.auth.ports, winners[0].refresh_token)
    assert end_of(ada, first.session_id) == "reuse"


def test_one_session_ends_and_the_others_of_the_user_go_on(ada: Person) -> None:
    first = ada.log_in()
    ada.auth.clock.moment += STEP
    second = ada.log_in()
    assert sessions_of(ada) == [second.session_id, first.session_id]
    handlers.end_session(ada.auth.ports, EndSession(first.session_id), tenant=ada.tenant, by=ada.user_id)
    handlers.end_session(ada.auth.ports, EndSession(first.session_id), tenant=ada.tenant, by=ada.user_id)
    assert sessions_of(ada) == [second.session_id]
    with refused_with(ErrorCode.REFRESH_INVALID):
        refresh(ada.auth.ports, first.refresh_token)
    assert refresh(ada.auth.ports, second.refresh_token).session_id == second.session_id


def test_nobody_ends_the_session_of_somebody_else(ada: Person) -> None:
    session = ada.log_in()
    bob = ada.auth.enrol(ada.auth.invite(ada.tenant, "bob@example.org"), "bob@example.org")
    stranger = ada.auth.enrol(ada.auth.found(email="eve@example.org"), "eve@example.org")
    for tenant, by in ((bob.tenant, bob.user_id), (stranger.tenant, ada.user_id)):
        with refused_with(ErrorCode.SESSION_UNKNOWN):
            handlers.end_session(ada.auth.ports, EndSession(session.session_id), tenant=tenant, by=by)
    refresh(ada.auth.ports, session.refresh_token)  # it lasts


def test_an_idle_session_is_over_and_says_so_when_it_is_asked(ada: Person) -> None:
    session = ada.log_in()
    ada.auth.clock.moment += IDLE_LIFETIME
    assert sessions_of(ada) == []
    with refused_with(ErrorCode.REFRESH_INVALID):
        refresh(ada.auth.ports, session.refresh_token)
    assert end_of(ada, session.session_id) == "expired"


def end_all(person: Person, command: CommandId, user_id: str | None = None, tenant: str | None = None) -> int:
    return handlers.end_sessions_of(
        person.auth.ports,
        EndSessionsOf(user_id or person.user_id),
        tenant=tenant or person.tenant,
        by=new_id(),
        command_id=command,
    )


def test_all_sessions_of_a_user_end_at_once_also_those_that_no_read_model_knows(ada: Person) -> None:
    first = ada.log_in()
    ada.auth.clock.moment += STEP
    second = ada.log_in()
    command = command_id()
    assert end_all(ada, command) == end_all(ada, command)
    for session in (first, second):
        with refused_with(ErrorCode.REFRESH_INVALID):
            refresh(ada.auth.ports, session.refresh_token)
        assert end_of(ada, session.session_id) == "revoked"
    assert sessions_of(ada) == []
    ada.auth.clock.moment += STEP
    refresh(ada.auth.ports, ada.log_in().refresh_token)  # a new one lasts


def test_a_login_that_began_before_all_sessions_were_ended_does_not_succeed_after_it(ada: Person) -> None:
    challenge = ada.begin_login()
    end_all(ada, command_id())
    with refused_with(ErrorCode.CHALLENGE_INVALID):
        ada.complete_login(challenge, ada.code())


def test_sessions_of_a_user_of_another_business_cannot_be_ended(ada: Person) -> None:
    session = ada.log_in()
    stranger = ada.auth.found(email="eve@example.org")
    said = set()
    for user_id in (ada.user_id, new_id()):
        with refused_with(ErrorCode.USER_UNKNOWN) as refused:
            end_all(ada, command_id(), user_id, stranger.tenant)
        said.add(str(refused.value))
    assert len(said) == 1
    refresh(ada.auth.ports, session.refresh_token)  # it lasts


@pytest.mark.parametrize("token", ["", "nonsense", "A" * 86])
def test_a_refresh_token_that_is_none_is_refused(auth: Auth, token: str) -> None:
    with refused_with(ErrorCode.REFRESH_INVALID):
        refresh(auth.ports, token)


def test_the_read_model_is_the_same_after_a_replay(ada: Person) -> None:
    ada.log_in()
    ada.auth.clock.moment += STEP
    second = ada.log_in()
    handlers.end_session(ada.auth.ports, EndSession(second.session_id), tenant=ada.tenant, by=ada.user_id)
    before = sessions_of(ada)
    for projection in ada.auth.projections:
        ada.auth.runner.rebuild(projection)
    assert sessions_of(ada) == before
    assert LAPTOP in {
        session.source for session in handlers.list_sessions(ada.auth.ports, tenant=ada.tenant, user_id=ada.user_id)
    }
