"""Projections over a real database: exactly once, whatever happens in between."""

import threading

import psycopg
import pytest
import structlog

from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.following import row_found
from shared.eventstore.model import RecordedEvent
from tests.integration.eventstore.ledger import Ledger, Totals, running
from tests.stack import Database

pytestmark = pytest.mark.integration


@pytest.fixture
def it(invoices: Database) -> Ledger:
    return Ledger.in_new(invoices)


def test_every_event_is_applied_once_for_every_tenant(it: Ledger) -> None:
    other = it.new_tenant()
    it.add([1, 2, 3])
    it.add([10], tenant=other)
    runner = it.runner(Totals())
    assert runner.run_once() == 4
    assert runner.run_once() == 0
    it.add([4])
    assert runner.run_once() == 1
    assert it.totals() == {(it.tenant, "account-1"): 10, (other, "account-1"): 10}
    assert it.checkpoint() == 3


def test_a_log_longer_than_a_batch_is_followed_to_its_end(it: Ledger) -> None:
    it.add([1] * 1203)
    assert it.runner(Totals()).run_once() == 1203
    assert it.totals() == {(it.tenant, "account-1"): 1203}


def test_a_poison_event_stops_its_projection_and_no_other(it: Ledger) -> None:
    it.add([1, 2, 4, 8])
    other = it.new_tenant()
    it.add([16], tenant=other)
    poisoned = Totals("poisoned", poison=lambda event: event.payload["amount"] == 4)
    runner = it.runner(poisoned, Totals())
    runner.run_once()
    # What came before the poison is there, the poison and what follows are not, the checkpoint says so.
    assert it.totals("poisoned") == {(it.tenant, "account-1"): 3, (other, "account-1"): 16}
    assert it.checkpoint("poisoned") == 1
    assert it.totals() == {(it.tenant, "account-1"): 15, (other, "account-1"): 16}
    assert it.halted() == {("poisoned", it.tenant): 2}
    it.add([32])
    runner.run_once()
    assert it.checkpoint("poisoned") == 1
    assert it.checkpoint() == 4


def test_a_poison_event_is_logged_by_position_without_its_content(it: Ledger) -> None:
    it.add([1, 2])
    with structlog.testing.capture_logs() as logged:
        it.runner(Totals(poison=lambda event: event.position == 1)).run_once()
    assert logged == [
        {
            "event": "projection_halted",
            "log_level": "error",
            "projection": "totals",
            "tenant": it.tenant,
            "position": 1,
            "error": "ValueError",
            "attempts": 1,
        }
    ]


def test_a_first_event_that_is_poison_leaves_nothing(it: Ledger) -> None:
    it.add([1, 2])
    runner = it.runner(Totals(poison=lambda _: True))
    assert runner.run_once() == 0
    assert (it.totals(), it.checkpoint(), it.halted()) == ({}, None, {("totals", it.tenant): 0})


def test_an_event_whose_row_the_database_refuses_is_poison_and_no_other_one_is(it: Ledger) -> None:
    largest = 2**63 - 1
    it.add([1, 2])
    it.add([largest], stream="account-2")
    it.add([1], stream="account-2")
    it.add([3])

    it.runner(Totals()).run_once()

    assert it.halted() == {("totals", it.tenant): 3}
    assert it.totals() == {(it.tenant, "account-1"): 3, (it.tenant, "account-2"): largest}
    assert it.checkpoint() == 2


def test_a_row_is_found_as_the_event_before_left_it(it: Ledger) -> None:
    found = []

    class Looking(Totals):
        def apply(self, cursor: psycopg.Cursor, event: RecordedEvent) -> None:
            super().apply(cursor, event)
            found.append(row_found(cursor, b"SELECT total FROM totals WHERE stream = %s", (event.stream,)))

    it.add([1, 2, 3, 4])
    it.runner(Looking()).run_once()

    assert found == [(1,), (3,), (6,), (10,)]


def test_an_event_that_cannot_be_opened_is_poison(it: Ledger) -> None:
    it.add([1, 2])
    with it.as_attacker() as admin:
        admin.execute("UPDATE log.events SET sealed = sealed || 'x' WHERE position = 1")
    runner = it.runner(Totals())
    runner.run_once()
    assert it.totals() == {(it.tenant, "account-1"): 1}
    assert it.halted() == {("totals", it.tenant): 1}


def test_a_missing_event_is_not_stepped_over(it: Ledger) -> None:
    it.add([1, 2, 4])
    with it.as_attacker() as admin:
        admin.execute("DELETE FROM log.events WHERE position = 1")
    runner = it.runner(Totals())
    runner.run_once()
    assert it.totals() == {(it.tenant, "account-1"): 1}
    assert it.halted() == {("totals", it.tenant): 1}


def test_a_repaired_projection_goes_on_where_it_stopped(it: Ledger) -> None:
    it.add([1, 2, 4])
    it.runner(Totals(poison=lambda event: event.position == 1)).run_once()
    repaired = it.runner(Totals())
    with running(repaired):  # a process that starts does not wait until it is time for another try
        repaired.wait_for(it.tenant, "totals", 2, timeout=60)
    assert it.totals() == {(it.tenant, "account-1"): 7}
    assert it.halted() == {}


def test_a_halted_projection_is_left_alone_until_it_is_time_and_the_pauses_grow(it: Ledger) -> None:
    it.add([1, 2])
    tries = []

    def poison(event: RecordedEvent) -> bool:
        tries.append(event.position)
        return event.position == 1

    runner = it.runner(Totals(poison=poison))
    for pause in (1, 2, 4):
        shortest, longest = it.pause_after(runner.run_once)
        assert shortest <= pause <= longest
        it.retry_in(seconds=3600)
        runner.run_once()  # too early: nothing is tried
        it.retry_in(seconds=0)
    assert tries == [0, 1, 0, 1, 1]  # the first time with what came before it, which was then applied by itself
    assert len(it.halted()) == 1


def test_a_projection_that_gets_past_the_event_is_halted_no_longer(it: Ledger) -> None:
    it.add([1, 2])
    totals = Totals(poison=lambda event: event.position == 1)
    runner = it.runner(totals)
    runner.run_once()
    totals.poison = lambda _: False
    it.retry_in(seconds=0)
    assert runner.run_once() == 1
    assert it.halted() == {}


def test_while_one_process_works_another_leaves_it_alone_and_takes_over_when_it_dies(it: Ledger) -> None:
    it.add([1, 2])
    working, killed = threading.Event(), threading.Event()

    def hold(_: RecordedEvent) -> bool:
        working.set()
        killed.wait()
        raise psycopg.OperationalError("the process died here")  # its transaction ends as at a kill

    def die() -> None:
        with pytest.raises(psycopg.OperationalError):
            it.runner(Totals(poison=hold)).run_once()

    first = threading.Thread(target=die)
    first.start()
    working.wait()
    second = it.runner(Totals())
    assert second.run_once() == 0
    killed.set()
    first.join()
    assert it.totals() == {}
    assert second.run_once() == 2
    assert it.totals() == {(it.tenant, "account-1"): 3}


def test_many_runners_at_once_apply_every_event_once(it: Ledger) -> None:
    tenants = [it.tenant, it.new_tenant(), it.new_tenant()]
    stop = threading.Event()
    runners = [threading.Thread(target=it.runner(Totals()).run, args=(stop.is_set, stop.wait)) for _ in range(3)]
    for runner in runners:
        runner.start()
    for amount in range(1, 21):
        for tenant in tenants:
            it.add([amount], tenant=tenant)
    waiting = it.runner()
    for tenant in tenants:
        waiting.wait_for(tenant, "totals", 19, timeout=60)
    stop.set()
    for runner in runners:
        runner.join()
    assert it.totals() == {(tenant, "account-1"): 210 for tenant in tenants}


def test_following_survives_that_the_server_ends_its_connections(it: Ledger) -> None:
    with running(it.runner(Totals())):
        it.add([1])
        it.runner().wait_for(it.tenant, "totals", 0, timeout=60)
        with it.database.connect_as_admin() as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        fresh = Ledger(it.database, it.tenant)  # connections that were not ended: only the runner has to recover
        fresh.add([2])
        fresh.runner().wait_for(it.tenant, "totals", 1, timeout=60)
    assert fresh.totals() == {(it.tenant, "account-1"): 3}


def test_waiting_for_a_read_model_that_stays_behind_is_a_public_error(it: Ledger) -> None:
    it.add([1])
    with pytest.raises(PublicError) as behind:
        it.runner(Totals()).wait_for(it.tenant, "totals", 0, timeout=0)
    assert behind.value.code is ErrorCode.READ_MODEL_BEHIND


def test_a_caller_that_waited_reads_its_own_write(it: Ledger) -> None:
    it.add([1])
    runner = it.runner(Totals())
    runner.run_once()
    runner.wait_for(it.tenant, "totals", 0, timeout=0)
    assert it.totals() == {(it.tenant, "account-1"): 1}
