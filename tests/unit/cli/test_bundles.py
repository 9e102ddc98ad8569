"""An auditor's bundle: whole copies verify, of all of a log, a part of it, or none."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cli.audit.export import ExportRefused, begin, export, part_of
from cli.audit.ledger import Ledger
from cli.audit.live import LiveLog
from cli.audit.moments import Moment
from shared.crypto.age import new_identity
from shared.eventstore.faults import Faults
from shared.eventstore.model import RecordedEvent
from shared.eventstore.trust import Trust
from shared.eventstore.verification import verify_log
from tests.audited import Business, Copy
from tests.unit.cli.conftest import DOCUMENTS, EVENTS, folding, trust, verify


def test_a_whole_copy_verifies_and_every_event_opens_and_folds(business: Business, copy: Copy) -> None:
    found = Faults()
    ledger = Ledger(found)
    pages: list[RecordedEvent] = []
    verified = verify(copy, trust(business), on_page=folding(ledger, pages), found=found)
    assert (verified.ok, verified.events, verified.opened) == (True, EVENTS, EVENTS)
    assert [event.position for event in pages] == list(range(EVENTS))
    assert (verified.signed.by_log, verified.signed.cosigned_at) == (True, 1_795_000_000)
    assert ledger.issued == {"InvoiceIssued": DOCUMENTS, "CreditNoteIssued": 0}
    assert str(ledger.sum_net) == "1755.00"


def test_a_copy_verifies_without_keys(business: Business, copy: Copy) -> None:
    found = verify_log(copy.bundle, trust(business))
    assert (found.ok, found.events, found.opened) == (True, EVENTS, 0)


def test_an_empty_log_verifies(tmp_path: Path) -> None:
    business = Business()
    assert verify(business.bundle(tmp_path / "empty"), trust(business)).ok


def test_an_empty_log_has_no_range_whose_keys_could_be_asked_for(tmp_path: Path) -> None:
    asked: list[Mapping[str, object]] = []
    business = Business()

    def query(method: str, request: Mapping[str, object]) -> Mapping[str, Any]:
        asked.append(request)
        return business.query(method, request)

    log = begin(query, tmp_path / "empty", business.note(), None, None)
    export(log, new_identity()[1], tmp_path / "empty", lambda _: None)
    assert [set(request) for request in asked] == [{"recipient"}]


def test_a_range_verifies_against_the_tree_of_the_whole_log(business: Business, tmp_path: Path) -> None:
    copy = business.bundle(tmp_path / "range", first=Moment(position=100), last=Moment(position=259))
    found = verify(copy, trust(business))
    assert (found.ok, found.events, found.opened) == (True, 160, 160)


def test_a_range_can_be_named_by_instants(business: Business, tmp_path: Path) -> None:
    first, last = Moment(instant="2026-11-22T09:10:00.000000Z"), Moment(instant="2026-11-22T09:20:30.000000Z")
    copy = business.bundle(tmp_path / "range", first=first, last=last)
    assert (copy.bundle.first, copy.bundle.last) == (9, 19)


@pytest.mark.parametrize("size", [0, 1, 100, 255, 256, 257, EVENTS])
def test_a_log_that_grew_continues_every_earlier_checkpoint(business: Business, copy: Copy, size: int) -> None:
    earlier = str(business.access.checkpoint(business.tenant, size)["note"])
    assert verify(copy, Trust(business.verifier, earlier=earlier)).ok


def test_a_shredded_customer_is_shown_as_gone_and_everything_still_verifies(tmp_path: Path) -> None:
    business = Business()
    kept, gone = business.trade()[0], business.trade()[0]
    business.shred(gone)
    found = Faults()
    ledger = Ledger(found, remember=True)
    pages: list[RecordedEvent] = []
    verified = verify(business.bundle(tmp_path / "copy"), trust(business), on_page=folding(ledger, pages), found=found)
    assert (verified.ok, verified.shredded) == (True, 5)
    assert [event.position for event in pages] == list(range(business.size))
    assert {event.position for event in pages if event.shredded} == {7, 8, 9, 11, 13}
    assert set(ledger.customers) == {kept} == {folded.customer_id for folded in ledger.invoices.values()}


def test_an_export_that_was_interrupted_goes_on_where_it_was(business: Business, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    asked: list[str] = []

    def failing(method: str, request: Mapping[str, object]) -> Mapping[str, Any]:
        asked.append(method)
        if len(asked) == 4:
            raise ConnectionError
        return business.query(method, request)

    log = begin(failing, folder, business.note(), None, None)
    with pytest.raises(ConnectionError):
        export(log, "age1", folder, lambda _: None)
    assert not folder.exists()
    before = len(asked)
    copy = business.bundle(folder)
    assert verify(copy, trust(business)).ok
    assert before == 4
    assert not part_of(folder).exists()


def test_an_export_does_not_overwrite_an_earlier_copy(business: Business, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    with pytest.raises(ExportRefused, match="exists already"):
        business.bundle(tmp_path / "copy")


def test_an_empty_range_is_refused(business: Business, tmp_path: Path) -> None:
    with pytest.raises(ExportRefused, match="no event"):
        business.bundle(tmp_path / "copy", first=Moment(position=9), last=Moment(position=8))


def test_the_running_log_verifies_like_its_copy(business: Business) -> None:
    assert verify_log(LiveLog(business.query), Trust(business.verifier)).ok
