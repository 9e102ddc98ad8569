"""Appends that overlap in time: the tenant's lock is held to the commit."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256

import psycopg
import pytest

from shared.eventstore.model import Appended, CommandId, SealedEvent
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import VersionConflict
from shared.kernel.ids import new_id
from tests.sealed_events import sealed_event
from tests.stack import Database

pytestmark = pytest.mark.integration


@pytest.fixture
def store(invoices: Database) -> PostgresEventStore:
    return PostgresEventStore(invoices.pool())


@pytest.fixture
def tenant() -> str:
    return new_id()


@contextmanager
def uncommitted(database: Database, event: SealedEvent) -> Iterator[psycopg.Connection]:
    """Append in a transaction that the test ends."""
    with closing(database.connect()) as connection:
        connection.autocommit = False
        connection.execute(
            "SELECT log.append(%s, 'held', sha256(''), %s, %s, %s, %s::uuid[], %s, %s, %s, %s::uuid[], '{NULL}', %b)",
            (
                event.tenant,
                [event.stream],
                [event.version - 1],
                [event.stream],
                [event.id],
                [event.type],
                [event.schema],
                [event.at],
                [event.key],
                [event.sealed],
            ),
        )
        yield connection


class Waiting:
    """An append in another thread."""

    def __init__(self, store: PostgresEventStore, event: SealedEvent, command: CommandId | None = None) -> None:
        self.outcome: object = None

        def append() -> None:
            try:
                self.outcome = store.append(event.tenant, [event], {event.stream: event.version - 1}, command)
            except VersionConflict as conflict:
                self.outcome = conflict

        self.thread = threading.Thread(target=append)
        self.thread.start()

    def until_it_waits(self, database: Database) -> None:
        """Return when the server says that the append waits for a lock."""
        with database.connect_as_admin() as admin:
            while not admin.execute(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ).fetchone():
                assert self.thread.is_alive(), "the append did not wait"

    def result(self) -> object:
        self.thread.join()
        return self.outcome


def first_of(tenant: str, stream: str) -> SealedEvent:
    return sealed_event(tenant, stream, 1)


def test_another_append_waits_and_takes_the_next_position(
    invoices: Database, store: PostgresEventStore, tenant: str
) -> None:
    store.append(tenant, [first_of(tenant, "invoice-0")], {"invoice-0": 0})
    with uncommitted(invoices, first_of(tenant, "invoice-1")) as holder:
        waiting = Waiting(store, first_of(tenant, "invoice-2"))
        waiting.until_it_waits(invoices)
        assert [event.position for event in store.read_log(tenant)] == [0]
        holder.commit()
        assert waiting.result() == Appended(2, 2, replayed=False)
    assert [event.stream for event in store.read_log(tenant)] == ["invoice-0", "invoice-1", "invoice-2"]


def test_the_very_first_appends_of_a_tenant_take_turns_too(
    invoices: Database, store: PostgresEventStore, tenant: str
) -> None:
    with uncommitted(invoices, first_of(tenant, "invoice-1")) as holder:
        waiting = Waiting(store, first_of(tenant, "invoice-2"))
        waiting.until_it_waits(invoices)
        holder.commit()
        assert waiting.result() == Appended(1, 1, replayed=False)


def test_a_rollback_leaves_no_hole(invoices: Database, store: PostgresEventStore, tenant: str) -> None:
    with uncommitted(invoices, first_of(tenant, "invoice-1")) as holder:
        waiting = Waiting(store, first_of(tenant, "invoice-2"))
        waiting.until_it_waits(invoices)
        holder.rollback()
        assert waiting.result() == Appended(0, 0, replayed=False)
    assert [event.stream for event in store.read_log(tenant)] == ["invoice-2"]


def test_a_killed_writer_leaves_no_hole(invoices: Database, store: PostgresEventStore, tenant: str) -> None:
    with uncommitted(invoices, first_of(tenant, "invoice-1")) as holder:
        waiting = Waiting(store, first_of(tenant, "invoice-2"))
        waiting.until_it_waits(invoices)
        with invoices.connect_as_admin() as admin:
            admin.execute("SELECT pg_terminate_backend(%s)", (holder.info.backend_pid,))
        assert waiting.result() == Appended(0, 0, replayed=False)


def test_who_waited_sees_the_version_that_was_committed_meanwhile(
    invoices: Database, store: PostgresEventStore, tenant: str
) -> None:
    store.append(tenant, [first_of(tenant, "invoice-0")], {"invoice-0": 0})
    with uncommitted(invoices, first_of(tenant, "invoice-1")) as holder:
        waiting = Waiting(store, first_of(tenant, "invoice-1"))
        waiting.until_it_waits(invoices)
        holder.commit()
        assert isinstance(waiting.result(), VersionConflict)


def test_who_waited_sees_the_command_that_was_committed_meanwhile(
    invoices: Database, store: PostgresEventStore, tenant: str
) -> None:
    store.append(tenant, [first_of(tenant, "invoice-0")], {"invoice-0": 0})
    held = CommandId("held", sha256(b"").digest())
    with uncommitted(invoices, first_of(tenant, "invoice-1")) as holder:
        waiting = Waiting(store, first_of(tenant, "invoice-1"), held)
        waiting.until_it_waits(invoices)
        holder.commit()
        assert waiting.result() == Appended(1, 1, replayed=True)


def test_tenants_do_not_wait_for_each_other(invoices: Database, store: PostgresEventStore, tenant: str) -> None:
    other = new_id()
    with uncommitted(invoices, first_of(tenant, "invoice-1")):
        # Were there one lock for all, this would wait for ever.
        assert store.append(other, [first_of(other, "invoice-1")], {"invoice-1": 0}).first == 0
