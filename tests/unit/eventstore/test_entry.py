"""The log entry: bytes that outlive the code."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from shared.eventstore.entry import entry_aad, entry_and_aad, log_entry
from shared.eventstore.model import SealedEvent
from shared.eventstore.store import EntryRefused
from shared.merkle.tree import leaf_hash
from tests.sealed_events import sealed_event

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "log_entry.json").read_text("utf-8"))
EVENT = sealed_event("019aa0e5-1111-7000-8000-000000000001", "invoice-1", 1)


def event_of(case: dict[str, object]) -> SealedEvent:
    values = dict(case["event"])  # type: ignore[call-overload]
    return SealedEvent(**values | {"sealed": bytes.fromhex(values["sealed"])})


@pytest.mark.parametrize("case", VECTORS["entries"], ids=lambda case: case["name"])
def test_the_entry_is_the_golden_bytes(case: dict[str, str]) -> None:
    event = event_of(case)  # type: ignore[arg-type]
    assert log_entry(event).decode("ascii") == case["entry"]
    assert entry_aad(event).decode("ascii") == case["aad"]
    assert entry_and_aad(event) == (log_entry(event), entry_aad(event))
    assert leaf_hash(log_entry(event)).hex() == case["leaf_hash"]


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["name"])
def test_what_is_not_canonical_is_refused(case: dict[str, object]) -> None:
    event = event_of(case)
    for render in (log_entry, entry_aad):
        with pytest.raises(EntryRefused):
            render(event)


def test_a_refusal_names_the_field_and_not_the_value() -> None:
    with pytest.raises(EntryRefused) as refused:
        log_entry(structs.replace(EVENT, stream="invoice-Jane Doe"))
    assert str(refused.value) == "not canonical: stream"


@pytest.mark.parametrize("separator", ["\n", '","digest":"'])
def test_a_field_cannot_pass_for_two(separator: str) -> None:
    with pytest.raises(EntryRefused) as refused:
        log_entry(structs.replace(EVENT, at=f"{EVENT.at}{separator}{'0' * 64}"))
    assert str(refused.value) == "not canonical: at"


@pytest.mark.parametrize("field", ["at", "id", "key", "stream", "type"])
@pytest.mark.parametrize("character", ['"', "\\"])
def test_no_field_has_a_character_that_an_array_would_take_for_its_own(field: str, character: str) -> None:
    value = getattr(EVENT, field)
    for spoilt in (value + character, value[:-1] + character, character + value):
        with pytest.raises(EntryRefused):
            log_entry(structs.replace(EVENT, **{field: spoilt}))


def test_a_refusal_names_every_field_that_is_wrong() -> None:
    with pytest.raises(EntryRefused) as refused:
        log_entry(structs.replace(EVENT, at="2026-13-01T00:00:00.000000Z", digest="", schema=2**31, version=0, id="1"))
    assert str(refused.value) == "not canonical: at, digest, id, schema, version"


def test_the_associated_data_is_the_entry_without_the_payload() -> None:
    entry, aad = json.loads(log_entry(EVENT)), json.loads(entry_aad(EVENT))
    assert entry.pop("sealed")
    assert entry == aad


@given(st.text(max_size=140))
def test_a_stream_is_refused_or_needs_no_escape_in_json(stream: str) -> None:
    try:
        entry = log_entry(structs.replace(EVENT, stream=stream))
    except EntryRefused:
        return
    assert f'"stream":"{stream}"'.encode("ascii") in entry
    assert json.loads(entry)["stream"] == stream


@given(st.binary())
def test_another_payload_is_another_entry(payload: bytes) -> None:
    same = payload == EVENT.sealed
    assert (log_entry(structs.replace(EVENT, sealed=payload)) == log_entry(EVENT)) is same
