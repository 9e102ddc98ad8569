"""An auditor's bundle that was spoilt or does not add up: every fault is found and placed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import structs

from cli.audit.bundle import entries_bytes, sealed_bytes
from cli.audit.ledger import Ledger
from shared.crypto.envelope import seal
from shared.crypto.signing import SigningKey
from shared.eventstore.entry import entry_aad, log_entry
from shared.eventstore.faults import Faults
from shared.eventstore.model import StoredEvent
from shared.eventstore.tree_walk import CopyUnreadable
from shared.eventstore.trust import Trust
from shared.eventstore.verification import verify_log
from shared.merkle.checkpoint import Checkpoint, sign_checkpoint
from shared.merkle.note import NoteVerifier
from shared.merkle.tiles import Tile, tiles_of
from shared.merkle.tree import leaf_hash, root_hash
from tests.audited import Business, Copy
from tests.unit.cli.conftest import DOCUMENTS, EVENTS, faults, folding, trust, verify


def change(path: Path, edit: Callable[[bytearray], object]) -> None:
    content = bytearray(path.read_bytes())
    edit(content)
    path.write_bytes(content)


def records(copy: Copy, index: int) -> tuple[list[bytes], list[bytes]]:
    width = min(256, EVENTS - 256 * index)
    events = copy.bundle.events(256 * index, 256 * index + width - 1)
    stored = [event for event in events if isinstance(event, StoredEvent)]
    return [log_entry(event) for event in stored], [event.sealed for event in stored]


def write_records(copy: Copy, index: int, entries: list[bytes], sealed: list[bytes]) -> None:
    place = Tile(0, index, min(256, EVENTS - 256 * index)).place
    (copy.bundle.folder / "tile/entries" / place).write_bytes(entries_bytes(entries))
    (copy.bundle.folder / "sealed" / place).write_bytes(sealed_bytes(sealed))


@pytest.mark.parametrize("position", [0, 57, 255, 256, EVENTS - 1])
@pytest.mark.parametrize("byte", [0, 1, 33, 65, -1])
def test_one_changed_byte_of_a_payload_is_found_and_placed(
    business: Business, copy: Copy, position: int, byte: int
) -> None:
    entries, sealed = records(copy, position // 256)
    changed = bytearray(sealed[position % 256])
    changed[byte] ^= 1
    sealed[position % 256] = bytes(changed)
    write_records(copy, position // 256, entries, sealed)
    assert faults(verify(copy, trust(business))) == {("leaf_differs", position), ("seal_broken", position)}


@pytest.mark.parametrize(
    ("field", "value", "kinds"),
    [
        ("type", "InvoiceIssued", {"leaf_differs", "seal_broken"}),
        ("at", "2026-11-22T09:00:00.000001Z", {"leaf_differs", "seal_broken"}),
        ("schema", 2, {"leaf_differs", "seal_broken"}),
        ("digest", "0" * 64, {"leaf_differs", "seal_broken"}),
        ("id", "01981e8a-0000-7000-8000-000000000000", {"leaf_differs", "seal_broken"}),
        ("key", "01981e8a-0000-7000-8000-000000000000", {"leaf_differs", "key_missing"}),
        ("tenant", "01981e8a-0000-7000-8000-000000000000", {"leaf_differs", "seal_broken", "tenant_foreign"}),
        ("version", 7, {"leaf_differs", "seal_broken", "version_unexpected"}),
        ("stream", "invoice-x", {"leaf_differs", "seal_broken"}),
        ("sealed", "0" * 64, {"leaf_differs"}),
        ("sealed", "A", {"leaf_differs"}),
        ("at", "tomorrow", {"entry_refused"}),
        ("stream", "\ud800", {"entry_refused"}),
        ("version", True, {"entry_refused"}),
        ("unknown", "x", {"entry_refused"}),
    ],
)
def test_one_changed_field_of_an_entry_is_found_and_placed(
    business: Business, copy: Copy, field: str, value: object, kinds: set[str]
) -> None:
    position = 3
    entries, sealed = records(copy, 0)
    fields = json.loads(entries[position]) | {field: value}
    entries[position] = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    write_records(copy, 0, entries, sealed)
    found = faults(verify(copy, trust(business)))
    assert {kind for kind, _ in found} >= kinds
    # What a changed version or stream does to the events after it in that stream is said there.
    assert min(place for _, place in found if place is not None) == position


@pytest.mark.parametrize(
    "entry", [b"not json", b"[]", b"[" * 9000, b"\xff", b'{"at":1}', b"{" + b'"f":1,' * 99 + b'"f":1}']
)
def test_what_is_no_entry_is_found_and_placed(business: Business, copy: Copy, entry: bytes) -> None:
    entries, sealed = records(copy, 1)
    entries[5] = entry
    write_records(copy, 1, entries, sealed)
    found = faults(verify(copy, trust(business)))
    assert ("entry_refused", 261) in found


def test_an_entry_spelled_otherwise_is_found(business: Business, copy: Copy) -> None:
    entries, sealed = records(copy, 0)
    entries[3] = entries[3].replace(b'"f":1', b'"f": 1')
    write_records(copy, 0, entries, sealed)
    assert faults(verify(copy, trust(business))) == {("leaf_differs", 3)}


def dropped(records: list[bytes]) -> None:
    del records[20]


def swapped(records: list[bytes]) -> None:
    records[20], records[21] = records[21], records[20]


def repeated(records: list[bytes]) -> None:
    records.insert(20, records[19])


@pytest.mark.parametrize("tamper", [dropped, swapped, repeated])
def test_a_dropped_reordered_or_inserted_event_is_found_where_it_happened(
    business: Business, copy: Copy, tamper: Callable[[list[bytes]], None]
) -> None:
    entries, sealed = records(copy, 0)
    tamper(entries)
    tamper(sealed)
    write_records(copy, 0, entries, sealed)
    found = verify(copy, trust(business))
    assert min(fault.position for fault in found.faults if fault.position is not None) == 20


def test_two_swapped_payloads_are_found_at_both_places(business: Business, copy: Copy) -> None:
    entries, sealed = records(copy, 0)
    swapped(sealed)
    write_records(copy, 0, entries, sealed)
    found = faults(verify(copy, trust(business)))
    assert found == {(kind, place) for kind in ("leaf_differs", "seal_broken") for place in (20, 21)}


def test_a_copy_cut_short_is_found_where_it_ends(business: Business, copy: Copy) -> None:
    entries, sealed = records(copy, 1)
    write_records(copy, 1, entries[:-1], sealed[:-1])
    assert faults(verify(copy, trust(business))) == {("position_unexpected", EVENTS - 1)}


def test_one_changed_leaf_of_a_tile_is_found_and_placed(business: Business, copy: Copy) -> None:
    change(copy.bundle.folder / "tile/0/000", lambda tile: tile.__setitem__(32 * 40, tile[32 * 40] ^ 1))
    assert faults(verify(copy, trust(business))) == {("leaf_differs", 40), ("tile_differs", 0), ("root_differs", None)}


def test_one_changed_hash_of_a_higher_tile_is_found_and_placed(business: Business, copy: Copy) -> None:
    change(copy.bundle.folder / "tile/1/000.p/1", lambda tile: tile.__setitem__(0, tile[0] ^ 1))
    assert faults(verify(copy, trust(business))) == {("tile_differs", 0)}


@pytest.mark.parametrize("path", [tile.path for tile in tiles_of(EVENTS)])
def test_a_tile_that_is_missing_or_cut_short_is_found(business: Business, copy: Copy, path: str) -> None:
    change(copy.bundle.folder / path, lambda tile: tile.pop())
    assert "tile_unreadable" in {kind for kind, _ in faults(verify(copy, trust(business)))}
    (copy.bundle.folder / path).unlink()
    assert "tile_unreadable" in {kind for kind, _ in faults(verify(copy, trust(business)))}


@pytest.mark.parametrize("path", ["tile/entries/000", "sealed/000", "tile/entries/001.p/15", "sealed/001.p/15"])
def test_events_that_are_missing_or_cut_short_are_found_and_the_rest_is_verified(
    business: Business, copy: Copy, path: str
) -> None:
    first = 256 if "001" in path else 0
    change(copy.bundle.folder / path, lambda content: content.pop())
    assert ("events_unreadable", first) in faults(verify(copy, trust(business)))
    (copy.bundle.folder / path).unlink()
    found = verify(copy, trust(business))
    assert ("events_unreadable", first) in faults(found)
    assert found.events == (256 if first else EVENTS - 256)


def test_a_wrong_log_key_is_said_once(copy: Copy) -> None:
    other = NoteVerifier("log.example/other", SigningKey.generate().public)
    assert faults(verify(copy, Trust(other))) == {("checkpoint_invalid", None)}


def test_a_checkpoint_that_no_witness_cosigned_does_not_satisfy_who_demands_it(business: Business, copy: Copy) -> None:
    note = str(business.access.checkpoint(business.tenant)["note"])
    (copy.bundle.folder / "checkpoint").write_text(note, "utf-8")
    assert faults(verify(copy, trust(business))) == {("witness_missing", None)}
    assert verify(copy, Trust(business.verifier)).ok


def rewritten(business: Business, copy: Copy, position: int) -> None:
    """Rewrite everything from one event on, with the log's keys: what only somebody else can notice."""
    leaves, changed = [], {}
    for index in (0, 1):
        entries, sealed = records(copy, index)
        for slot, event in enumerate(copy.bundle.events(256 * index, min(256 * index + 255, EVENTS - 1))):
            assert isinstance(event, StoredEvent)
            if event.position == position:
                sealed[slot] = seal(copy.keys[event.key], b'{"data":{}}', entry_aad(event))
                entries[slot] = log_entry(structs.replace(event, sealed=sealed[slot]))
        leaves += [leaf_hash(entry) for entry in entries]
        changed[index] = (entries, sealed)
    for index, (entries, sealed) in changed.items():
        write_records(copy, index, entries, sealed)
    root = root_hash(leaves[:256])
    (copy.bundle.folder / "tile/0/000").write_bytes(b"".join(leaves[:256]))
    (copy.bundle.folder / "tile/0/001.p/15").write_bytes(b"".join(leaves[256:]))
    (copy.bundle.folder / "tile/1/000.p/1").write_bytes(root)
    note = sign_checkpoint(Checkpoint(business.origin, EVENTS, root_hash(leaves)), business.signing_key)
    (copy.bundle.folder / "checkpoint").write_text(note, "utf-8")


def test_a_history_that_is_rewritten_and_signed_again_is_caught_by_the_witness_and_by_an_earlier_checkpoint(
    business: Business, copy: Copy
) -> None:
    earlier = copy.bundle.note()
    rewritten(business, copy, 7)
    assert verify(copy, Trust(business.verifier)).ok
    assert faults(verify(copy, trust(business))) == {("witness_missing", None)}
    found = verify(copy, Trust(business.verifier, earlier=earlier))
    assert faults(found) == {("history_rewritten", None)}


def test_a_log_that_shrank_is_caught_by_an_earlier_checkpoint(tmp_path: Path) -> None:
    business = Business()
    business.trade()
    longer = sign_checkpoint(Checkpoint(business.origin, business.size + 1, bytes(32)), business.signing_key)
    found = verify(business.bundle(tmp_path / "copy"), Trust(business.verifier, earlier=longer))
    assert faults(found) == {("checkpoint_larger", business.size)}
    assert "either this copy is older than the checkpoint" in found.faults[0].reason


def test_a_missing_key_is_named_once_with_its_first_position(business: Business, copy: Copy) -> None:
    tenant_key = next(event.key for event in copy.bundle.events(0, 100) if event.type == "NumberTaken")  # type: ignore[union-attr]  # all can be read
    keys = {key: dek for key, dek in copy.keys.items() if key != tenant_key}
    found = verify_log(copy.bundle, trust(business), keys=keys)
    assert faults(found) == {("key_missing", 1 + DOCUMENTS)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[" * 100_000,
        '{"format":"tallystick-bundle/1"}',
        '{"format":"tallystick-bundle/1","origin":"o","first":0,"last":0,"size":1,"extra":1}',
        '{"format":"tallystick-bundle/1","origin":"o","first":0,"last":0,"size":true}',
        '{"format":"tallystick-bundle/1","origin":"o","first":5,"last":1,"size":9}',
        '{"format":"tallystick-bundle/1","origin":"o","first":0,"first":0,"last":0,"size":1}',
    ],
)
def test_a_description_that_is_not_one_is_refused(copy: Copy, text: str) -> None:
    (copy.bundle.folder / "bundle.json").write_text(text, "utf-8")
    with pytest.raises(CopyUnreadable, match=r"bundle\.json"):
        _ = copy.bundle.contents


def test_totals_that_are_not_those_of_the_lines_are_found(tmp_path: Path) -> None:
    business = Business()
    customer_id = business.register()
    business.issue(business.draft(customer_id), customer_id, totals={"net": "1.00", "vat": "0.00", "payable": "1.00"})
    found = Faults()
    fold = folding(Ledger(found))
    verify(business.bundle(tmp_path / "copy"), trust(business), found=found, on_page=fold)
    assert [(fault.kind, fault.position) for fault in found.kept] == [("fold_refused", 3)]
