"""Attacks across tenants: what a session that is bound to one tenant, or to none, gets of another's rows."""

# ruff: noqa: S608 - the statements are put together from constants of this file

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import scalar_row

from shared.eventstore.checkpoints import PostgresCheckpointStore
from shared.eventstore.model import CommandId
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.session import fetch_bound, tenant_session
from tests.sealed_events import AT, KEY, sealed_events
from tests.stack import Database, Databases

pytestmark = pytest.mark.integration

PROJECT = Path(__file__).parents[3]
ADA = "019aa0e5-1111-7000-8000-00000000000a"
BOB = "019aa0e5-1111-7000-8000-00000000000b"
TABLES = ["log.events", "log.commands", "log.checkpoints", "log.tiles"]
APPEND_ONE = f"""
    SELECT log.append_one(%s, NULL, NULL, 'invoice-x', 0, gen_random_uuid(), 'InvoiceDrafted', 1, '{AT}', '{KEY}',
                          NULL, 'x')
"""
APPEND = f"""
    SELECT log.append(%s, NULL, NULL, '{{invoice-x}}', '{{0}}', '{{invoice-x}}', ARRAY[gen_random_uuid()],
                      '{{InvoiceDrafted}}', '{{1}}', '{{{AT}}}', '{{{KEY}}}', '{{NULL}}', '{{x}}')
"""
KEEP_CHECKPOINT = "SELECT log.keep_checkpoint(%s, 1, 'forged')"


@pytest.fixture(scope="module")
def shared(databases: Databases) -> Iterator[Database]:
    """A database with the logs of two tenants: 257 events, a tile, a command and a checkpoint each."""
    database = databases.create("invoices")
    store, checkpoints = PostgresEventStore(database.pool()), PostgresCheckpointStore(database.pool())
    for tenant in (ADA, BOB):
        command = CommandId("import-1", bytes(32))
        store.append(tenant, sealed_events(tenant, "invoice-1", range(1, 258)), {"invoice-1": 0}, command)
        checkpoints.keep(tenant, 257, "a note")
    yield database
    databases.drop(database)


@pytest.fixture
def rolled_back(shared: Database) -> Iterator[psycopg.Connection]:
    """The service, in a transaction that leaves nothing."""
    with shared.connect() as service, service.transaction(force_rollback=True):
        yield service


def tenants_in(connection: psycopg.Connection, table: str) -> list[str]:
    return [str(tenant) for (tenant,) in connection.execute(f"SELECT DISTINCT tenant FROM {table} ORDER BY 1")]


@pytest.mark.parametrize("table", TABLES)
def test_a_session_sees_the_tenant_that_it_is_bound_to(shared: Database, table: str) -> None:
    with tenant_session(shared.pool(), ADA) as session:
        assert tenants_in(session, table) == [ADA]
    assert fetch_bound(shared.pool(), BOB, f"SELECT DISTINCT tenant::text FROM {table}", (), scalar_row) == [BOB]


@pytest.mark.parametrize("table", TABLES)
def test_a_bound_session_that_names_another_tenant_sees_nothing(shared: Database, table: str) -> None:
    with tenant_session(shared.pool(), ADA) as session:
        assert session.execute(f"SELECT FROM {table} WHERE tenant = %s", (BOB,)).fetchall() == []


@pytest.mark.parametrize("connect", [Database.connect, Database.connect_as_owner])
@pytest.mark.parametrize("table", TABLES)
def test_a_session_that_is_bound_to_none_sees_nothing(
    shared: Database, connect: Callable[[Database], psycopg.Connection], table: str
) -> None:
    with connect(shared) as unbound:
        assert tenants_in(unbound, table) == []
        unbound.execute("SET tallystick.tenant = ''")
        assert tenants_in(unbound, table) == []


@pytest.mark.parametrize("parent", TABLES)
def test_the_owner_is_bound_too_and_so_are_partitions(shared: Database, parent: str) -> None:
    with shared.connect_as_owner() as owner:
        partitions = [
            name for (name,) in owner.execute("SELECT relid::text FROM pg_partition_tree(%s)", (parent,)).fetchall()
        ]
        for table in partitions or [parent]:
            assert tenants_in(owner, table) == []
        with owner.transaction():
            owner.execute("SELECT set_config('tallystick.tenant', %s, true)", (ADA,))
            assert tenants_in(owner, parent) == [ADA]


def test_not_even_the_owner_inserts_for_another_tenant(shared: Database) -> None:
    with shared.connect_as_owner() as owner, owner.transaction(force_rollback=True):
        owner.execute("SELECT set_config('tallystick.tenant', %s, true)", (ADA,))
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            owner.execute("INSERT INTO log.commands VALUES (%s, 'forged', sha256(''), 0, 0)", (BOB,))


@pytest.mark.parametrize("statement", [APPEND_ONE, APPEND, KEEP_CHECKPOINT])
def test_a_bound_session_cannot_write_into_another_tenants_log(rolled_back: psycopg.Connection, statement: str) -> None:
    rolled_back.execute("SELECT set_config('tallystick.tenant', %s, true)", (ADA,))
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="bound to another tenant"):
        rolled_back.execute(statement, (BOB,))


@pytest.mark.parametrize("statement", [APPEND_ONE, APPEND, KEEP_CHECKPOINT])
def test_a_function_of_the_log_leaves_the_session_bound_as_it_was(
    rolled_back: psycopg.Connection, statement: str
) -> None:
    rolled_back.execute(statement, (ADA,))
    assert tenants_in(rolled_back, "log.events") == []
    rolled_back.execute("SELECT set_config('tallystick.tenant', %s, true)", (BOB,))
    rolled_back.execute(statement.replace("invoice-x", "invoice-y"), (BOB,))
    assert tenants_in(rolled_back, "log.events") == [BOB]


@pytest.mark.parametrize("size", [258, 2**40])
def test_a_checkpoint_of_a_tree_that_never_was_is_not_kept(rolled_back: psycopg.Connection, size: int) -> None:
    with pytest.raises(psycopg.Error, match="does not reach that far"):
        rolled_back.execute("SELECT log.keep_checkpoint(%s, %s, 'forged')", (ADA, size))


def test_a_pooled_connection_keeps_no_tenant(shared: Database) -> None:
    pool = shared.new_pool(max_size=2)

    def bound_to() -> set[object]:
        with pool.connection() as first, pool.connection() as second:
            query = "SELECT coalesce(current_setting('tallystick.tenant', true), '')"
            return {connection.execute(query).fetchone() for connection in (first, second)}

    with tenant_session(pool, ADA), tenant_session(pool, BOB):
        pass
    with pytest.raises(ZeroDivisionError), tenant_session(pool, ADA):
        raise ZeroDivisionError
    with pytest.raises(psycopg.errors.DivisionByZero):
        fetch_bound(pool, ADA, "SELECT 1/0", (), scalar_row)
    assert fetch_bound(pool, ADA, "SELECT current_setting('tallystick.tenant')", (), scalar_row) == [ADA]
    assert bound_to() == {("",)}


def test_what_a_session_did_commits_at_its_end_and_not_after_an_error(shared: Database) -> None:
    def add(stream: str) -> None:
        with tenant_session(shared.pool(), ADA) as session:
            session.execute(APPEND_ONE.replace("invoice-x", stream), (ADA,))
            if stream == "invoice-failed":
                raise ZeroDivisionError

    add("invoice-done")
    with pytest.raises(ZeroDivisionError):
        add("invoice-failed")
    store = PostgresEventStore(shared.pool())
    assert [store.version(ADA, stream) for stream in ("invoice-done", "invoice-failed")] == [1, 0]


def test_a_tenant_that_is_sql_binds_to_nothing(shared: Database) -> None:
    with (
        pytest.raises(psycopg.errors.InvalidTextRepresentation),
        tenant_session(shared.pool(), f"{ADA}'; SET tallystick.tenant = '{BOB}") as session,
    ):
        session.execute("SELECT FROM log.events").fetchall()


def test_every_table_with_a_tenant_is_isolated_but_the_lists_of_work(shared: Database) -> None:
    with shared.connect_as_admin() as admin:
        rows = admin.execute(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE a.attname = 'tenant' AND c.relkind IN ('r', 'p') AND c.relnamespace = 'log'::regnamespace"
            " AND NOT (c.relrowsecurity AND c.relforcerowsecurity"
            "          AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid))"
        ).fetchall()
    assert rows == [("log.heads",)]


def test_the_backup_reader_reads_all_tenants_or_fails(shared: Database) -> None:
    with shared.connect_as_backup_reader() as reader:
        reader.execute("SET row_security = off")
        for table in TABLES:
            assert tenants_in(reader, table) == [ADA, BOB]
    with shared.connect() as service:
        service.execute("SET row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            service.execute("SELECT FROM log.events")


def test_bound_reads_wait_without_stopping_green_threads(shared: Database) -> None:
    """Each read waits for a lock that another green thread lets go: had that one to stand still, it would for ever."""
    program = """
import sys
from shared.messaging import green
green.patch()
import eventlet
import psycopg
from psycopg.rows import scalar_row
from shared.eventstore.pool import open_pool
from shared.eventstore.session import fetch_bound, tenant_session
green.assert_green()
url, password, tenant = sys.argv[1:]
holder = psycopg.connect(url, password=password, autocommit=True)
waiting = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
def let_go():
    while holder.execute(waiting).fetchone() == (0,):
        eventlet.sleep(0.01)
    holder.execute("SELECT pg_advisory_unlock(1)")
def wait_for_another(read):
    holder.execute("SELECT pg_advisory_lock(1)")
    other = eventlet.spawn(let_go)
    read("SELECT pg_advisory_xact_lock(1)")
    other.wait()
with open_pool(url, password, max_size=4) as pool:
    wait_for_another(lambda query: fetch_bound(pool, tenant, query, (), scalar_row))
    with tenant_session(pool, tenant) as session:
        wait_for_another(session.execute)
holder.close()
print("others ran")
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, shared.url, shared.password, ADA],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.strip() == "others ran"
