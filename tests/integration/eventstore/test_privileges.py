"""Attacks on the log's tables: what privileges refuse to a service, and triggers to whoever holds more."""

# ruff: noqa: S608 - the statements are put together from constants of this file

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from msgspec import structs

from shared.eventstore.entry import log_entry
from shared.eventstore.pool import open_pool
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import EntryRefused
from shared.kernel.ids import new_id
from shared.merkle.tree import leaf_hash
from tests.sealed_events import AT, KEY, sealed_event
from tests.stack import Database, Databases

pytestmark = pytest.mark.integration

TENANT = "019aa0e5-1111-7000-8000-000000000001"
LOG_TABLES = ["log.heads", "log.events", "log.commands", "log.checkpoints", "log.tiles"]
KEYRING_TABLES = ["keyring.tenant_keys", "keyring.deks"]
PARTITIONS = ["log.events_0", "log.events_7", "log.commands_3", "log.tiles_2"]
INSERT_TILE = f"""
    INSERT INTO log.tiles VALUES ('{TENANT}', 0, 7, decode(repeat('00', 8192), 'hex'), sha256(''), '{AT}')
"""
INSERT_EVENT = f"""
    INSERT INTO log.events (tenant, position, version, id, key, schema, stream, type, at, leaf_hash, sealed)
    VALUES ('{TENANT}', 1, 1, '{KEY}', '{KEY}', 1, 'invoice-9', 'InvoiceIssued', '{AT}', sha256(''), '')
"""


@pytest.fixture(scope="module")
def written(databases: Databases) -> Iterator[Database]:
    """A database with a log of one event, one command and one checkpoint; attacks are refused, so one serves all."""
    database = databases.create("invoices")
    with database.connect_as_admin() as admin:
        admin.execute(
            "SELECT log.append(%s, 'import-1', sha256(''), '{invoice-1}', '{0}', '{invoice-1}', %s,"
            " '{InvoiceIssued}', '{1}', %s, %s, '{NULL}', '{x}')",
            (TENANT, [KEY], [AT], [KEY]),
        )
        admin.execute("INSERT INTO log.checkpoints VALUES (%s, 1, 'note')", (TENANT,))
    yield database
    databases.drop(database)


@pytest.fixture
def tenant() -> str:
    return new_id()


@pytest.mark.parametrize(
    "statement",
    [
        INSERT_EVENT,
        INSERT_TILE,
        f"INSERT INTO log.heads VALUES ('{KEY}', 0, '{{}}')",
        f"INSERT INTO log.commands VALUES ('{TENANT}', 'forged', sha256(''), 0, 0)",
        f"INSERT INTO log.checkpoints VALUES ('{TENANT}', 2, 'forged')",
        *[f"DELETE FROM {table}" for table in LOG_TABLES + KEYRING_TABLES + PARTITIONS],
        *[f"TRUNCATE {table} CASCADE" for table in LOG_TABLES + KEYRING_TABLES + PARTITIONS],
        *[f"UPDATE {table} SET tenant = tenant" for table in LOG_TABLES + KEYRING_TABLES + PARTITIONS],
        *[f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in LOG_TABLES],
        *[f"DROP TABLE {table} CASCADE" for table in LOG_TABLES + KEYRING_TABLES],
        f"SELECT * FROM log.heads WHERE tenant = '{TENANT}' FOR UPDATE",
        "SELECT log.push(0, '{}', '{}')",
        f"SELECT log.write_tile('{TENANT}', 0, 0)",
        f"SELECT log.lock_head('{TENANT}')",
        f"SELECT log.bind('{TENANT}')",
        "CREATE OR REPLACE FUNCTION log.refuse_change() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'",
        "CREATE FUNCTION public.evil() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE TABLE log.shadow ()",
        "CREATE TABLE public.shadow ()",
        "CREATE TEMPORARY TABLE shadow ()",
        "CREATE SCHEMA shadow",
        "SET ROLE tallystick_invoices_owner",
        "SET ROLE tallystick_backup_reader",
        "SET session_replication_role = replica",
        "COPY log.events TO PROGRAM 'cat'",
    ],
)
def test_the_service_cannot(written: Database, statement: str) -> None:
    with written.connect() as service, pytest.raises(psycopg.errors.InsufficientPrivilege):
        service.execute(statement)


@pytest.mark.parametrize("connect", [Database.connect_as_owner, Database.connect_as_admin])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log.events SET sealed = 'y'",
        "UPDATE log.events SET sealed = 'y' WHERE false",
        "DELETE FROM log.events",
        "TRUNCATE log.events",
        *[f"UPDATE {table} SET tenant = tenant" for table in PARTITIONS],
        *[f"DELETE FROM {table}" for table in PARTITIONS],
        *[f"TRUNCATE {table}" for table in PARTITIONS],
        INSERT_EVENT.replace("1, 1", "0, 1", 1)
        + "ON CONFLICT (tenant, position) DO UPDATE SET sealed = excluded.sealed",
        "UPDATE log.commands SET last = last + 1",
        "DELETE FROM log.commands",
        "UPDATE log.checkpoints SET note = 'another'",
        "DELETE FROM log.checkpoints",
        "TRUNCATE log.checkpoints",
        "UPDATE log.tiles SET root = sha256('another')",
        "DELETE FROM log.tiles",
        "TRUNCATE log.tiles",
        "UPDATE log.heads SET size = size - 1",
        "UPDATE log.heads SET frontier = '{}'",
        "DELETE FROM log.heads",
        "TRUNCATE log.heads",
        "SET session_replication_role = replica; DELETE FROM log.events",
    ],
)
def test_not_even_the_owner_or_a_superuser_changes_history(
    written: Database, connect: Callable[[Database], psycopg.Connection], statement: str
) -> None:
    # Only a superuser may set session_replication_role; the owner is refused a step earlier.
    refusals = (psycopg.errors.RestrictViolation, psycopg.errors.InsufficientPrivilege)
    with connect(written) as powerful, pytest.raises(refusals) as refused:
        powerful.execute(statement)
    if connect is Database.connect_as_admin:
        assert refused.type is psycopg.errors.RestrictViolation


def test_the_service_appends_through_the_function_alone(written: Database, tenant: str) -> None:
    store = PostgresEventStore(written.pool())
    assert store.append(tenant, [sealed_event(tenant, "invoice-1", 1)], {"invoice-1": 0}).first == 0


def test_a_callers_search_path_does_not_redirect_the_function(written: Database, tenant: str) -> None:
    with written.connect_as_admin() as admin:
        # What an attacker would want: functions of his, found ahead of the real ones that log.append calls.
        admin.execute(
            "CREATE SCHEMA evil; GRANT USAGE ON SCHEMA evil TO PUBLIC;"
            "CREATE FUNCTION evil.sha256(bytea) RETURNS bytea LANGUAGE sql RETURN decode(repeat('00', 32), 'hex');"
            "CREATE FUNCTION evil.cardinality(bytea[]) RETURNS integer LANGUAGE sql RETURN 7;"
            "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA evil TO PUBLIC"
        )
    event = sealed_event(tenant, "invoice-1", 1)
    with open_pool(written.url + "?options=-csearch_path%3Devil%2Cpg_catalog", written.password) as pool:
        with pool.connection() as connection:
            trap = connection.execute("SELECT sha256(''), cardinality('{}'::bytea[])").fetchone()
            assert trap == (bytes(32), 7)
        store = PostgresEventStore(pool)
        assert store.append(tenant, [event], {"invoice-1": 0}).last == 0
        (stored,) = store.read_log(tenant)
    assert stored.leaf_hash == leaf_hash(log_entry(event))


@pytest.mark.parametrize(
    "changes",
    [{"stream": 'a"b'}, {"stream": "a\n"}, {"type": "Type-1"}, {"at": "2026-11-22"}, {"digest": "ab"}, {"schema": 0}],
)
def test_the_database_refuses_what_is_not_canonical_by_itself(
    written: Database, tenant: str, changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.eventstore.postgres.check_batch", lambda *_: None)  # a client that does not check
    event = structs.replace(sealed_event(tenant, "invoice-1", 1), **changes)
    store = PostgresEventStore(written.pool())
    with pytest.raises(EntryRefused):
        store.append(tenant, [event], {event.stream: 0})
    assert store.head(tenant).size == 0


def test_the_database_refuses_an_event_without_an_expected_version_by_itself(
    written: Database, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.eventstore.postgres.check_batch", lambda *_: None)
    store = PostgresEventStore(written.pool())
    with pytest.raises(EntryRefused):
        store.append(tenant, [sealed_event(tenant, "invoice-1", 1)], {"invoice-2": 0})
    assert store.head(tenant).size == 0


def test_the_backup_reader_reads_what_a_replay_cannot_make(written: Database) -> None:
    with written.connect_as_backup_reader() as reader:
        for table in [*LOG_TABLES, *KEYRING_TABLES, "relay.checkpoints"]:
            reader.execute(f"SELECT * FROM {table}")


@pytest.mark.parametrize(
    "statement",
    [
        INSERT_EVENT,
        f"INSERT INTO log.checkpoints VALUES ('{TENANT}', 2, 'forged')",
        f"INSERT INTO relay.checkpoints VALUES ('{TENANT}', 1)",
        "DELETE FROM keyring.deks",
        "SELECT * FROM read_a.projection_checkpoints",
        "SELECT log.append(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
        "CREATE TEMPORARY TABLE shadow ()",
    ],
)
def test_the_backup_reader_only_reads(written: Database, statement: str) -> None:
    with written.connect_as_backup_reader() as reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(statement)


def test_another_service_cannot_connect(written: Database, database: Callable[[str], Database]) -> None:
    auth = database("auth")
    stolen = psycopg.conninfo.make_conninfo(auth.url, dbname=written.name)
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(stolen, password=auth.password)


def test_the_owner_cannot_log_in(written: Database) -> None:
    with written.connect_as_admin() as admin:
        row = admin.execute(
            "SELECT rolcanlogin, rolsuper FROM pg_roles WHERE rolname = 'tallystick_invoices_owner'"
        ).fetchone()
    assert row == (False, False)


def test_public_has_nothing(written: Database) -> None:
    with written.connect_as_admin() as admin:
        open_functions = admin.execute(
            "SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
            " WHERE n.nspname IN"
            " ('log', 'keyring', 'read', 'read_a', 'read_b', 'read_c', 'read_d', 'app', 'relay', 'public')"
            " AND has_function_privilege('public', p.oid, 'EXECUTE')"
        ).fetchall()
        open_schemas = admin.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname IN"
            " ('log', 'keyring', 'read', 'read_a', 'read_b', 'read_c', 'read_d', 'app', 'relay', 'public')"
            " AND has_schema_privilege('public', oid, 'USAGE')"
        ).fetchall()
        open_database = admin.execute(
            "SELECT has_database_privilege('public', current_database(), 'CONNECT, TEMPORARY, CREATE')"
        ).fetchone()
    assert (open_functions, open_schemas, open_database) == ([], [], (False,))
