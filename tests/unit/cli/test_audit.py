"""An auditor's copy: whole copies verify, and every changed byte is found and placed."""

import base64
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from cli.audit.bundle import Bundle, BundleUnreadable, event_line
from cli.audit.export import ExportIncomplete, LogReader, export
from cli.audit.totals import Totals
from cli.audit.verify import FaultKind, Verification, verify
from shared.crypto.envelope import seal
from shared.crypto.signing import SigningKey
from shared.eventstore.entry import entry_aad, log_entry
from shared.eventstore.model import RecordedEvent, SealedEvent
from shared.eventstore.payload import encode_content
from shared.kernel.ids import new_id
from shared.merkle.checkpoint import Checkpoint, origin_for, sign_checkpoint
from shared.merkle.note import NoteVerifier
from shared.merkle.tree import leaf_hash, root_hash

TENANT = new_id()
DEK, KEY_ID = bytes(range(32)), new_id()
LOG_KEY = SigningKey.generate()
ORIGIN = origin_for("log.example", TENANT)
VERIFIER = NoteVerifier(ORIGIN, LOG_KEY.public)
KEYS = {KEY_ID: DEK}
EVENTS = 9

Row = dict[str, object]


def make_rows(count: int = EVENTS) -> list[Row]:
    rows = []
    for position in range(count):
        bare = SealedEvent(
            tenant=TENANT,
            stream=f"invoice-{position % 2}",
            version=position // 2 + 1,
            id=new_id(),
            type="InvoiceDrafted",
            schema=1,
            at="2026-11-22T09:00:00.000000Z",
            key=KEY_ID,
            digest=None,
            sealed=b"",
        )
        sealed = seal(DEK, encode_content({"n": position}, None), entry_aad(bare))
        fields = {name: getattr(bare, name) for name in SealedEvent.__slots__}
        leaf = leaf_hash(log_entry(SealedEvent(**fields | {"sealed": sealed})))
        encoded = base64.b64encode(sealed).decode()
        rows.append(fields | {"sealed": encoded, "position": position, "leaf_hash": leaf.hex()})
    return rows


def write(folder: Path, rows: list[Row], signed: list[Row] | None = None) -> Bundle:
    folder.mkdir(exist_ok=True)
    bundle = Bundle(folder)
    bundle.events_path.write_text("".join(map(event_line, rows)), "utf-8")
    leaves = [bytes.fromhex(str(row["leaf_hash"])) for row in (rows if signed is None else signed)]
    note = sign_checkpoint(Checkpoint(ORIGIN, len(leaves), root_hash(leaves)), LOG_KEY)
    bundle.checkpoint_path.write_text(note, "utf-8")
    return bundle


def faults(found: Verification) -> set[tuple[str, int | None]]:
    return {(fault.kind.value, fault.position) for fault in found.faults}


def test_a_whole_copy_verifies_and_every_event_opens(tmp_path: Path) -> None:
    seen: list[RecordedEvent] = []
    found = verify(write(tmp_path, make_rows()), VERIFIER, KEYS, seen.append)
    assert (found.ok, found.events, found.opened) == (True, EVENTS, EVENTS)
    assert [event.payload["n"] for event in seen] == list(range(EVENTS))


def test_an_empty_log_verifies(tmp_path: Path) -> None:
    assert verify(write(tmp_path, []), VERIFIER, KEYS).ok


def test_a_copy_verifies_without_keys(tmp_path: Path) -> None:
    found = verify(write(tmp_path, make_rows()), VERIFIER, None)
    assert (found.ok, found.opened) == (True, 0)


@pytest.mark.parametrize("byte", [0, 1, 33, 65, -1])
def test_one_changed_byte_of_a_payload_is_found_and_placed(tmp_path: Path, byte: int) -> None:
    rows = make_rows()
    signed = [dict(row) for row in rows]
    sealed = bytearray(base64.b64decode(str(rows[4]["sealed"])))
    sealed[byte] ^= 1
    rows[4]["sealed"] = base64.b64encode(sealed).decode()
    found = verify(write(tmp_path, rows, signed), VERIFIER, KEYS)
    assert faults(found) == {("leaf_differs", 4), ("seal_broken", 4), ("root_differs", None)}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", "InvoiceIssued"),
        ("at", "2026-11-22T09:00:00.000001Z"),
        ("schema", 2),
        ("digest", "0" * 64),
        ("id", "01981e8a-0000-7000-8000-000000000000"),
    ],
)
def test_one_changed_field_is_found_and_placed(tmp_path: Path, field: str, value: object) -> None:
    rows = make_rows()
    rows[3][field] = value
    assert {("leaf_differs", 3), ("seal_broken", 3)} <= faults(verify(write(tmp_path, rows), VERIFIER, KEYS))


def test_a_rewritten_event_with_a_fitting_leaf_still_breaks_the_root(tmp_path: Path) -> None:
    rows, signed = make_rows(), make_rows()
    found = verify(write(tmp_path, rows, signed), VERIFIER, None)
    assert faults(found) == {("root_differs", None)}


def drop(rows: list[Row]) -> None:
    del rows[2]


def swap(rows: list[Row]) -> None:
    rows[2], rows[3] = rows[3], rows[2]


def repeat(rows: list[Row]) -> None:
    rows.insert(2, dict(rows[2]))


@pytest.mark.parametrize("tamper", [drop, swap, repeat])
def test_a_dropped_reordered_or_inserted_event_is_found_where_it_happened(
    tmp_path: Path, tamper: Callable[[list[Row]], None]
) -> None:
    rows = make_rows()
    signed = [dict(row) for row in rows]
    tamper(rows)
    found = verify(write(tmp_path, rows, signed), VERIFIER, KEYS)
    assert min(fault.position for fault in found.faults if fault.position is not None) in (2, 3)
    assert not found.ok


def test_a_copy_cut_short_is_found_where_it_ends(tmp_path: Path) -> None:
    rows = make_rows()
    found = verify(write(tmp_path, rows[:-1], rows), VERIFIER, KEYS)
    assert faults(found) == {("size_differs", EVENTS - 1)}


def test_a_checkpoint_of_another_key_does_not_count(tmp_path: Path) -> None:
    other = NoteVerifier(ORIGIN, SigningKey.generate().public)
    assert faults(verify(write(tmp_path, make_rows()), other, KEYS)) == {("checkpoint_invalid", None)}


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    found = verify(write(tmp_path, make_rows(1)), VERIFIER, {})
    assert faults(found) == {(FaultKind.KEY_MISSING, 0)}


@pytest.mark.parametrize("line", ["not json", "{}", '{"version": true}'])
def test_a_line_that_is_no_event_is_named(tmp_path: Path, line: str) -> None:
    bundle = write(tmp_path, make_rows(2))
    with bundle.events_path.open("a", encoding="utf-8") as lines:
        lines.write(line + "\n")
    with pytest.raises(BundleUnreadable, match="line 3"):
        verify(bundle, VERIFIER, KEYS)


def reader(rows: list[Row], size: int) -> LogReader:
    def read(method: str, request: Mapping[str, object]) -> Row:
        if method == "checkpoint":
            return {"note": "note", "size": size}
        if method == "export_keys":
            return {"keys_base64": base64.b64encode(b"keys").decode()}
        first = int(str(request["after"])) + 1
        return {"events": rows[first : first + 4]}

    return read


def test_an_export_takes_page_after_page_up_to_the_checkpoint(tmp_path: Path) -> None:
    rows = make_rows()
    bundle = export(reader(rows, EVENTS - 1), "age1", tmp_path / "copy", lambda _done, _all: None)
    assert [event.position for event in bundle.events()] == list(range(EVENTS - 1))


def test_an_export_that_gets_too_few_events_leaves_no_copy(tmp_path: Path) -> None:
    with pytest.raises(ExportIncomplete):
        export(reader(make_rows(), EVENTS + 1), "age1", tmp_path / "copy", lambda _done, _all: None)
    assert not (tmp_path / "copy").exists()


def test_an_export_does_not_overwrite_an_earlier_copy(tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    with pytest.raises(FileExistsError):
        export(reader([], 0), "age1", tmp_path / "copy", lambda _done, _all: None)


def recorded(stream: str, kind: str, payload: dict[str, object]) -> RecordedEvent:
    return RecordedEvent(
        tenant=TENANT,
        position=0,
        stream=stream,
        version=1,
        id="",
        type=kind,
        schema=1,
        at="",
        key="",
        payload=payload,
        digest=None,
        by=None,
    )


def test_totals_count_invoices_up_and_credit_notes_down_and_drafts_not_at_all() -> None:
    line = {"quantity": "3", "unit_price": "0.335"}
    totals = Totals()
    totals.add(recorded("customer-1", "CustomerRegistered", {"reference": "K-1"}))
    for stream in ("invoice-1", "invoice-2", "invoice-3"):
        totals.add(recorded(stream, "InvoiceDrafted", {"customer_id": "1", "lines": [line, line]}))
    totals.add(recorded("invoice-1", "InvoiceIssued", {}))
    assert {name: str(net) for name, net in totals.net_by_customer.items()} == {"K-1": "2.02"}
    totals.add(recorded("invoice-2", "CreditNoteIssued", {}))
    assert str(totals.sum_net) == "0.00"
    assert totals.issued == {"InvoiceIssued": 1, "CreditNoteIssued": 1}
