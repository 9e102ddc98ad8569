from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pytest

from services.backup.adapters.directory_store import DirectoryObjectStore
from services.backup.adapters.note_signer import NoteSigner
from services.backup.domain.ports import ObjectStore, Sink
from services.backup.domain.snapshot import Table, manifest_hash
from services.backup.handlers import Snapshots
from shared.contracts.manifest import LogReach, Manifest, ObjectKind, backup_ids, manifest_name
from shared.crypto.signing import SigningKey
from shared.kernel.clock import FixedClock
from shared.merkle.note import NoteVerifier, verify_note

TENANT = "01932d9f-0000-7000-8000-000000000001"
REACH = LogReach("invoices", TENANT, 2, "ab" * 32)
SIGNER = NoteSigner("tallystick.example", SigningKey.generate())


@dataclass
class Rows:
    """A database with the given tables."""

    name: str
    content: dict[Table, list[bytes]]
    reach: list[LogReach] = field(default_factory=list)

    @contextmanager
    def view(self) -> Iterator["Rows"]:
        yield self

    def tables(self, schemas: Sequence[str]) -> list[Table]:
        return [table for table in self.content if table.schema in schemas]

    def rows(self, table: Table) -> Iterator[bytes]:
        return iter(self.content[table])

    def logs(self) -> list[LogReach]:
        return self.reach


class Plain:
    """An archive that only joins, so that a test can look inside."""

    def write(self, files: Iterator[tuple[str, Iterator[bytes]]], sink: Sink) -> None:
        for name, content in files:
            sink.write(name.encode() + b":" + b"".join(content))


INVOICES = Rows("invoices", {Table("log", "events"): [b"1", b"2"], Table("keyring", "deks"): [b"k"]}, [REACH])


def snapshots(store: ObjectStore, *databases: Rows) -> Snapshots:
    clock = FixedClock(datetime(2026, 11, 22, tzinfo=UTC))
    return Snapshots(list(databases), store, Plain(), SIGNER, clock)


@pytest.fixture
def store(tmp_path: Path) -> DirectoryObjectStore:
    return DirectoryObjectStore(tmp_path)


def test_a_snapshot_holds_data_and_keys_apart_and_how_far_the_log_reaches(store: DirectoryObjectStore) -> None:
    manifest = snapshots(store, INVOICES).take()
    assert [each.kind for each in manifest.objects] == [ObjectKind.DATA, ObjectKind.KEYRING]
    assert manifest.logs == (REACH,)
    with store.get(manifest.objects[0].name) as data:
        assert data.read() == b"log.events.csv:12"


def test_the_manifest_is_signed_and_stored_as_it_was_returned(store: DirectoryObjectStore) -> None:
    manifest = snapshots(store, INVOICES).take()
    with store.get(manifest_name(manifest.backup_id)) as stored:
        text = verify_note(stored.read().decode(), [NoteVerifier.parse(SIGNER.verifier_key)])
    assert Manifest.from_text(text) == manifest


def test_two_snapshots_in_a_row_form_a_chain(store: DirectoryObjectStore) -> None:
    first = snapshots(store, Rows("auth", {})).take()
    second = snapshots(store, Rows("auth", {})).take()
    with store.get(manifest_name(first.backup_id)) as stored:
        assert second.previous == manifest_hash(stored.read())
    assert backup_ids(store.list("")) == [first.backup_id, second.backup_id]


def test_a_snapshot_of_nothing_is_a_backup_too(store: DirectoryObjectStore) -> None:
    manifest = snapshots(store).take()
    assert (manifest.objects, manifest.logs, manifest.size) == ((), (), 0)


@pytest.mark.parametrize("survives", range(3))
def test_a_snapshot_that_breaks_off_leaves_no_backup(store: DirectoryObjectStore, survives: int) -> None:
    class BreaksOff(DirectoryObjectStore):
        puts = 0

        def put(self, name: str, content: IO[bytes]) -> None:
            if self.puts == survives:
                raise ConnectionError
            self.puts += 1
            super().put(name, content)

    with pytest.raises(ConnectionError):
        snapshots(BreaksOff(store._root), INVOICES).take()
    assert len(store.list("")) == survives
    assert backup_ids(store.list("")) == []
    assert snapshots(store, Rows("auth", {})).take().previous is None
