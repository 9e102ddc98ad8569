"""Who was forgotten behind the end of a copy: the copy stays sound, and says why it cannot show something."""

from pathlib import Path
from typing import Any

import pytest

from cli.audit.export import begin, export
from cli.audit.live import LiveLog
from cli.audit.moments import Moment
from shared.crypto.age import new_identity
from shared.eventstore.trust import Trust
from shared.eventstore.verification import verify_log
from tests.audited import Business, Copy
from tests.unit.cli.conftest import faults, verify


@pytest.fixture
def trading() -> Business:
    business = Business()
    business.trade()
    return business


def forget(business: Business) -> int:
    """Trade with one more customer, who is forgotten; return the position of the last event that is gone."""
    gone, _ = business.trade()
    last = business.size - 1
    business.shred(gone)
    return last


@pytest.fixture
def cut(trading: Business, tmp_path: Path) -> tuple[Business, Copy]:
    last = forget(trading)
    return trading, trading.bundle(tmp_path / "copy", last=Moment(position=last))


def test_a_range_that_ends_before_the_forgetting_is_sound(cut: tuple[Business, Copy]) -> None:
    business, copy = cut
    found = verify(copy, Trust(business.verifier))
    assert (found.faults, found.shredded) == ([], 5)


def test_an_export_that_goes_on_after_the_forgetting_is_sound(trading: Business, tmp_path: Path) -> None:
    gone, _ = trading.trade()
    log = begin(trading.query, tmp_path / "copy", trading.note(), None, None)
    trading.shred(gone)
    identity, recipient = new_identity()
    found = verify(Copy(export(log, recipient, tmp_path / "copy", lambda _: None), identity, recipient), Trust())
    assert (found.faults, found.shredded) == ([], 5)


def test_a_running_log_whose_customer_is_forgotten_behind_the_checkpoint_is_sound(trading: Business) -> None:
    gone, _ = trading.trade()
    log = LiveLog(trading.query)
    trading.shred(gone)
    found = verify_log(log, Trust(trading.verifier), keys=log.keys(*new_identity()))
    assert (found.faults, found.shredded) == ([], 5)


def test_what_was_forgotten_is_known_whatever_is_asked_for(trading: Business, tmp_path: Path) -> None:
    forget(trading)
    found = verify(trading.bundle(tmp_path / "copy"), Trust(), wanted=lambda event: event.type == "CustomerRegistered")
    assert (found.faults, found.opened, found.shredded) == ([], 1, 1)


def spoilt(copy: Copy, ending: str) -> Path:
    [path] = (copy.bundle.folder / "destroyed").glob(f"*{ending}")
    return path


@pytest.mark.parametrize("ending", [".sealed", ".tlog-proof"])
def test_evidence_that_was_changed_or_is_missing_is_a_fault(cut: tuple[Business, Copy], ending: str) -> None:
    business, copy = cut
    path = spoilt(copy, ending)
    content = bytearray(path.read_bytes())
    content[-8 if ending == ".sealed" else content.index(b"index ") - 3] ^= 1
    path.write_bytes(content)
    assert {"destruction_unproved", "key_missing"} == {
        kind for kind, _ in faults(verify(copy, Trust(business.verifier)))
    }
    path.unlink()
    assert "key_missing" in {kind for kind, _ in faults(verify(copy, Trust(business.verifier)))}


def test_evidence_that_another_log_signed_is_a_fault(cut: tuple[Business, Copy]) -> None:
    business, copy = cut
    other = Business()
    other.trade()
    forget(other)
    path = spoilt(copy, ".tlog-proof")
    path.write_text(other.access.prove(other.tenant, int(path.stem)), "utf-8")
    found: Any = verify(copy, Trust(business.verifier))
    assert "destruction_unproved" in {kind for kind, _ in faults(found)}


def test_without_evidence_nothing_is_claimed_but_that_this_copy_shows_none(cut: tuple[Business, Copy]) -> None:
    business, copy = cut
    for path in (copy.bundle.folder / "destroyed").iterdir():
        path.unlink()
    [fault] = verify(copy, Trust(business.verifier)).faults
    assert fault.kind == "key_missing"
    assert "nothing in this copy shows that it was destroyed" in fault.reason
