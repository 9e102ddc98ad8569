"""Keys in PostgreSQL: rotated while writers append, shredded for good, and out of reach of whoever has rights."""

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import psycopg
import pytest

from shared.crypto.kek import MemoryKek
from shared.crypto.keyring import INDEX_SUBJECT, Keyring, KeyShredded
from shared.crypto.rotation import KeyRotation
from shared.eventstore.log import TenantLog
from shared.eventstore.model import NewEvent
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.eventstore.registry import EventRegistry
from shared.eventstore.session import tenant_session
from shared.eventstore.wakeups import Channel, Wakeups
from shared.kernel.ids import new_id
from tests.integration.messaging.processes import wait_until
from tests.keyrings import CLOCK
from tests.stack import Database

pytestmark = pytest.mark.integration

WRITERS = 3
ROUNDS = 3
SUBJECTS = 5


class Process:
    """What one process of a service has: a keyring and a log of its own, told of changes as a service is."""

    def __init__(self, database: Database, kek: MemoryKek) -> None:
        pool = database.new_pool(max_size=4)
        self.keys = PostgresKeyStore(pool)
        self.keyring = Keyring(kek, self.keys, CLOCK)
        self.log = TenantLog(PostgresEventStore(pool), self.keyring, EventRegistry({"AmountAdded": 1}), CLOCK)
        self.wakeups = Wakeups.beside(pool)
        self.wakeups.tell(Channel.KEYS, self.keyring.forget)

    def append(self, tenant: str, subject: str, version: int, stream: str) -> None:
        event = NewEvent(stream, "AmountAdded", 1, {"amount": f"{version}.00"}, subject)
        self.log.append(tenant, [event], {stream: version})


@pytest.fixture
def kek() -> MemoryKek:
    """One for all processes: a version that one makes, the others hold too."""
    return MemoryKek.of(bytes(range(32)))


@pytest.fixture
def invoices(database: Callable[[str], Database]) -> Database:
    return database("invoices")


@pytest.fixture
def process(invoices: Database, kek: MemoryKek) -> Iterator[Callable[[], Process]]:
    """Make a process; its listening ends with the test."""
    made: list[Process] = []

    def make() -> Process:
        made.append(Process(invoices, kek))
        return made[-1]

    yield make
    for each in made:
        each.wakeups.close()


@pytest.fixture
def tenant(process: Callable[[], Process]) -> str:
    tenant = new_id()
    process().keyring.create_tenant(tenant)
    return tenant


def at_rest(database: Database) -> list[tuple[object, ...]]:
    with database.connect_as_admin() as admin:
        return admin.execute("SELECT * FROM log.events ORDER BY tenant, position").fetchall()


def test_every_level_is_rotated_while_writers_append(
    invoices: Database, process: Callable[[], Process], tenant: str, kek: MemoryKek
) -> None:
    rotation = KeyRotation(kek, process().keys, CLOCK)
    enough, written = threading.Event(), [0] * WRITERS
    failures: list[Exception] = []

    def write(number: int) -> None:
        mine = process()
        try:
            while not enough.is_set():
                version = written[number]
                mine.append(tenant, f"customer-{version % SUBJECTS}", version, f"invoice-{number}")
                written[number] += 1
        except Exception as failure:  # noqa: BLE001  whatever it is, the test must show it
            failures.append(failure)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    seen: list[tuple[object, ...]] = []
    for _ in range(ROUNDS):
        kek.add_version()
        rotation.rotate_kek(tenant)
        rotation.rotate_tenant_key(tenant)
        for subject in {key.subject for key in rotation.store.deks(tenant)} - {INDEX_SUBJECT}:
            rotation.rotate_dek(tenant, subject)
        now = at_rest(invoices)
        assert now[: len(seen)] == seen, "what was there before the round is the same bytes after it"
        seen = now
        before = list(written)
        # Every writer has used every subject's new key, and one of them is in mid-append when the next round begins.
        wait_until(partial(_has_gone_on, before, written, failures), "writers under the new keys")
    enough.set()
    for writer in writers:
        writer.join()
    assert failures == []
    rotation.rotate_kek(tenant)
    rotation.store.destroy_unused_keks(kek.remove_old_versions)
    opened = list(process().log.read(tenant))
    assert len(opened) == len(at_rest(invoices))
    assert {event.payload["amount"] for event in opened if event.version == 1} == {"0.00"}
    assert len({event.key for event in opened}) >= SUBJECTS * ROUNDS, "rotation gave subjects other keys"
    assert len([key for key in rotation.store.tenant_keys(tenant) if key.shredded_at is None]) == 1


def _has_gone_on(before: Sequence[int], written: Sequence[int], failures: Sequence[Exception]) -> bool:
    return bool(failures) or all(old + SUBJECTS < now for old, now in zip(before, written, strict=True))


def test_a_key_that_is_shredded_in_one_process_is_forgotten_in_another(
    process: Callable[[], Process], tenant: str
) -> None:
    operator, worker = process(), process()
    key_id = worker.keyring.dek_for(tenant, "customer-1").key_id
    told = threading.Event()
    worker.wakeups.tell(Channel.KEYS, lambda _: told.set())
    while True:  # LISTEN may come a moment after the start; shredding again says it again
        operator.keyring.shred(tenant, "customer-1")
        if told.wait(timeout=0.5):
            break
    with pytest.raises(KeyShredded):
        worker.keyring.dek(tenant, key_id)


def test_nothing_is_left_of_shredded_bytes_in_the_table(
    invoices: Database, process: Callable[[], Process], tenant: str
) -> None:
    keyring, store = process().keyring, process().keys
    keyring.dek_for(tenant, "customer-1")
    kept = store.newest_dek(tenant, "customer-1")
    assert kept is not None
    assert keyring.shred(tenant, "customer-1") == 1
    with invoices.connect_as_admin() as admin:
        # An UPDATE leaves the old row behind until it is vacuumed, and a vacuum spares what the snapshot of another
        # session may still see, such as the server's own statistics that are made at this moment.
        wait_until(lambda: kept.wrapped not in _vacuumed(admin, "keyring.deks"), "the old row is gone")
        assert b"customer-1" in _vacuumed(admin, "keyring.deks"), "the row itself stays"


def _vacuumed(admin: psycopg.Connection, table: str) -> bytes:
    """Return the file of a table that has just been written anew."""
    admin.execute(f"VACUUM FULL {table}".encode())
    row = admin.execute("SELECT pg_read_binary_file(pg_relation_filepath(%s))", (table,)).fetchone()
    assert row
    return bytes(row[0])


@pytest.fixture
def kept(invoices: Database, process: Callable[[], Process], tenant: str) -> Database:
    """A database with a live and a shredded DEK."""
    keyring = process().keyring
    for subject in ("customer-live", "customer-shredded"):
        keyring.dek_for(tenant, subject)
    keyring.shred(tenant, "customer-shredded")
    return invoices


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO keyring.tenants VALUES ('019aa0e5-1111-7000-8000-000000000001')",
        "INSERT INTO keyring.deks SELECT * FROM keyring.deks",
        "UPDATE keyring.deks SET wrapped = wrapped",
        "UPDATE keyring.tenant_keys SET wrapped = wrapped",
        "DELETE FROM keyring.deks",
        "DELETE FROM keyring.tenant_keys",
        "TRUNCATE keyring.deks",
        "ALTER TABLE keyring.deks DISABLE TRIGGER ALL",
        "SELECT keyring.take_turn('019aa0e5-1111-7000-8000-000000000001')",
    ],
)
def test_the_service_changes_keys_through_the_functions_alone(kept: Database, statement: str) -> None:
    with kept.connect() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM keyring.deks",
        "DELETE FROM keyring.tenant_keys",
        "DELETE FROM keyring.tenants",
        "TRUNCATE keyring.deks",
        "TRUNCATE keyring.tenants CASCADE",
        "UPDATE keyring.deks SET shredded_at = NULL, wrapped = 'x' WHERE shredded_at IS NOT NULL",
        "UPDATE keyring.deks SET subject = 'customer-other' WHERE shredded_at IS NULL",
        "UPDATE keyring.deks SET version = 7",
        "UPDATE keyring.tenant_keys SET created_at = 'earlier'",
        "SET session_replication_role = replica; DELETE FROM keyring.deks",
    ],
)
def test_not_even_a_superuser_deletes_a_key_or_brings_a_shredded_one_back(kept: Database, statement: str) -> None:
    with kept.connect_as_admin() as admin:
        before = admin.execute("SELECT * FROM keyring.deks ORDER BY key_id").fetchall()
        with pytest.raises(psycopg.errors.RestrictViolation):
            admin.execute(statement)
        assert admin.execute("SELECT * FROM keyring.deks ORDER BY key_id").fetchall() == before


@pytest.mark.parametrize("table", ["keyring.deks", "keyring.tenant_keys"])
def test_a_session_sees_the_keys_of_the_tenant_that_it_is_bound_to(
    kept: Database, process: Callable[[], Process], tenant: str, table: str
) -> None:
    other = new_id()
    process().keyring.create_tenant(other)
    process().keyring.dek_for(other, "customer-of-another")
    select = f"SELECT DISTINCT tenant::text FROM {table}"  # noqa: S608 - one of two names
    with kept.connect() as unbound:
        assert unbound.execute(select).fetchall() == []
    with tenant_session(kept.pool(), tenant) as session:
        assert session.execute(select).fetchall() == [(tenant,)]


SHRED = "SELECT keyring.shred(%s, 'customer-live', '2026-12-24T18:00:00.000000Z')"


def test_a_session_that_is_bound_to_another_tenant_shreds_nothing(kept: Database, tenant: str) -> None:
    session = tenant_session(kept.pool(), new_id())
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="another tenant"), session as bound:
        bound.execute(SHRED, (tenant,))


def test_a_function_of_the_keyring_leaves_the_session_bound_as_it_was(kept: Database, tenant: str) -> None:
    with kept.connect() as service, service.transaction():
        assert service.execute(SHRED, (tenant,)).fetchone() == (1,)
        assert service.execute("SELECT FROM keyring.deks").fetchall() == []


def test_who_only_makes_backups_cannot_shred(kept: Database, tenant: str) -> None:
    with kept.connect_as_backup_reader() as reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute("SELECT keyring.shred(%s, 'customer-live', 'now')", (tenant,))
