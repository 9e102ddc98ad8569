"""The inbox table: each event once, taken by one, due again when it was not finished."""

from collections.abc import Callable

import psycopg
import pytest

from shared.contracts.events import PublishedEvent
from shared.kernel.ids import new_id
from shared.messaging.inbox import Inbox
from tests.stack import Database

pytestmark = pytest.mark.integration


@pytest.fixture
def notifier_database(database: Callable[[str], Database]) -> Database:
    return database("notifier")


@pytest.fixture
def inbox(notifier_database: Database) -> Inbox:
    return Inbox(notifier_database.pool())


def issued(position: int = 0) -> PublishedEvent:
    stream = f"invoice-{new_id()}"
    return PublishedEvent(
        "invoices", new_id(), "DocumentArchived", new_id(), stream, 2, position, "2026-11-22T09:00:00.000000Z"
    )


def test_an_event_that_comes_twice_is_recorded_once(inbox: Inbox) -> None:
    event = issued()
    assert inbox.record(event)
    assert not inbox.record(event)
    assert inbox.counts() == {"pending": 1, "done": 0, "dead": 0}


def test_an_event_that_was_dealt_with_is_known_for_ever(inbox: Inbox) -> None:
    event = issued()
    inbox.record(event)
    inbox.done(event.id)
    assert not inbox.record(event)
    assert inbox.due(10) == []
    assert inbox.counts() == {"pending": 0, "done": 1, "dead": 0}


def test_what_one_worker_took_no_other_gets(inbox: Inbox) -> None:
    events = [issued(position) for position in range(3)]
    for event in events:
        inbox.record(event)
    first, second = inbox.due(2), inbox.due(2)
    assert sorted(entry.event_id for entry in first + second) == sorted(event.id for event in events)
    assert inbox.due(2) == []
    assert {entry.attempts for entry in first + second} == {1}


def test_what_a_crashed_worker_had_taken_is_due_again_after_its_lease(inbox: Inbox) -> None:
    inbox.record(issued())
    [taken] = inbox.due(1, lease=0)
    [again] = inbox.due(1)
    assert (again.event_id, again.attempts) == (taken.event_id, 2)


def test_who_becomes_the_only_worker_need_not_wait_for_what_was_taken(inbox: Inbox) -> None:
    event = issued()
    inbox.record(event)
    inbox.due(1)
    assert inbox.due(1) == []
    inbox.release()
    assert [entry.event_id for entry in inbox.due(1)] == [event.id]
    inbox.done(event.id)
    inbox.release()
    assert inbox.due(1) == []


def test_what_is_retried_waits_longer_each_time_and_says_why(inbox: Inbox, notifier_database: Database) -> None:
    event = issued()
    inbox.record(event)
    pauses = []
    for _ in range(14):
        assert len(due_now(inbox, notifier_database)) == 1
        inbox.retry_later(event.id, "service_unavailable")
        with notifier_database.connect() as connection, connection.transaction():
            row = connection.execute(
                "SELECT extract(epoch FROM next_attempt_at - now())::float, last_error_code FROM app.inbox"
            ).fetchone()
        assert row is not None
        assert row[1] == "service_unavailable"
        pauses.append(row[0])
    # Half of each pause is chance, so every second one is certainly longer, until the longest is reached.
    assert all(later > earlier for earlier, later in zip(pauses[:9], pauses[2:11], strict=True))
    assert max(pauses) <= 3600


def due_now(inbox: Inbox, database: Database) -> list[object]:
    with database.connect() as connection:
        connection.execute("UPDATE app.inbox SET next_attempt_at = now()")
    return list(inbox.due(10))


def test_what_was_given_up_stays_visible_and_is_not_due(inbox: Inbox) -> None:
    event = issued()
    inbox.record(event)
    inbox.due(1)
    inbox.dead(event.id, "document_unknown")
    inbox.retry_later(event.id, "service_unavailable")
    assert inbox.due(1) == []
    assert inbox.counts() == {"pending": 0, "done": 0, "dead": 1}


def test_the_service_cannot_forget_what_it_has_seen(notifier_database: Database) -> None:
    with notifier_database.connect() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("DELETE FROM app.inbox")
