"""A rebuild beside the live read model: the same bytes, no downtime, and nothing is lost when it is killed."""

import signal
import threading

import psycopg
import pytest
from psycopg import sql

from shared.eventstore.copies import IdleCopy, RebuildOvertaken, live_session
from shared.eventstore.following import BATCH
from shared.eventstore.model import RecordedEvent
from shared.eventstore.rebuild import Rebuild, RebuildRunning, RebuildStopped
from tests.integration.eventstore.ledger import Ledger, Totals, process, running
from tests.stack import Database, waiting_for_advisory_lock

pytestmark = pytest.mark.integration


@pytest.fixture
def it(invoices: Database) -> Ledger:
    return Ledger.in_new(invoices)


def queried(it: Ledger) -> int | None:
    """What a query answers: the tenant's total."""
    with live_session(it.pool, "totals", it.tenant) as connection:
        row = connection.execute("SELECT total FROM totals").fetchone()
    return None if row is None else int(row[0])


class Pausing(Totals):
    """A projection whose rebuild waits in the middle, after its first event."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.go_on = threading.Event(), threading.Event()

    def apply(self, cursor: psycopg.Cursor, event: RecordedEvent) -> None:
        super().apply(cursor, event)
        self.reached.set()
        assert self.go_on.wait(60)


def test_both_copies_hold_the_same_bytes(it: Ledger) -> None:
    for stream in ("account-1", "account-2"):
        it.add([1, 2, 3], stream=stream)
    it.add([5], tenant=it.new_tenant())
    runner = it.runner(Totals(), Totals("untouched"))
    runner.run_once()
    untouched = it.totals("untouched")
    for live, idle in (("read_b", "read_a"), ("read_a", "read_b")):
        runner.rebuild(Totals())
        assert it.database.live_copy("totals") == live
        assert it.read_model_bytes("read_a") == it.read_model_bytes("read_b") != b""
        assert runner.run_once() == 0
        with it.database.connect_as_admin() as admin:  # what is in the idle copy is of no account
            admin.execute(sql.SQL("UPDATE {} SET total = 0").format(sql.Identifier(idle, "totals")))
    assert it.totals("untouched") == untouched


def test_queries_answer_and_the_live_copy_follows_while_a_rebuild_is_in_the_middle(it: Ledger) -> None:
    it.add([1, 2])
    runner = it.runner(Totals())
    runner.run_once()
    pausing, other = Pausing(), Ledger(it.database, it.tenant)
    rebuilding = threading.Thread(target=other.runner().rebuild, args=(pausing,))
    rebuilding.start()
    assert pausing.reached.wait(60)
    assert queried(it) == 3
    it.add([4])
    assert runner.run_once() == 1
    assert queried(it) == 7
    assert it.database.live_copy("totals") == "read_a"
    pausing.go_on.set()
    rebuilding.join(60)
    assert it.database.live_copy("totals") == "read_b"
    assert queried(it) == 7
    assert it.checkpoint() == 2


def test_a_query_that_is_under_way_keeps_its_copy_and_the_swap_waits_for_it(it: Ledger) -> None:
    it.add([1, 2])
    runner = it.runner(Totals())
    runner.run_once()
    other = Ledger(it.database, it.tenant)
    rebuilding = threading.Thread(target=other.runner().rebuild, args=(Totals(),))
    with live_session(it.pool, "totals", it.tenant) as connection:
        rebuilding.start()
        with it.database.connect_as_admin() as admin:
            while waiting_for_advisory_lock(admin) == 0:
                pass
        assert connection.execute("SELECT total FROM totals").fetchone() == (3,)
        assert it.database.live_copy("totals") == "read_a"
    rebuilding.join(60)
    assert it.database.live_copy("totals") == "read_b"


def test_nothing_is_skipped_or_doubled_when_copies_swap_under_runners_and_writers(it: Ledger) -> None:
    runner, other = it.runner(Totals()), Ledger(it.database, it.tenant)
    with running(runner), running(other.runner(Totals())):
        for amount in range(1, 31):
            it.add([amount])
            if amount % 10 == 0:
                Ledger(it.database, it.tenant).runner().rebuild(Totals())
        runner.wait_for(it.tenant, "totals", 29, timeout=60)
    assert it.totals() == {(it.tenant, "account-1"): 465}
    assert it.checkpoint() == 29


def test_a_second_rebuild_at_the_same_time_is_refused(it: Ledger) -> None:
    it.add([1])
    pausing = Pausing()
    rebuilding = threading.Thread(target=it.runner().rebuild, args=(pausing,))
    rebuilding.start()
    assert pausing.reached.wait(60)
    with pytest.raises(RebuildRunning):
        Ledger(it.database, it.tenant).runner().rebuild(Totals())
    pausing.go_on.set()
    rebuilding.join(60)
    assert it.totals() == {(it.tenant, "account-1"): 1}


def test_a_rebuild_that_lost_its_lock_and_was_overtaken_writes_nothing_any_more(it: Ledger) -> None:
    it.add([1, 2])
    it.runner().rebuild(Totals())
    it.runner().rebuild(Totals())
    first = IdleCopy(it.pool, "totals", "read_b", generation=1)
    with pytest.raises(RebuildOvertaken), first.enter(it.tenant):
        pass
    second = IdleCopy(it.pool, "totals", "read_b", generation=2)
    with second.enter(it.tenant) as cursor:
        assert second.position(cursor, it.tenant) == 1


def test_a_rebuild_that_is_killed_leaves_the_live_copy_and_the_next_one_starts_clean(it: Ledger) -> None:
    it.add([1] * (BATCH + 10))
    it.runner(Totals()).run_once()
    before = it.read_model_bytes()
    with process(it.database, "rebuild", "die", BATCH + 5) as killed:
        killed.wait(60)
    assert killed.returncode == -signal.SIGKILL
    assert it.read_model_bytes("read_b") != b""
    assert it.read_model_bytes("read_b") != before  # a part of it
    assert (it.database.live_copy("totals"), it.read_model_bytes()) == ("read_a", before)
    it.runner().rebuild(Totals())
    assert (it.database.live_copy("totals"), it.read_model_bytes()) == ("read_b", before)


def test_a_new_shape_whose_filling_is_killed_is_filled_again_and_the_live_one_answers_until_then(it: Ledger) -> None:
    it.add([1] * (BATCH + 10))
    it.runner(Totals()).run_once()
    with it.database.connect_as_owner() as owner:
        owner.execute("CREATE OR REPLACE FUNCTION read.first_copy() RETURNS text LANGUAGE sql RETURN 'read_c'")
    with process(it.database, "rebuild", "die", BATCH + 5) as killed:
        killed.wait(60)
    assert killed.returncode == -signal.SIGKILL
    assert it.read_model_bytes("read_c") != b""
    assert (it.database.live_copy("totals"), queried(it)) == ("read_a", BATCH + 10)
    starting = [threading.Thread(target=it.runner().take_up_shape, args=([Totals()],)) for _ in range(3)]
    for each in starting:
        each.start()
    for each in starting:
        each.join(60)
    assert (it.database.live_copy("totals"), queried(it)) == ("read_c", BATCH + 10)
    it.runner().rebuild(Totals())
    assert (it.database.live_copy("totals"), queried(it)) == ("read_d", BATCH + 10)


def test_a_rebuild_passes_what_was_poison_before(it: Ledger) -> None:
    it.add([1, 2])
    it.runner(Totals(poison=lambda event: event.position == 1)).run_once()
    assert it.halted() == {("totals", it.tenant): 1}
    it.runner().rebuild(Totals())
    assert it.totals() == {(it.tenant, "account-1"): 3}
    assert it.halted() == {}


def test_a_rebuild_that_stops_where_the_live_copy_went_on_is_not_swapped(it: Ledger) -> None:
    it.add([1, 2, 4])
    it.runner(Totals()).run_once()
    with pytest.raises(RebuildStopped, match=r"stopped at position 1 \(ValueError\)"):
        it.runner().rebuild(Totals(poison=lambda event: event.position == 1))
    assert it.database.live_copy("totals") == "read_a"
    assert it.totals() == {(it.tenant, "account-1"): 7}


def test_a_tenant_whose_event_is_poison_for_both_copies_does_not_keep_the_others_from_a_rebuild(it: Ledger) -> None:
    healthy = it.new_tenant()
    it.add([1, 2])
    it.add([5], tenant=healthy)
    poisoned = Totals(poison=lambda event: event.tenant == it.tenant and event.position == 1)
    it.runner(poisoned).run_once()
    it.runner().rebuild(poisoned)
    assert it.database.live_copy("totals") == "read_b"
    assert it.totals() == {(it.tenant, "account-1"): 1, (healthy, "account-1"): 5}
    assert it.halted() == {("totals", it.tenant): 1}


def test_progress_ends_at_the_number_of_events(it: Ledger) -> None:
    it.add([1] * (BATCH + 1))
    shown: list[tuple[int, int]] = []
    Rebuild(it.pool, it.log, Totals()).run(lambda done, total: shown.append((done, total)))
    assert shown == [(BATCH, BATCH + 1), (BATCH + 1, BATCH + 1)]
