"""Shredding reaches backups: keyring objects live briefly, and an old backup is restored with the newest keys."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cli.keys.expire import expire_keyrings
from cli.recovery.stored import BackupDirectory, BackupRefused
from shared.contracts.manifest import Manifest, ObjectKind
from shared.crypto.keyring import KeyShredded
from shared.eventstore.model import NewEvent
from shared.kernel.clock import FixedClock, SystemClock
from shared.merkle.note import NoteVerifier
from tests.integration.backup.system import SAVED, TENANTS, System
from tests.integration.backup.target import Target

pytestmark = pytest.mark.integration

TENANT = TENANTS[0]


def write(system: System, customer: str) -> None:
    stream = f"invoice-of-{customer}"
    event = NewEvent(stream, "InvoiceIssued", 1, {"buyer": customer}, customer)
    system.log(system.databases["invoices"]).append(TENANT, [event], {stream: 0})


def backups(system: System) -> BackupDirectory:
    return BackupDirectory(system.offsite, [NoteVerifier.parse(system.signer.verifier_key)])


def keyrings(manifest: Manifest) -> set[str]:
    return {each.name for each in manifest.objects if each.kind is ObjectKind.KEYRING}


def in_the_folder(system: System) -> set[str]:
    return {f"keyring/{path.name}" for path in (system.offsite / "keyring").iterdir()}


def later(days: int) -> FixedClock:
    return FixedClock(SystemClock().now() + timedelta(days=days))


def test_who_was_shredded_is_unreadable_after_an_older_backup_is_restored(own_system: System, target: Target) -> None:
    for customer in ("customer-gone", "customer-stays"):
        write(own_system, customer)
    older = own_system.snapshots().take()
    own_system.keyring(own_system.databases["invoices"]).shred(TENANT, "customer-gone")
    newer = own_system.snapshots().take()
    expired = expire_keyrings(backups(own_system), timedelta(0), later(days=1))
    assert set(expired) == keyrings(older)
    assert in_the_folder(own_system) == keyrings(newer)

    target.restore(own_system, older.backup_id)

    restored = replace(own_system, databases={name: target.databases[name] for name in SAVED})
    log = restored.log(target.databases["invoices"])
    with pytest.raises(KeyShredded):
        log.load(TENANT, "invoice-of-customer-gone")
    (event,) = log.load(TENANT, "invoice-of-customer-stays")
    assert event.payload == {"buyer": "customer-stays"}


def test_keys_that_expired_cannot_be_asked_for(system: System, untouched: Target) -> None:
    older = system.snapshots().take()
    system.snapshots().take()
    expire_keyrings(backups(system), timedelta(0), later(days=1))
    with pytest.raises(BackupRefused, match="missing"):
        untouched.restore(system, older.backup_id, keyring_id=older.backup_id)


def test_keys_that_are_older_than_the_data_are_refused(system: System, untouched: Target) -> None:
    older, newer = system.snapshots().take(), system.snapshots().take()
    with pytest.raises(BackupRefused, match="older"):
        untouched.restore(system, newer.backup_id, keyring_id=older.backup_id)


def test_the_newest_keys_stay_however_old_they_are(system: System) -> None:
    only = system.snapshots().take()
    assert expire_keyrings(backups(system), timedelta(days=14), later(days=1000)) == []
    assert in_the_folder(system) == keyrings(only)


def test_keys_stay_for_as_long_as_was_said_and_data_for_ever(system: System) -> None:
    older, newer = system.snapshots().take(), system.snapshots().take()
    assert expire_keyrings(backups(system), timedelta(days=14), later(days=13)) == []
    assert set(expire_keyrings(backups(system), timedelta(days=14), later(days=15))) == keyrings(older)
    data = {each.name for manifest in (older, newer) for each in manifest.objects if each.kind is ObjectKind.DATA}
    assert {f"objects/{path.name}" for path in (system.offsite / "objects").iterdir()} == data


def test_what_a_broken_snapshot_left_goes_too(system: System) -> None:
    manifest = system.snapshots().take()
    (system.offsite / "keyring" / "0000.tar.zst.age").write_bytes(b"keys that no manifest names")
    assert expire_keyrings(backups(system), timedelta(days=14), later(days=13)) == []
    assert expire_keyrings(backups(system), timedelta(days=14), later(days=15)) == ["keyring/0000.tar.zst.age"]
    assert in_the_folder(system) == keyrings(manifest)


def test_a_manifest_that_does_not_verify_stops_it_before_anything_is_deleted(system: System) -> None:
    system.snapshots().take()
    system.snapshots().take()
    before = in_the_folder(system)
    forged = min((system.offsite / "manifests").iterdir())
    forged.write_text(forged.read_text("utf-8").replace('"size": ', '"size": 1', 1), "utf-8")
    with pytest.raises(BackupRefused):
        expire_keyrings(backups(system), timedelta(0), later(days=1))
    assert in_the_folder(system) == before


def test_a_folder_without_backups_is_said_to_hold_none(system: System, tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="no backup"):
        expire_keyrings(backups(replace(system, offsite=tmp_path)), timedelta(0), SystemClock())
