"""Projections over a real database: exactly once, whatever happens in between."""

import threading
from collections.abc import Callable, Sequence

import psycopg
import pytest
import structlog

from shared.contracts.errors import ErrorCode, PublicError
from shared.eventstore.log import TenantLog
from shared.eventstore.model import NewEvent, RecordedEvent
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.eventstore.projection import Projection, ProjectionRunner
from shared.eventstore.registry import EventRegistry
from shared.kernel.ids import new_id
from tests.keyrings import CLOCK, keyring_over
from tests.stack import Database

pytestmark = pytest.mark.integration


class Totals:
    """Sums amounts per stream, and fails where it is told to."""

    def __init__(self, name: str, poison: Callable[[RecordedEvent], bool] = lambda _: False) -> None:
        self.name, self.poison = name, poison

    def apply(self, cursor: psycopg.Cursor, event: RecordedEvent) -> None:
        cursor.execute(
            "INSERT INTO read.totals AS t VALUES (%s, %s, %s, %s) ON CONFLICT (projection, tenant, stream)"
            " DO UPDATE SET total = t.total + excluded.total",
            (self.name, event.tenant, event.stream, event.payload["amount"]),
        )
        if self.poison(event):
            raise ValueError("Jane Doe cannot be added")

    def reset(self, cursor: psycopg.Cursor) -> None:
        cursor.execute("DELETE FROM read.totals WHERE projection = %s", (self.name,))


class Fixture:
    """One tenant's log, and a read model table beside it, through connections of its own."""

    def __init__(self, database: Database, tenant: str | None = None) -> None:
        self.database, self.pool = database, database.new_pool()
        self.keyring = keyring_over(PostgresKeyStore(self.pool))
        self.log = TenantLog(PostgresEventStore(self.pool), self.keyring, EventRegistry({"AmountAdded": 1}), CLOCK)
        self.tenant = tenant or self.new_tenant()

    def new_tenant(self) -> str:
        tenant = new_id()
        self.keyring.create_tenant(tenant)
        return tenant

    def add(self, amounts: Sequence[int], tenant: str | None = None, stream: str = "account-1") -> None:
        tenant = tenant or self.tenant
        version = len(self.log.load(tenant, stream))
        events = [NewEvent(stream, "AmountAdded", 1, {"amount": amount}, "tenant") for amount in amounts]
        self.log.append(tenant, events, {stream: version})

    def runner(self, *projections: Projection) -> ProjectionRunner:
        return ProjectionRunner(self.pool, self.log, projections)

    def totals(self, projection: str = "totals") -> dict[tuple[str, str], int]:
        with self.pool.connection() as connection:
            rows = connection.execute(
                "SELECT tenant::text, stream, total FROM read.totals WHERE projection = %s", (projection,)
            )
            return {(tenant, stream): total for tenant, stream, total in rows}

    def checkpoint(self, projection: str = "totals") -> int | None:
        with self.pool.connection() as connection:
            row = connection.execute(
                "SELECT position FROM read.projection_checkpoints WHERE projection = %s AND tenant = %s",
                (projection, self.tenant),
            ).fetchone()
        return None if row is None else int(row[0])

    def as_attacker(self) -> psycopg.Connection:
        """Connect as a superuser who means it: the triggers are off."""
        admin = self.database.connect_as_admin()
        admin.execute("ALTER TABLE log.events DISABLE TRIGGER append_only")
        for partition in range(8):
            admin.execute(f"ALTER TABLE log.events_{partition} DISABLE TRIGGER append_only")
        return admin

    def read_model_bytes(self) -> bytes:
        with self.database.connect_as_admin() as admin, admin.cursor() as cursor:
            query = "COPY (SELECT * FROM read.totals ORDER BY projection, tenant, stream) TO STDOUT (FORMAT binary)"
            with cursor.copy(query) as rows:
                return b"".join(bytes(block) for block in rows)


@pytest.fixture
def it(invoices: Database) -> Fixture:
    with invoices.connect_as_owner() as owner:
        owner.execute(
            "CREATE TABLE read.totals (projection text, tenant uuid, stream text, total bigint,"
            " PRIMARY KEY (projection, tenant, stream))"
        )
    return Fixture(invoices)


def test_every_event_is_applied_once_for_every_tenant(it: Fixture) -> None:
    other = it.new_tenant()
    it.add([1, 2, 3])
    it.add([10], tenant=other)
    runner = it.runner(Totals("totals"))
    assert runner.run_once() == 4
    assert runner.run_once() == 0
    it.add([4])
    assert runner.run_once() == 1
    assert it.totals() == {(it.tenant, "account-1"): 10, (other, "account-1"): 10}
    assert it.checkpoint() == 3


def test_a_log_longer_than_a_batch_is_followed_to_its_end(it: Fixture) -> None:
    it.add([1] * 1203)
    assert it.runner(Totals("totals")).run_once() == 1203
    assert it.totals() == {(it.tenant, "account-1"): 1203}


def test_a_poison_event_stops_its_projection_and_no_other(it: Fixture) -> None:
    it.add([1, 2, 4, 8])
    other = it.new_tenant()
    it.add([16], tenant=other)
    poisoned = Totals("poisoned", poison=lambda event: event.payload["amount"] == 4)
    runner = it.runner(poisoned, Totals("totals"))
    runner.run_once()
    # What came before the poison is there, the poison and what follows are not, the checkpoint says so.
    assert it.totals("poisoned") == {(it.tenant, "account-1"): 3, (other, "account-1"): 16}
    assert it.checkpoint("poisoned") == 1
    assert it.totals() == {(it.tenant, "account-1"): 15, (other, "account-1"): 16}
    assert runner.halted == {("poisoned", it.tenant): 2}
    it.add([32])
    runner.run_once()
    assert it.checkpoint("poisoned") == 1
    assert it.checkpoint() == 4


def test_a_poison_event_is_logged_by_position_without_its_content(it: Fixture) -> None:
    it.add([1, 2])
    with structlog.testing.capture_logs() as logged:
        it.runner(Totals("totals", poison=lambda event: event.position == 1)).run_once()
    assert logged == [
        {
            "event": "projection_halted",
            "log_level": "error",
            "projection": "totals",
            "tenant": it.tenant,
            "position": 1,
            "error": "ValueError",
        }
    ]


def test_a_first_event_that_is_poison_leaves_nothing(it: Fixture) -> None:
    it.add([1, 2])
    runner = it.runner(Totals("totals", poison=lambda _: True))
    assert runner.run_once() == 0
    assert (it.totals(), it.checkpoint(), runner.halted) == ({}, None, {("totals", it.tenant): 0})


def test_an_event_that_cannot_be_opened_is_poison(it: Fixture) -> None:
    it.add([1, 2])
    with it.as_attacker() as admin:
        admin.execute("UPDATE log.events SET sealed = sealed || 'x' WHERE position = 1")
    runner = it.runner(Totals("totals"))
    runner.run_once()
    assert it.totals() == {(it.tenant, "account-1"): 1}
    assert runner.halted == {("totals", it.tenant): 1}


def test_a_missing_event_is_not_stepped_over(it: Fixture) -> None:
    it.add([1, 2, 4])
    with it.as_attacker() as admin:
        admin.execute("DELETE FROM log.events WHERE position = 1")
    runner = it.runner(Totals("totals"))
    runner.run_once()
    assert it.totals() == {(it.tenant, "account-1"): 1}
    assert runner.halted == {("totals", it.tenant): 1}


def test_a_repaired_projection_goes_on_where_it_stopped(it: Fixture) -> None:
    it.add([1, 2, 4])
    it.runner(Totals("totals", poison=lambda event: event.position == 1)).run_once()
    assert it.runner(Totals("totals")).run_once() == 2
    assert it.totals() == {(it.tenant, "account-1"): 7}


def test_a_rebuild_gives_the_same_bytes(it: Fixture) -> None:
    for stream in ("account-1", "account-2"):
        it.add([1, 2, 3], stream=stream)
    it.add([5], tenant=it.new_tenant())
    totals = Totals("totals")
    runner = it.runner(totals, Totals("untouched"))
    runner.run_once()
    before = it.read_model_bytes()
    with it.pool.connection() as connection:
        connection.execute("UPDATE read.totals SET total = 0 WHERE projection = 'totals'")
    assert it.read_model_bytes() != before
    runner.rebuild(totals)
    assert it.read_model_bytes() == before
    assert runner.run_once() == 0


def test_a_rebuild_passes_what_was_poison_before(it: Fixture) -> None:
    it.add([1, 2])
    totals = Totals("totals", poison=lambda event: event.position == 1)
    runner = it.runner(totals)
    runner.run_once()
    totals.poison = lambda _: False
    runner.rebuild(totals)
    assert it.totals() == {(it.tenant, "account-1"): 3}
    assert runner.halted == {}


def test_while_one_process_works_another_leaves_it_alone_and_takes_over_when_it_dies(it: Fixture) -> None:
    it.add([1, 2])
    working, killed = threading.Event(), threading.Event()

    def hold(_: RecordedEvent) -> bool:
        working.set()
        killed.wait()
        raise psycopg.OperationalError("the process died here")  # its transaction ends as at a kill

    def die() -> None:
        with pytest.raises(psycopg.OperationalError):
            it.runner(Totals("totals", poison=hold)).run_once()

    first = threading.Thread(target=die)
    first.start()
    working.wait()
    second = it.runner(Totals("totals"))
    assert second.run_once() == 0
    killed.set()
    first.join()
    assert it.totals() == {}
    assert second.run_once() == 2
    assert it.totals() == {(it.tenant, "account-1"): 3}


def test_many_runners_at_once_apply_every_event_once(it: Fixture) -> None:
    tenants = [it.tenant, it.new_tenant(), it.new_tenant()]
    stop = threading.Event()
    runners = [
        threading.Thread(target=it.runner(Totals("totals")).run, args=(stop.is_set, stop.wait)) for _ in range(3)
    ]
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


def test_following_survives_that_the_server_ends_its_connections(it: Fixture) -> None:
    stop = threading.Event()
    following = threading.Thread(
        target=it.runner(Totals("totals")).run, args=(stop.is_set, lambda _: bool(stop.wait(0.01)))
    )
    following.start()
    it.add([1])
    it.runner().wait_for(it.tenant, "totals", 0, timeout=60)
    with it.database.connect_as_admin() as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    fresh = Fixture(it.database, it.tenant)  # connections that were not ended: only the runner has to recover
    fresh.add([2])
    fresh.runner().wait_for(it.tenant, "totals", 1, timeout=60)
    stop.set()
    following.join()
    assert fresh.totals() == {(it.tenant, "account-1"): 3}


def test_waiting_for_a_read_model_that_stays_behind_is_a_public_error(it: Fixture) -> None:
    it.add([1])
    with pytest.raises(PublicError) as behind:
        it.runner(Totals("totals")).wait_for(it.tenant, "totals", 0, timeout=0)
    assert behind.value.code is ErrorCode.READ_MODEL_BEHIND


def test_a_caller_that_waited_reads_its_own_write(it: Fixture) -> None:
    it.add([1])
    runner = it.runner(Totals("totals"))
    runner.run_once()
    runner.wait_for(it.tenant, "totals", 0, timeout=0)
    assert it.totals() == {(it.tenant, "account-1"): 1}
