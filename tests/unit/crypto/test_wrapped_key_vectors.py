"""Wrapped keys: golden bytes, and forgeries."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from shared.crypto.kek import AesWrappingKey, MemoryKek, UnwrapFailed
from shared.crypto.key_store import WrappedKey
from shared.crypto.wrapping import unwrapped

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "wrapped_key.json").read_text(encoding="ascii"))
Case = dict[str, Any]


def named(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case["name"] for case in cases])


def stored(case: Case) -> WrappedKey:
    return WrappedKey(**case["fields"], wrapped=bytes.fromhex(case["wrapped"]))


def wrapping_key(case: Case) -> AesWrappingKey:
    return AesWrappingKey(case["fields"]["wrapped_by"], bytes.fromhex(case["wrapping_key"]))


@named(VECTORS["unwraps"])
def test_a_golden_key_unwraps(case: Case) -> None:
    assert stored(case).aad().decode("ascii") == case["aad"]
    assert unwrapped(stored(case), wrapping_key(case)).hex() == case["key"]


@named(VECTORS["unwraps"])
def test_wrapping_gives_the_golden_bytes(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "urandom", lambda _: bytes.fromhex(case["nonce"]))
    wrapped = wrapping_key(case).wrap(bytes.fromhex(case["key"]), case["aad"].encode("ascii"))
    assert wrapped.hex() == case["wrapped"]


@named(VECTORS["refused"])
def test_a_golden_forgery_does_not_unwrap(case: Case) -> None:
    with pytest.raises(UnwrapFailed):
        unwrapped(stored(case), wrapping_key(case))


@pytest.mark.parametrize("case", VECTORS["keks"], ids=lambda case: case["reference"])
def test_a_kek_in_a_file_has_its_golden_name(case: Case) -> None:
    assert MemoryKek.of(bytes.fromhex(case["key"])).newest().reference == case["reference"]
