from datetime import timedelta

import psycopg
import pytest
from psycopg import sql

from services.auth import handlers
from services.auth.commands import EndSession, EndSessionsOf, RefreshSession
from services.auth.read_models.revocations import NAME, RECENT, PostgresRevocations
from services.auth.replies import LoggedIn
from shared.contracts.errors import ErrorCode
from shared.contracts.revocations import RecentRevocations, Revoked
from shared.kernel.ids import new_id
from tests.integration.auth.business import Auth, Person, command_id, refused_with

pytestmark = pytest.mark.integration


def recent(auth: Auth) -> RecentRevocations:
    for _ in range(2):  # the first time notices are recorded, which have to be read as well
        auth.runner.run_once()
    return auth.ports.revocations.recent(auth.clock.now())


def of(person: Person, since: int) -> list[tuple[str, str, int]]:
    """What was revoked in the person's business from a size of its log on: enrolling revokes something, too."""
    found = recent(person.auth)
    assert person.tenant not in found.undecided
    return [
        (each.kind, each.subject, each.position)
        for each in found.revoked
        if each.tenant == person.tenant and each.position >= since
    ]


def log_in(person: Person) -> LoggedIn:
    """Log in, and have the notice of the new device recorded."""
    session = person.log_in()
    recent(person.auth)
    return session


def size(person: Person) -> int:
    return person.auth.ports.log.head(person.tenant).size


def end(person: Person, session_id: str) -> None:
    handlers.end_session(person.auth.ports, EndSession(session_id), tenant=person.tenant, by=person.user_id)


def test_the_end_of_a_session_revokes_its_tokens_by_its_place_in_the_log(ada: Person) -> None:
    session = log_in(ada)
    since = size(ada)
    end(ada, session.session_id)
    assert since == size(ada) - 1
    assert of(ada, since) == [("session", session.session_id, size(ada) - 1)]


def test_a_reused_refresh_token_revokes_the_tokens_of_the_session(ada: Person) -> None:
    session = log_in(ada)
    since = size(ada)
    renewed = handlers.refresh_session(ada.auth.ports, RefreshSession(session.refresh_token))
    with pytest.raises(Exception, match="refresh_invalid"):
        handlers.refresh_session(ada.auth.ports, RefreshSession(session.refresh_token))
    ((_, subject, position),) = of(ada, since)
    assert subject == session.session_id
    assert position >= ada.claims(renewed.token)["pos"]


def test_ending_all_sessions_revokes_the_user_and_a_later_token_is_good(ada: Person) -> None:
    earlier = ada.claims(log_in(ada).token)
    since = size(ada)
    command = EndSessionsOf(ada.user_id)
    handlers.end_sessions_of(ada.auth.ports, command, tenant=ada.tenant, by=new_id(), command_id=command_id())
    ((kind, subject, position),) = of(ada, since)
    assert (kind, subject) == ("user", ada.user_id)
    ada.auth.clock.moment += timedelta(seconds=30)
    later = ada.claims(log_in(ada).token)
    assert earlier["pos"] <= position < later["pos"]


def test_what_no_living_token_can_meet_is_left_out(ada: Person) -> None:
    end(ada, log_in(ada).session_id)
    ada.auth.clock.moment += RECENT
    assert len(of(ada, size(ada) - 1)) == 1
    ada.auth.clock.moment += timedelta(seconds=1)
    assert of(ada, 0) == []


def test_a_tenant_whose_revocations_are_not_known_is_named(ada: Person) -> None:
    session = log_in(ada)
    ada.auth.runner.run_once()
    end(ada, session.session_id)
    # Nobody follows the log between the end of the session and the question.
    assert ada.tenant in ada.auth.ports.revocations.recent(ada.auth.clock.now()).undecided
    assert of(ada, size(ada) - 1)


def test_revocations_are_the_same_after_a_replay(lonely_auth: Auth) -> None:
    ada = lonely_auth.enrol(lonely_auth.found())
    for _ in range(3):
        end(ada, log_in(ada).session_id)
        lonely_auth.clock.moment += timedelta(minutes=5)
    before, rows = recent(lonely_auth), _rows(lonely_auth)
    for projection in lonely_auth.projections:
        lonely_auth.runner.rebuild(projection)
    assert recent(lonely_auth) == before
    assert _rows(lonely_auth) == rows != []


def _rows(auth: Auth) -> list[psycopg.rows.TupleRow]:
    with auth.database.connect_as_admin() as connection:
        live = connection.execute("SELECT live FROM read.projections WHERE projection = %s", (NAME,)).fetchone()
        table = sql.Identifier("read_a" if live is None else live[0], NAME)
        return connection.execute(sql.SQL("SELECT * FROM {} ORDER BY tenant, position").format(table)).fetchall()


def test_pages_hold_everything_once_and_in_order(ada: Person) -> None:
    for _ in range(5):
        end(ada, log_in(ada).session_id)
        ada.auth.clock.moment += timedelta(seconds=30)
    everything = recent(ada.auth).revoked
    assert len(everything) > 5
    pages = PostgresRevocations(ada.auth.pools[0], ada.auth.runner, page=2)
    page = pages.recent(ada.auth.clock.now())
    found = list(page.revoked)
    while page.next is not None:
        page = pages.recent(ada.auth.clock.now(), page.next)
        assert 1 <= len(page.revoked) <= 2
        found += page.revoked
    assert found == everything


def test_when_too_many_tenants_are_not_known_none_is(ada: Person) -> None:
    session = log_in(ada)
    end(ada, session.session_id)
    nobody_follows = PostgresRevocations(ada.auth.pools[0], ada.auth.runner, patience=0, page=0)
    with refused_with(ErrorCode.SERVICE_UNAVAILABLE):
        nobody_follows.recent(ada.auth.clock.now())


def test_an_answer_survives_the_wire() -> None:
    answer = RecentRevocations([Revoked(new_id(), "user", new_id(), 3)], [new_id()], more=True)
    assert RecentRevocations.from_body(answer.to_body()) == answer
