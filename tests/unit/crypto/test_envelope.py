"""The sealed payload: golden bytes, and attacks on them."""

import json
import os
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.crypto.envelope import Opener, SealBroken, blind_index, derive_key, open_sealed, seal, seal_deterministic

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "envelope.json").read_text(encoding="ascii"))
DEK = bytes(range(32))
AAD = b'{"stream":"invoice-1","version":2}'
Case = dict[str, Any]

keys = st.binary(min_size=32, max_size=32)


def named(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case["name"] for case in cases])


@named(VECTORS["opens"])
def test_a_golden_payload_opens(case: Case) -> None:
    dek, sealed, aad = (bytes.fromhex(case[name]) for name in ("dek", "sealed", "aad"))
    opener = Opener(dek)
    assert open_sealed(dek, sealed, aad).hex() == case["plaintext"]
    assert [opener.open(sealed, aad).hex() for _ in range(2)] == [case["plaintext"]] * 2


@named(VECTORS["opens"])
def test_sealing_gives_the_golden_bytes(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "urandom", lambda count: bytes.fromhex(case["salt"])[:count])
    sealed = seal(bytes.fromhex(case["dek"]), bytes.fromhex(case["plaintext"]), bytes.fromhex(case["aad"]))
    assert sealed.hex() == case["sealed"]


@named(VECTORS["opens"])
def test_deterministic_sealing_gives_the_golden_bytes(case: Case) -> None:
    dek, plaintext, aad = (bytes.fromhex(case[name]) for name in ("dek", "plaintext", "aad"))
    sealed = seal_deterministic(dek, plaintext, aad)
    assert sealed.hex() == case["sealed_deterministic"]
    assert open_sealed(dek, sealed, aad) == plaintext


@named(VECTORS["refused"])
def test_a_golden_forgery_does_not_open(case: Case) -> None:
    dek, sealed, aad = (bytes.fromhex(case[name]) for name in ("dek", "sealed", "aad"))
    with pytest.raises(SealBroken):
        open_sealed(dek, sealed, aad)
    with pytest.raises(SealBroken):
        Opener(dek).open(sealed, aad)


@pytest.mark.parametrize("case", VECTORS["derived"])
def test_derived_keys_are_golden(case: Case) -> None:
    assert derive_key(bytes.fromhex(case["key"]), case["purpose"].encode()).hex() == case["derived"]


@pytest.mark.parametrize("case", VECTORS["blind_index"])
def test_blind_indexes_are_golden(case: Case) -> None:
    assert blind_index(bytes.fromhex(case["key"]), case["context"], case["value"]).hex() == case["index"]


@given(dek=keys, plaintext=st.binary(max_size=300), aad=st.binary(max_size=100))
def test_what_is_sealed_opens_in_its_place(dek: bytes, plaintext: bytes, aad: bytes) -> None:
    assert open_sealed(dek, seal(dek, plaintext, aad), aad) == plaintext
    assert open_sealed(dek, seal_deterministic(dek, plaintext, aad), aad) == plaintext


@given(plaintext=st.binary(max_size=40), data=st.data())
def test_any_changed_bit_breaks_the_seal(plaintext: bytes, data: st.DataObject) -> None:
    sealed = bytearray(seal(DEK, plaintext, AAD))
    bit = data.draw(st.integers(0, 8 * len(sealed) - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealBroken):
        open_sealed(DEK, bytes(sealed), AAD)


def test_a_payload_cut_anywhere_does_not_open() -> None:
    sealed = seal(DEK, b"payable 119.00", AAD)
    for length in range(len(sealed)):
        with pytest.raises(SealBroken):
            open_sealed(DEK, sealed[:length], AAD)


@given(aad=st.binary(max_size=60).filter(lambda aad: aad != AAD))
def test_a_payload_moved_to_another_place_does_not_open(aad: bytes) -> None:
    with pytest.raises(SealBroken):
        open_sealed(DEK, seal(DEK, b"payable 119.00", AAD), aad)


@given(other=keys.filter(lambda key: key != DEK))
def test_another_key_does_not_open(other: bytes) -> None:
    with pytest.raises(SealBroken):
        open_sealed(other, seal(DEK, b"payable 119.00", AAD), AAD)


def test_every_failure_looks_the_same() -> None:
    sealed = seal(DEK, b"payable 119.00", AAD)
    forgeries = [(bytes(32), sealed, AAD), (DEK, sealed, b""), (DEK, sealed[:-1], AAD), (DEK, b"", AAD)]
    messages = set()
    for forgery, way in product(forgeries, (open_sealed, lambda dek, sealed, aad: Opener(dek).open(sealed, aad))):
        with pytest.raises(SealBroken) as refused:
            way(*forgery)
        messages.add(str(refused.value))
        assert refused.value.__cause__ is None
        assert refused.value.__suppress_context__ or refused.value.__context__ is None
    assert len(messages) == 1


def test_a_broken_seal_says_where_it_was() -> None:
    assert str(SealBroken("the event at position 7")) == "the seal of the event at position 7 is broken"


def test_sealing_twice_never_gives_the_same_bytes() -> None:
    assert len({seal(DEK, b"same", AAD) for _ in range(64)}) == 64


def test_deterministic_sealing_tells_rows_apart() -> None:
    # Each pair has the same bytes in another split, or differs in one part: no two may share a salt.
    rows = [(b"ab", b"c"), (b"a", b"bc"), (b"", b"abc"), (b"abc", b""), (b"ab", b"d"), (b"bb", b"c")]
    salts = {seal_deterministic(DEK, plaintext, aad)[1:33] for aad, plaintext in rows}
    assert len(salts) == len(rows)


def test_blind_indexes_of_two_columns_do_not_match() -> None:
    assert blind_index(DEK, "users.email", "a") != blind_index(DEK, "customers.email", "a")
    assert blind_index(DEK, "ab", "c") != blind_index(DEK, "a", "bc")
    assert len(blind_index(DEK, "users.email", "a")) == 16


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_key_of_another_length_is_a_mistake(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        seal(bytes(length), b"", b"")
    with pytest.raises(ValueError, match="32 bytes"):
        blind_index(bytes(length), "", "")
    with pytest.raises(ValueError, match="32 bytes"):
        Opener(bytes(length))
