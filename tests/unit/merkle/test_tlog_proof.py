"""Offline proofs: golden texts, and every way to bend one."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.merkle.cosignature import CosignatureVerifier, cosigned_at
from shared.merkle.note import NoteVerifier
from shared.merkle.tlog_proof import TlogProof, TlogProofInvalid

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "tlog_proof.json").read_text(encoding="ascii"))
LOG = NoteVerifier.parse(VECTORS["log"])
WITNESS = CosignatureVerifier.parse(VECTORS["witness"])
ORIGIN = VECTORS["origin"]
GOLDEN = VECTORS["proofs"][2]
Case = dict[str, Any]


def named(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case["name"] for case in cases])


@named(VECTORS["proofs"])
def test_a_golden_proof_verifies_and_is_written_the_same(case: Case) -> None:
    proof = TlogProof.from_text(case["text"])
    shown = proof.verify([LOG], ORIGIN, [WITNESS])
    assert (shown.entry.hex(), shown.position) == (case["entry"], case["index"])
    assert (shown.checkpoint.origin, shown.checkpoint.size) == (ORIGIN, case["size"])
    assert [cosigned_at(each) for each in shown.cosignatures] == [VECTORS["time"]]
    assert proof.to_text() == case["text"]


@named(VECTORS["malformed"])
def test_a_golden_malformed_proof_is_refused(case: Case) -> None:
    with pytest.raises(TlogProofInvalid):
        TlogProof.from_text(case["text"])


@named(VECTORS["refused"])
def test_a_golden_forgery_is_refused(case: Case) -> None:
    proof = TlogProof.from_text(case["text"])
    with pytest.raises(TlogProofInvalid, match=r"checkpoint|inclusion"):
        proof.verify([LOG], ORIGIN, [WITNESS])


def test_a_witness_is_reported_only_when_asked_about() -> None:
    assert TlogProof.from_text(GOLDEN["text"]).verify([LOG], ORIGIN).cosignatures == ()


def test_a_witness_cannot_stand_in_for_the_log() -> None:
    with pytest.raises(TlogProofInvalid, match="not signed"):
        TlogProof.from_text(GOLDEN["text"]).verify([], ORIGIN, [WITNESS])


def test_a_proof_about_another_log_is_refused() -> None:
    with pytest.raises(TlogProofInvalid, match="not of"):
        TlogProof.from_text(GOLDEN["text"]).verify([LOG], "log.example/another")


def test_a_text_longer_than_any_proof_is_refused_unread() -> None:
    with pytest.raises(TlogProofInvalid, match="longer"):
        TlogProof.from_text(GOLDEN["text"] + "x" * (1 << 20))


def test_a_proof_cut_anywhere_is_refused_unless_only_the_witness_is_missing() -> None:
    text = GOLDEN["text"]
    unwitnessed = text.rindex("\u2014")
    assert TlogProof.from_text(text[:unwitnessed]).verify([LOG], ORIGIN, [WITNESS]).cosignatures == ()
    for length in set(range(len(text))) - {unwitnessed}:
        with pytest.raises(TlogProofInvalid):
            TlogProof.from_text(text[:length]).verify([LOG], ORIGIN, [WITNESS])


@given(data=st.data())
def test_any_changed_bit_of_a_proof_is_noticed(data: st.DataObject) -> None:
    text = bytearray(GOLDEN["text"].encode())
    bit = data.draw(st.integers(0, 8 * len(text) - 1))
    text[bit // 8] ^= 1 << bit % 8
    try:
        shown = TlogProof.from_text(text.decode(errors="surrogateescape")).verify([LOG], ORIGIN, [WITNESS])
    except TlogProofInvalid:
        return
    # What a changed bit can do at most: make the witness's line a stranger's.
    assert (shown.entry.hex(), shown.position, shown.cosignatures) == (GOLDEN["entry"], GOLDEN["index"], ())


@given(text=st.text(max_size=300) | st.binary(max_size=300).map(lambda data: data.decode(errors="surrogateescape")))
def test_whatever_is_no_proof_is_refused_as_such(text: str) -> None:
    for attempt in (text, f"c2sp.org/tlog-proof@v1\n{text}", GOLDEN["text"] + text):
        if attempt != GOLDEN["text"]:
            with pytest.raises(TlogProofInvalid):
                TlogProof.from_text(attempt).verify([LOG], ORIGIN, [WITNESS])
