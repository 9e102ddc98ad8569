"""A backup that was not restored is not a backup."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest

from cli.recovery.databases import RestoreRefused
from cli.recovery.stored import BackupRefused
from services.backup.adapters.note_signer import NoteSigner
from shared.contracts.manifest import Manifest, manifest_name
from shared.crypto.signing import SigningKey
from shared.eventstore.postgres import PostgresEventStore
from tests.integration.backup.system import CANARY, SAVED, TENANTS, System, content
from tests.integration.backup.target import Target

pytestmark = pytest.mark.integration


def events(manifest: Manifest) -> int:
    """How many events a backup holds."""
    count = sum(log.size for log in manifest.logs)
    assert count > 0
    return count


def test_what_was_saved_is_what_is_restored(system: System, target: Target) -> None:
    manifest = system.snapshots().take()
    restored = target.restore(system)
    assert restored.backup_id == manifest.backup_id
    assert restored.events == {"auth": 0, "invoices": events(manifest), "notifier": 0}
    for name in SAVED:
        with system.databases[name].connect_as_admin() as before, target.databases[name].connect_as_admin() as after:
            assert content(after) == content(before)


def test_the_restored_service_reads_its_log_with_its_own_role_and_keys(system: System, target: Target) -> None:
    system.snapshots().take()
    target.restore(system)
    for tenant in TENANTS:
        payloads = [event.payload for event in system.log(target.databases["invoices"]).read(tenant)]
        assert payloads
        assert {payload["text"] for payload in payloads} == {CANARY}


def test_the_restored_log_goes_on_where_it_stood(system: System, target: Target) -> None:
    manifest = system.snapshots().take()
    target.restore(system)
    replace(system, databases=target.databases).issue(TENANTS[0])
    sizes = {log.tenant: log.size for log in manifest.logs}
    assert PostgresEventStore(target.databases["invoices"].pool()).head(TENANTS[0]).size == sizes[TENANTS[0]] + 1


def test_an_empty_system_is_restored_too(empty_system: System, target: Target) -> None:
    empty_system.snapshots().take()
    assert target.restore(empty_system).rows == {"auth": 0, "invoices": 0, "notifier": 0}


def test_an_older_backup_can_be_chosen(system: System, target: Target) -> None:
    first = system.snapshots().take()
    system.issue(TENANTS[0])
    system.snapshots().take()
    assert target.restore(system, first.backup_id).events["invoices"] == events(first)


def test_every_recipient_can_restore(system: System, target: Target) -> None:
    manifest = system.snapshots().take()
    assert target.restore(system, identity=str(system.identities[1])).events["invoices"] == events(manifest)


def test_a_database_that_is_not_empty_is_refused(system: System, target: Target) -> None:
    system.snapshots().take()
    target.restore(system)
    with pytest.raises(RestoreRefused, match="not empty"):
        target.restore(system)


def test_a_database_without_tables_is_refused(system: System, target: Target) -> None:
    system.snapshots().take()
    with target.databases["auth"].connect_as_admin() as admin:
        admin.execute("DROP SCHEMA log, keyring, read, read_a, read_b, read_c, read_d, app, relay CASCADE")
    with pytest.raises(RestoreRefused, match="no tables"):
        target.restore(system)


def damage_object(offsite: Path, manifest: Manifest) -> None:
    path = offsite / manifest.objects[-1].name
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def lose_object(offsite: Path, manifest: Manifest) -> None:
    (offsite / manifest.objects[-1].name).unlink()


def change_manifest(offsite: Path, manifest: Manifest) -> None:
    path = offsite / manifest_name(manifest.backup_id)
    text = path.read_text("utf-8")
    path.write_text(text.replace('"size": ', '"size": 1'))


def lose_manifest(offsite: Path, manifest: Manifest) -> None:
    (offsite / manifest_name(manifest.backup_id)).unlink()


def rename_manifest(offsite: Path, manifest: Manifest) -> None:
    """An old backup under a newer name would pass for the latest."""
    path = offsite / manifest_name(manifest.backup_id)
    path.rename(path.with_name("ffffffff" + manifest.backup_id[8:]))


@pytest.mark.parametrize("damage", [damage_object, lose_object, change_manifest, lose_manifest, rename_manifest])
def test_a_damaged_backup_is_refused_before_anything_is_restored(
    system: System, untouched: Target, damage: Callable[[Path, Manifest], None]
) -> None:
    manifest = system.snapshots().take()
    damage(system.offsite, manifest)
    with pytest.raises(BackupRefused):
        untouched.restore(system)


def test_a_backup_signed_by_somebody_else_is_refused(system: System, untouched: Target, tmp_path: Path) -> None:
    system.snapshots().take()
    stranger = NoteSigner("tallystick.example", SigningKey.generate())
    result = untouched.restore_by_command(system, tmp_path, signer=stranger.verifier_key)
    assert result.exit_code == 1
    assert "refused" in result.output


def test_somebody_who_is_no_recipient_restores_nothing(system: System, untouched: Target) -> None:
    system.snapshots().take()
    with pytest.raises(BackupRefused, match="identity"):
        untouched.restore(system, identity=str(pyrage.x25519.Identity.generate()))


@pytest.mark.parametrize(
    "rewrite",
    [
        "UPDATE log.events SET type = 'InvoiceDrafted' WHERE position = 3",
        "UPDATE log.events SET sealed = 'x' WHERE position = 3",
        "DELETE FROM log.events WHERE position = 3",
        "DELETE FROM log.events WHERE position = 6",
        "UPDATE log.heads SET size = 6, frontier = frontier[1:2]",
    ],
)
def test_a_log_that_was_rewritten_behind_its_root_is_found_by_the_restore(
    own_system: System, untouched: Target, rewrite: str
) -> None:
    """The backup is genuine; the database it was taken from had been changed by somebody with all rights."""
    with own_system.databases["invoices"].connect_as_admin() as admin:
        for relation in ("log.events", *(f"log.events_{number}" for number in range(8))):
            admin.execute(f"ALTER TABLE {relation} DISABLE TRIGGER ALL")
        admin.execute("ALTER TABLE log.heads DISABLE TRIGGER ALL")
        admin.execute(rewrite)
    own_system.snapshots().take()
    with pytest.raises(RestoreRefused, match="invoices"):
        untouched.restore(own_system)


def test_the_command_says_what_it_restored(system: System, target: Target, tmp_path: Path) -> None:
    manifest = system.snapshots().take()
    result = target.restore_by_command(system, tmp_path)
    assert result.exit_code == 0, result.output
    assert manifest.backup_id in result.output
    assert f"{events(manifest)} events hashed again" in result.output


def test_a_directory_without_backups_is_said_to_hold_none(system: System, untouched: Target, tmp_path: Path) -> None:
    system.offsite.mkdir()
    result = untouched.restore_by_command(system, tmp_path)
    assert (result.exit_code, "no backup" in result.output) == (1, True)


def test_a_backup_is_restored_from_a_copy_of_its_directory(system: System, target: Target, tmp_path: Path) -> None:
    manifest = system.snapshots().take()
    copied = replace(system, offsite=Path(shutil.copytree(system.offsite, tmp_path / "copy")))
    assert target.restore(copied).events["invoices"] == events(manifest)


def test_no_table_has_a_sequence_that_a_restore_would_have_to_set(untouched: Target) -> None:
    for database in untouched.databases.values():
        with database.connect_as_admin() as admin:
            assert admin.execute("SELECT count(*) FROM pg_sequences").fetchone() == (0,)
