"""Snapshots of real databases through the role that only reads."""

import io
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
import zstandard
from psycopg import conninfo

from services.backup.adapters.postgres_view import PostgresDatabase, PostgresView
from services.backup.adapters.taken import Snapshot, SnapshotRunning, TakenSnapshots
from services.backup.domain.snapshot import manifest_hash
from shared.contracts.manifest import BackupObject, Manifest, ObjectKind, backup_ids, manifest_name
from shared.crypto.age import IdentityRefused, decrypt_with
from shared.eventstore.model import CommandId
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import IdempotencyConflict
from shared.kernel.ids import new_id
from shared.merkle.note import NoteVerifier, verify_note
from shared.merkle.tree import Frontier
from tests.integration.backup.system import CANARY, TENANTS, System
from tests.stack import Database

pytestmark = pytest.mark.integration


def opened(system: System, stored: BackupObject) -> dict[str, bytes]:
    """Read an object as one of the recipients."""
    plain = decrypt_with(system.identity, (system.offsite / stored.name).read_bytes())
    tar = zstandard.ZstdDecompressor().decompressobj().decompress(plain)
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        files = {member.name: archive.extractfile(member) for member in archive}
        return {name: file.read() for name, file in files.items() if file is not None}


def test_every_database_is_saved_with_its_keys_apart(system: System) -> None:
    manifest = system.snapshots().take()
    saved = {(each.database, each.kind) for each in manifest.objects}
    assert saved == {(name, kind) for name in ("auth", "invoices", "notifier") for kind in ObjectKind}


def test_no_table_is_missing_and_read_models_are_left_out(system: System) -> None:
    manifest = system.snapshots().take()
    for database in ("auth", "invoices", "notifier"):
        names = {
            name.rpartition(".csv.")[0]
            for each in manifest.objects
            if each.database == database
            for name in opened(system, each)
        }
        with system.databases[database].connect_as_admin() as admin:
            expected = admin.execute(
                "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition"
                " AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'public') AND n.nspname NOT LIKE 'read%'"
            ).fetchall()
        assert names == {name for (name,) in expected}


def test_keys_are_in_no_object_but_their_own(system: System) -> None:
    manifest = system.snapshots().take()
    for each in manifest.objects:
        schemas = {name.split(".")[0] for name in opened(system, each)}
        assert ("keyring" in schemas) == (each.kind is ObjectKind.KEYRING)


def test_the_manifest_says_how_far_each_log_reaches(system: System) -> None:
    manifest = system.snapshots().take()
    store = PostgresEventStore(system.databases["invoices"].pool())
    heads = {tenant: store.head(tenant) for tenant in TENANTS}
    assert {(log.tenant, log.size, log.root) for log in manifest.logs} == {
        (tenant, head.size, Frontier(head.size, tuple(head.frontier)).root().hex()) for tenant, head in heads.items()
    }


def test_two_snapshots_in_a_row_are_both_complete_and_linked(system: System) -> None:
    first, second = system.snapshots().take(), system.snapshots().take()
    stored = (system.offsite / manifest_name(first.backup_id)).read_bytes()
    assert second.previous == manifest_hash(stored)
    assert first.logs == second.logs
    assert backup_ids([manifest_name(path.name) for path in (system.offsite / "manifests").iterdir()]) == [
        first.backup_id,
        second.backup_id,
    ]


def test_an_empty_system_is_saved_too(empty_system: System) -> None:
    manifest = empty_system.snapshots().take()
    assert manifest.logs == ()
    header = opened(empty_system, manifest.objects[0])["log.heads.csv.000000"]
    assert header == b"tenant,size,frontier\n"


def test_what_happens_during_a_snapshot_is_in_all_of_it_or_in_none(system: System) -> None:
    """The view is one moment: an event appended between two tables shows in neither."""

    class Busy(PostgresDatabase):
        @contextmanager
        def view(self) -> Iterator[PostgresView]:
            with super().view() as view:
                view.tables(["log"])  # the moment of a transaction is that of its first query
                system.issue(TENANTS[0])
                yield view

    reader = next(each for each in system.readers() if each.name == "invoices")
    store = PostgresEventStore(system.databases["invoices"].pool())
    before = {tenant: store.head(tenant).size for tenant in TENANTS}
    manifest = replace(system.snapshots(), databases=[Busy(reader.name, reader.conninfo)]).take()
    assert {log.tenant: log.size for log in manifest.logs} == before
    events = [content for name, content in opened(system, manifest.objects[0]).items() if "log.events" in name]
    assert b"".join(events).count(b"InvoiceIssued") == sum(before.values())


def test_a_backup_shows_nothing_to_who_has_no_identity(system: System) -> None:
    system.snapshots().take()
    for path in system.offsite.rglob("*"):
        if path.is_file():
            assert b"InvoiceIssued" not in path.read_bytes(), "a word that stands in the tables in the clear"
            assert CANARY.encode() not in path.read_bytes()


def test_the_host_that_backs_up_cannot_read_its_backups(system: System) -> None:
    """All that the service is given is tried as an identity: recipients, the signing key, the reader's password."""
    manifest = system.snapshots().take()
    sealed = (system.offsite / manifest.objects[0].name).read_bytes()
    holdings = [*system.recipients, system.signer.verifier_key, system.databases["invoices"].backup_reader_password]
    for held in holdings:
        with pytest.raises(IdentityRefused):
            decrypt_with(held, sealed)


def test_the_role_that_reads_for_backups_can_write_nothing(system: System) -> None:
    for database in system.databases.values():
        with database.connect_as_backup_reader() as connection:
            for statement in ("DELETE FROM log.events", "DELETE FROM keyring.deks", "CREATE TABLE app.mine ()"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)


def test_a_database_that_fails_in_the_middle_leaves_no_backup(system: System) -> None:
    *working, last = system.readers()
    broken = PostgresDatabase(last.name, conninfo.make_conninfo(last.conninfo, dbname="test_nowhere"))
    with pytest.raises(psycopg.OperationalError):
        replace(system.snapshots(), databases=[*working, broken]).take()
    assert not (system.offsite / "manifests").exists()


@pytest.fixture
def taken(database: Callable[[str], Database]) -> TakenSnapshots:
    own = database("backup")
    return TakenSnapshots(own.pool(), conninfo.make_conninfo(own.url, password=own.password))


SNAPSHOT = Snapshot(new_id(), "2026-11-22T09:00:00.000000Z", 6, 1234)


def test_a_repeated_command_is_answered_with_the_first_snapshot(taken: TakenSnapshots) -> None:
    command = CommandId("nightly-1", bytes(32))
    assert taken.by_command(command) is None
    taken.add(SNAPSHOT, command)
    assert taken.by_command(command) == SNAPSHOT
    assert taken.newest(10) == [SNAPSHOT]


def test_a_key_used_for_another_request_is_refused(taken: TakenSnapshots) -> None:
    taken.add(SNAPSHOT, CommandId("nightly-1", bytes(32)))
    with pytest.raises(IdempotencyConflict):
        taken.by_command(CommandId("nightly-1", b"\x01" * 32))


def test_only_one_snapshot_is_taken_at_a_time(taken: TakenSnapshots) -> None:
    with taken.alone(), pytest.raises(SnapshotRunning), taken.alone():
        pass
    with taken.alone():
        pass


def test_the_manifest_is_signed(system: System) -> None:
    manifest = system.snapshots().take()
    note = (system.offsite / manifest_name(manifest.backup_id)).read_text("utf-8")
    assert Manifest.from_text(verify_note(note, [NoteVerifier.parse(system.signer.verifier_key)])) == manifest
