"""Gates in an append: places where a test holds a writer fast, and sees that it is held.

Triggers that only tests install take a lock at that place, shared, under a name that the writer's session carries. As
long as the test holds the same lock alone, whoever comes there waits; writers without such a name pass.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Self

import psycopg
from psycopg.conninfo import make_conninfo

from shared.eventstore.log import TenantLog
from shared.eventstore.model import NewEvent
from shared.eventstore.pool import Pool, open_pool
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.eventstore.registry import EventRegistry
from shared.kernel.clock import SystemClock
from tests.keyrings import keyring_over
from tests.stack import Database


class Gate(StrEnum):
    """Where a writer can be held."""

    BEFORE_HEAD = "before_head"
    """The tenant is locked and the head has not moved; of a batch, the events are inserted."""
    AFTER_EVENTS = "after_events"
    """The events are inserted; of a single event, the head has moved."""
    BEFORE_COMMIT = "before_commit"
    """Everything is written, nothing is committed."""


_INSTALL = """
    CREATE FUNCTION public.wait_at_gate() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
    BEGIN
        IF current_setting('test.gate', true) LIKE TG_ARGV[0] || ':%' THEN
            PERFORM pg_advisory_xact_lock_shared(hashtextextended(current_setting('test.gate'), 0));
        END IF;
        RETURN NEW;
    END
    $$;
    CREATE TRIGGER before_head BEFORE UPDATE ON log.heads
        FOR EACH ROW EXECUTE FUNCTION public.wait_at_gate('before_head');
    CREATE TRIGGER after_events AFTER INSERT ON log.events
        FOR EACH ROW EXECUTE FUNCTION public.wait_at_gate('after_events');
    CREATE CONSTRAINT TRIGGER before_commit AFTER UPDATE ON log.heads DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION public.wait_at_gate('before_commit')
"""
_WAITS = (
    "SELECT 1 FROM pg_stat_activity WHERE application_name = %s AND wait_event_type = 'Lock' AND wait_event = ANY(%s)"
)
_BACKEND = "SELECT pid FROM pg_stat_activity WHERE application_name = %s"


class Gates:
    """The gates of one database."""

    def __init__(self, database: Database) -> None:
        self._database, self._admin = database, database.connect_as_admin()
        with database.connect_as_owner() as owner:
            owner.execute(_INSTALL)

    def close(self) -> None:
        """Stop watching; the gates stay."""
        self._admin.close()

    @contextmanager
    def closed(self, gate: Gate, writer: str) -> Iterator[psycopg.Connection]:
        """Hold whoever is called `writer` at `gate`; closing the connection that this gives opens it."""
        with self._database.connect_as_admin() as holder:
            holder.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", (f"{gate}:{writer}",))
            yield holder

    def is_at_gate(self, writer: str) -> bool:
        """Tell whether the server says that `writer` waits at a gate."""
        return self._waits(writer, ["advisory"])

    def is_in_line(self, writer: str) -> bool:
        """Tell whether the server says that `writer` waits for the tenant's lock, which another append holds."""
        return self._waits(writer, ["transactionid", "tuple"])

    def is_connected(self, writer: str) -> bool:
        """Tell whether the server still has a process for `writer`."""
        return self._admin.execute(_BACKEND, (writer,)).fetchone() is not None

    def cancel(self, writer: str) -> None:
        """Break off what `writer` is doing: its transaction rolls back."""
        self._signal("SELECT pg_cancel_backend(%s)", writer)

    def terminate(self, writer: str) -> None:
        """End the connection of `writer`, as when the server's process for it had died."""
        self._signal("SELECT pg_terminate_backend(%s)", writer)

    def _waits(self, writer: str, events: list[str]) -> bool:
        return self._admin.execute(_WAITS, (writer, events)).fetchone() is not None

    def _signal(self, statement: str, writer: str) -> None:
        for (backend,) in self._admin.execute(_BACKEND, (writer,)).fetchall():
            self._admin.execute(statement, (backend,))


def conninfo_of(database: Database, writer: str, gate: Gate | None) -> str:
    """Return how `writer` connects, as the service's role, so that `gate` knows it by its name."""
    options = "" if gate is None else f"-c test.gate={gate}:{writer}"
    return make_conninfo(database.url, password=database.password, application_name=writer, options=options)


class Append:
    """An append of one batch to a stream of its own, in a thread and over a connection of its own."""

    def __init__(self, database: Database, tenant: str, writer: str, count: int, gate: Gate | None = None) -> None:
        self.writer = writer
        self.positions: list[int] | None = None
        self.error: psycopg.Error | None = None
        self._tenant, self._count = tenant, count
        self._pool = open_pool(conninfo_of(database, writer, gate))
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()
        self._pool.close()

    def result(self) -> list[int] | psycopg.Error | None:
        """Wait for the end; return the positions it got, or the error that ended it."""
        self._thread.join()
        return self.error or self.positions

    def until(self, held: Callable[[str], bool]) -> None:
        """Return once the server says that the writer is `held` where a test wants it."""
        while not held(self.writer):
            assert self._thread.is_alive(), f"{self.writer} did not wait: {self.result()}"

    def _run(self) -> None:
        stream = f"account-{self.writer}"
        events = [NewEvent(stream, TYPE, 1, {"number": number}, "tenant") for number in range(self._count)]
        try:
            appended = log_over(self._pool).append(self._tenant, events, {stream: 0})
        except psycopg.Error as error:
            self.error = error
        else:
            self.positions = [event.position for event in appended]


TYPE = "AmountAdded"


def log_over(pool: Pool) -> TenantLog:
    """Return the log as a service has it, over keys of the test."""
    return TenantLog(
        PostgresEventStore(pool), keyring_over(PostgresKeyStore(pool)), EventRegistry({TYPE: 1}), SystemClock()
    )
