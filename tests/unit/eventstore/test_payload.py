"""Payloads survive being bytes, or are refused."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.eventstore.model import Author
from shared.eventstore.payload import PayloadRefused, decode_content, encode_content, encode_payload

TEXT = st.text(st.characters(exclude_categories=["Cs"]))  # Cs: halves of surrogate pairs
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda children: st.lists(children) | st.dictionaries(TEXT, children),
)


@given(st.dictionaries(TEXT, VALUES))
def test_a_payload_comes_back_as_it_was(payload: dict[str, object]) -> None:
    assert json.loads(encode_payload(payload)) == payload


@given(st.dictionaries(TEXT, VALUES))
def test_the_order_of_keys_does_not_show(payload: dict[str, object]) -> None:
    backwards = dict(reversed(payload.items()))
    assert encode_payload(backwards) == encode_payload(payload)


def test_the_bytes_are_canonical_json() -> None:
    assert encode_payload({"b": [1, True, None], "a": "é"}) == '{"a":"é","b":[1,true,null]}'.encode()


@given(
    st.dictionaries(TEXT, VALUES),
    st.none()
    | st.builds(
        Author,
        st.sampled_from(["person", "service", "anonymous"]),
        TEXT,
        st.lists(TEXT).map(tuple),
        st.none() | TEXT.filter(bool),
        st.none() | TEXT.filter(bool),
    ),
)
def test_data_and_author_come_back_as_they_were(data: dict[str, object], by: Author | None) -> None:
    assert decode_content(encode_content(data, by)) == (data, by)


def test_the_sealed_object_is_canonical_and_leaves_out_what_is_absent() -> None:
    by = Author("person", "u-1", ("pwd", "otp"), "s-1", "laptop")
    assert encode_content({"n": 1}, by) == (
        b'{"by":{"factors":["pwd","otp"],"id":"u-1","kind":"person","session":"s-1","source":"laptop"},"data":{"n":1}}'
    )
    assert encode_content({"n": 1}, Author("anonymous")) == b'{"by":{"kind":"anonymous"},"data":{"n":1}}'
    assert encode_content({"n": 1}, None) == b'{"data":{"n":1}}'


@pytest.mark.parametrize(
    "sealed",
    [
        b"",
        b"{}",
        b"[]",
        b'{"data":[]}',
        b'{"data":{},"more":1}',
        b'{"data":{},"by":{"kind":"god"}}',
        b'{"data":{"n":NaN}}',
        b"\xff",
    ],
)
def test_what_is_not_an_author_and_data_is_refused(sealed: bytes) -> None:
    with pytest.raises(PayloadRefused):
        decode_content(sealed)


@pytest.mark.parametrize(
    "payload",
    [
        {"amount": 1.5},
        {"amount": Decimal("1.5")},
        {"lines": [{"amount": float("nan")}]},
        {"lines": ("a", "b")},
        {"address": {1: "a"}},
        {"name": "\ud800"},
        {"key": b"bytes"},
        {"kind": StrEnum("Kind", ["DRAFT"]).DRAFT},  # type: ignore[attr-defined]  # made on the spot
        {"at": datetime(2026, 11, 22, tzinfo=UTC)},
    ],
)
def test_what_json_would_not_give_back_is_refused(payload: dict[str, object]) -> None:
    with pytest.raises(PayloadRefused):
        encode_payload(payload)


def test_a_refusal_does_not_show_the_value() -> None:
    with pytest.raises(PayloadRefused) as refused:
        encode_payload({"name": "Jane Doe \ud800"})
    assert "Jane" not in str(refused.value)
