"""A log of amounts and a read model that sums them, for tests of what follows a log."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from shared.eventstore import halts
from shared.eventstore.copies import COPIES
from shared.eventstore.log import TenantLog
from shared.eventstore.model import NewEvent, RecordedEvent
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.eventstore.projection import Projection, ProjectionRunner
from shared.eventstore.registry import EventRegistry
from shared.kernel.ids import new_id
from tests.keyrings import CLOCK, keyring_over
from tests.stack import Database

ROOT = Path(__file__).parents[3]
NAMES = ("totals", "poisoned", "untouched")
_TABLE = sql.SQL("""
    CREATE TABLE {0} (tenant uuid, stream text, total bigint, PRIMARY KEY (tenant, stream));
    ALTER TABLE {0} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {0} FORCE ROW LEVEL SECURITY;
    CREATE POLICY own_tenant ON {0} USING (tenant = nullif(current_setting('tallystick.tenant', true), '')::uuid);
    GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON {0} TO tallystick_invoices
""")


class Totals:
    """Sums amounts per stream in a table of its own name, and fails where it is told to."""

    def __init__(self, name: str = "totals", poison: Callable[[RecordedEvent], bool] = lambda _: False) -> None:
        self.name, self.poison = name, poison
        self._table = sql.Identifier(name)

    def apply(self, cursor: psycopg.Cursor, event: RecordedEvent) -> None:
        add = sql.SQL(
            "INSERT INTO {} AS t VALUES (%s, %s, %s) ON CONFLICT (tenant, stream)"
            " DO UPDATE SET total = t.total + excluded.total"
        )
        cursor.execute(add.format(self._table), (event.tenant, event.stream, event.payload["amount"]))
        if self.poison(event):
            raise ValueError("Jane Doe cannot be added")

    def reset(self, cursor: psycopg.Cursor) -> None:
        cursor.execute(sql.SQL("TRUNCATE {}").format(self._table))


class Ledger:
    """One tenant's log, and a read model table beside it, through connections of its own."""

    def __init__(self, database: Database, tenant: str | None = None) -> None:
        self.database, self.pool = database, database.new_pool()
        self.keyring = keyring_over(PostgresKeyStore(self.pool))
        self.log = TenantLog(PostgresEventStore(self.pool), self.keyring, EventRegistry({"AmountAdded": 1}), CLOCK)
        self.tenant = tenant or self.new_tenant()

    @classmethod
    def in_new(cls, database: Database) -> "Ledger":
        """Make the read model's tables, in both copies."""
        with database.connect_as_owner() as owner:
            for copy in COPIES:
                for name in NAMES:
                    owner.execute(_TABLE.format(sql.Identifier(copy, name)))
        return cls(database)

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
        return ProjectionRunner(self.pool, self.log, projections, self.database.wakeups())

    def totals(self, projection: str = "totals") -> dict[tuple[str, str], int]:
        """The live sums, by tenant and stream."""
        table = sql.Identifier(self.database.live_copy(projection), projection)
        rows = self._rows(sql.SQL("SELECT tenant::text, stream, total FROM {}").format(table))
        return {(tenant, stream): total for tenant, stream, total in rows}

    def checkpoint(self, projection: str = "totals") -> int | None:
        """Where the live copy stands for this tenant."""
        table = sql.Identifier(self.database.live_copy(projection), "projection_checkpoints")
        query = sql.SQL("SELECT position FROM {} WHERE projection = %s AND tenant = %s").format(table)
        rows = self._rows(query, (projection, self.tenant))
        return int(rows[0][0]) if rows else None

    def halted(self) -> dict[tuple[str, str], int]:
        """Where which projection is halted, for which tenant."""
        return {(halt.projection, halt.tenant): halt.position for halt in halts.halted(self.pool)}

    def _rows(self, query: sql.Composed, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self.database.connect_as_admin() as admin:
            return admin.execute(query, values).fetchall()

    def retry_in(self, seconds: int) -> None:
        """Set when the one halted projection is tried again."""
        with self.database.connect_as_admin() as admin:
            admin.execute("UPDATE read.halted SET retry_at = now() + %s * interval '1 second'", (seconds,))

    def pause_after(self, work: Callable[[], object]) -> tuple[float, float]:
        """Do what halts the one projection; return between how many and how many seconds it is to wait then.

        How long the work itself took is not known any better: a busy machine makes the two differ by more.
        """
        clock, waits = "SELECT clock_timestamp()", "SELECT extract(epoch FROM retry_at - %s)::float8 FROM read.halted"
        with self.database.connect_as_admin() as admin:
            ((before,),) = admin.execute(clock).fetchall()
            work()
            ((after,),) = admin.execute(clock).fetchall()
            ((longest,),) = admin.execute(waits, (before,)).fetchall()
            ((shortest,),) = admin.execute(waits, (after,)).fetchall()
        return float(shortest), float(longest)

    def as_attacker(self) -> psycopg.Connection:
        """Connect as a superuser who means it: the triggers are off."""
        admin = self.database.connect_as_admin()
        admin.execute("ALTER TABLE log.events DISABLE TRIGGER append_only")
        for partition in range(8):
            admin.execute(f"ALTER TABLE log.events_{partition} DISABLE TRIGGER append_only")
        return admin

    def read_model_bytes(self, copy: str | None = None) -> bytes:
        """The sums as they lie there, by default in the live copy."""
        table = sql.Identifier(copy or self.database.live_copy("totals"), "totals")
        query = sql.SQL("COPY (SELECT * FROM {} ORDER BY tenant, stream) TO STDOUT (FORMAT binary)").format(table)
        with self.database.connect_as_admin() as admin, admin.cursor() as cursor, cursor.copy(query) as rows:
            return b"".join(bytes(block) for block in rows)


@contextmanager
def running(runner: ProjectionRunner) -> Iterator[None]:
    """Follow the log in a thread, as a service process does."""
    stop = threading.Event()
    following = threading.Thread(target=runner.run, args=(stop.is_set, stop.wait))
    following.start()
    try:
        yield
    finally:
        stop.set()
        following.join()


@contextmanager
def process(database: Database, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Run `dying_process` over the database; whatever is left of it is killed at the end."""
    dsn = psycopg.conninfo.make_conninfo(database.url, password=database.password)
    command = [sys.executable, "-m", "tests.integration.eventstore.dying_process", *map(str, arguments)]
    with subprocess.Popen(command, cwd=ROOT, env={"DSN": dsn}, stdout=subprocess.PIPE, text=True) as started:
        try:
            yield started
        finally:
            started.kill()
