"""What a bundle says of itself, holds beside its range, or holds too much of: nothing of it passes in silence."""

import json
from pathlib import Path

import pytest

from cli.audit import reports
from cli.audit.bundle import entries_bytes, sealed_bytes
from cli.audit.moments import Moment
from shared.crypto.age import IdentityRefused
from shared.eventstore.faults import Fault, FaultKind
from shared.eventstore.trust import Trust
from shared.eventstore.verification import verify_log
from tests.audited import Business, Copy
from tests.unit.cli.conftest import EVENTS, faults, trust, verify


def describe(copy: Copy, **changes: object) -> None:
    path = copy.bundle.folder / "bundle.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def test_a_description_that_leaves_out_a_changed_event_does_not_hide_it(business: Business, copy: Copy) -> None:
    flip(copy.bundle.folder / "sealed/000", 5000)
    describe(copy, first=200)
    found = verify(copy, trust(business))
    assert "leaf_differs" in {kind for kind, _ in faults(found)}
    assert f"(positions 200 to {EVENTS - 1} of {EVENTS}: NOT the whole log)" in reports.as_text(found)
    assert json.loads(reports.as_json(found))["first"] == 200


def test_no_event_of_a_log_that_has_some_is_a_fault(business: Business, copy: Copy) -> None:
    describe(copy, first=EVENTS)
    assert ("events_unreadable", 0) in faults(verify(copy, trust(business)))


def test_a_whole_copy_is_not_called_a_part(business: Business, copy: Copy) -> None:
    assert "NOT the whole log" not in reports.as_text(verify(copy, trust(business)))


@pytest.mark.parametrize(("place", "end"), [("000", 256), ("001.p/15", EVENTS)])
def test_a_record_behind_the_end_of_its_tile_is_found(business: Business, copy: Copy, place: str, end: int) -> None:
    for path, record in (("tile/entries", entries_bytes([b"{}"])), ("sealed", sealed_bytes([b"x"]))):
        with (copy.bundle.folder / path / place).open("ab") as file:
            file.write(record)
    assert faults(verify(copy, trust(business))) == {("position_unexpected", end)}


def test_a_description_of_another_log_is_found(business: Business, copy: Copy) -> None:
    describe(copy, origin="log.example/tallystick/another")
    assert faults(verify(copy, trust(business))) == {("copy_differs", None)}


@pytest.mark.parametrize(
    "name", ["note.txt", "tile/0/002", "tile/entries/x001/000", "sealed/000.p/7", "destroyed/3.age"]
)
def test_a_file_that_is_no_part_of_a_bundle_is_found(business: Business, copy: Copy, name: str) -> None:
    path = copy.bundle.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    [fault] = verify(copy, trust(business)).faults
    assert (fault.kind, name in fault.reason) == ("copy_differs", True)


def test_an_event_beside_the_range_is_checked_too(business: Business, tmp_path: Path) -> None:
    copy = business.bundle(tmp_path / "range", first=Moment(position=100), last=Moment(position=200))
    assert verify(copy, trust(business)).ok
    flip(copy.bundle.folder / "sealed/000", 4 + 40)
    found = verify(copy, trust(business))
    assert faults(found) == {("leaf_differs", 0)}
    assert found.events == 101


def test_what_was_not_checked_is_said(business: Business, copy: Copy) -> None:
    found = verify_log(copy.bundle, Trust(business.verifier))
    assert json.loads(reports.as_json(found))["not_checked"] == ["payloads", "witness"]
    assert reports.as_text(found).count("not checked: ") == 2
    assert "not checked" not in reports.as_text(verify(copy, trust(business)))


def test_changed_keys_are_not_taken_for_another_s_identity(copy: Copy) -> None:
    flip(copy.bundle.folder / "keys.age", -1)
    with pytest.raises(IdentityRefused, match="changed or cut short"):
        _ = copy.keys


def test_what_may_only_follow_from_a_changed_event_is_marked() -> None:
    found = [
        Fault(FaultKind.LEAF_DIFFERS, 40, "a"),
        Fault(FaultKind.SEAL_BROKEN, 40, "b"),
        Fault(FaultKind.FOLD_REFUSED, 39, "c"),
        Fault(FaultKind.FOLD_REFUSED, 70, "d"),
        Fault(FaultKind.ROOT_DIFFERS, None, "e"),
    ]
    assert reports.causes(found) == [None, None, None, 40, None]
    assert reports.causes(found[2:]) == [None, None, None]
