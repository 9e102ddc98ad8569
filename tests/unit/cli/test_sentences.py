"""History as a person reads it."""

import pytest

from cli.audit.sentences import author, deed, sentence
from services.auth.codec import EVENT_SCHEMAS
from services.invoices.codec import SCHEMAS
from shared.eventstore.model import Author, RecordedEvent, SealedEvent, recorded, shredded
from tests.sealed_events import sealed_event


def bare(kind: str) -> SealedEvent:
    return sealed_event("019aa0e5-0000-7000-8000-00000000000b", "thing-1", 1, type=kind)


def event(kind: str, payload: dict[str, object]) -> RecordedEvent:
    return recorded(bare(kind), 7, payload, None)


class Anything(dict[str, object]):
    """A payload in which every field is there."""

    def __missing__(self, key: str) -> object:
        kinds = {"document_type": "invoice", "lines": [], "approvals": [], "index": 0}
        return kinds.get(key, Anything())


@pytest.mark.parametrize("kind", [*EVENT_SCHEMAS, *SCHEMAS])
def test_every_event_that_a_service_writes_has_a_sentence_of_its_own(kind: str) -> None:
    assert not deed(event(kind, Anything())).startswith("recorded ")


@pytest.mark.parametrize("kind", [*EVENT_SCHEMAS, *SCHEMAS, "SomethingNew"])
def test_an_event_with_other_content_than_expected_is_told_all_the_same(kind: str) -> None:
    assert sentence(event(kind, {"surprise": ["x"]})).startswith("       7  2026-11-22 09:00:00.000 UTC  nobody named ")


def test_an_event_whose_key_is_gone_is_told_as_such() -> None:
    gone = shredded(bare("InvoiceDrafted"), 7)
    assert sentence(gone).endswith("InvoiceDrafted of thing-1: cannot be read, its key is gone")


def test_who_is_told_with_factors_and_source_as_far_as_they_are_known() -> None:
    assert author(Author("service", "notifier")) == "service notifier"
    assert author(Author("anonymous", source="kiosk")) == "somebody not yet known (from kiosk)"
    assert author(Author("person", "u", ("pwd", "xyz"))) == "user u (with password and xyz)"


def test_a_name_with_line_feeds_cannot_pose_as_another_event() -> None:
    told = sentence(event("TenantCreated", {"name": "x\n       8  2026-11-22\x1b[2J\u202e"}))
    assert "\n" not in told
    assert "\\u000a" in told
    assert "\\u001b" in told
    assert "\\u202e" in told


@pytest.mark.parametrize(("said", "end"), [({}, "VAT 0.25)"), ({"mailed": False}, ", to be mailed to nobody")])
def test_a_document_that_was_imported_without_mail_is_told_as_such(said: dict[str, object], end: str) -> None:
    totals = {"payable": "5.25", "net": "5.00", "vat": "0.25"}
    issued = {"number": "INV-1", "currency": "EUR", "totals": totals, "customer": {"name": "Zoë"}, **said}
    assert deed(event("InvoiceIssued", issued)).endswith(end)
