"""Payloads survive being bytes, or are refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.eventstore.payload import PayloadRefused, decode_payload, encode_payload

TEXT = st.text(st.characters(exclude_categories=["Cs"]))  # Cs: halves of surrogate pairs
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda children: st.lists(children) | st.dictionaries(TEXT, children),
)


@given(st.dictionaries(TEXT, VALUES))
def test_a_payload_comes_back_as_it_was(payload: dict[str, object]) -> None:
    assert decode_payload(encode_payload(payload)) == payload


@given(st.dictionaries(TEXT, VALUES))
def test_the_order_of_keys_does_not_show(payload: dict[str, object]) -> None:
    backwards = dict(reversed(payload.items()))
    assert encode_payload(backwards) == encode_payload(payload)


def test_the_bytes_are_canonical_json() -> None:
    assert encode_payload({"b": [1, True, None], "a": "é"}) == '{"a":"é","b":[1,true,null]}'.encode()


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
    ],
)
def test_what_json_would_not_give_back_is_refused(payload: dict[str, object]) -> None:
    with pytest.raises(PayloadRefused):
        encode_payload(payload)


def test_a_refusal_does_not_show_the_value() -> None:
    with pytest.raises(PayloadRefused) as refused:
        encode_payload({"name": "Jane Doe \ud800"})
    assert "Jane" not in str(refused.value)
