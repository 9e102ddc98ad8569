"""Cosignatures of witnesses: golden lines and forgeries."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from shared.crypto.signing import SigningKey
from shared.merkle.cosignature import CosignatureVerifier, cosign, cosigned_at, parse_verifier
from shared.merkle.note import NoteInvalid, NoteVerifier, open_note, verify_note

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "cosignature.json").read_text(encoding="ascii"))
LOG = NoteVerifier.parse(VECTORS["log"])
WITNESS = CosignatureVerifier.parse(VECTORS["witness"])
OTHER = CosignatureVerifier.parse(VECTORS["other_witness"])
KEY = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(VECTORS["witness_seed"])))
Case = dict[str, str]


def named(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case["name"] for case in cases])


def test_cosigning_gives_the_golden_line() -> None:
    signature = cosign(VECTORS["text"], WITNESS.name, KEY, VECTORS["time"])
    assert signature.line == VECTORS["line"]
    assert cosigned_at(signature) == VECTORS["time"]
    assert str(WITNESS) == VECTORS["witness"]


def test_a_golden_note_says_who_signed_and_when() -> None:
    note = open_note(VECTORS["note"], [OTHER, WITNESS, LOG])
    assert [each.verifier for each in note.signatures] == [LOG, WITNESS]
    signature = note.by(WITNESS)
    assert signature is not None
    assert cosigned_at(signature) == VECTORS["time"]
    assert note.by(OTHER) is None
    assert str(note) == VECTORS["note"]


def test_lines_that_were_not_asked_about_are_not_written_again() -> None:
    assert VECTORS["line"] not in str(open_note(VECTORS["note"], [LOG]))


@named(VECTORS["accepted"])
def test_a_cosignature_stands_beside_any_others(case: Case) -> None:
    note = open_note(case["note"], [LOG, WITNESS])
    assert note.text == VECTORS["text"]
    assert {each.verifier for each in note.signatures} == {LOG, WITNESS}


@named(VECTORS["refused"])
def test_a_golden_forgery_is_refused_though_the_log_signed(case: Case) -> None:
    assert verify_note(case["note"], [LOG]) == VECTORS["text"]
    with pytest.raises(NoteInvalid, match=r"witness\.example"):
        open_note(case["note"], [LOG, WITNESS])


@named(VECTORS["unsigned"])
def test_what_is_not_this_witnesss_cosignature_does_not_count_as_one(case: Case) -> None:
    assert open_note(case["note"], [LOG, WITNESS]).by(WITNESS) is None
    with pytest.raises(NoteInvalid, match="known key"):
        verify_note(case["note"], [WITNESS])


@pytest.mark.parametrize("text", VECTORS["refused_keys"])
def test_a_malformed_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(NoteInvalid):
        CosignatureVerifier.parse(text)


def test_both_kinds_of_verifier_key_are_told_apart() -> None:
    assert parse_verifier(VECTORS["log"]) == LOG
    assert parse_verifier(VECTORS["witness"]) == WITNESS
    with pytest.raises(NoteInvalid):
        parse_verifier(VECTORS["witness"][:-4])
    with pytest.raises(NoteInvalid):
        NoteVerifier.parse(VECTORS["witness"])


@given(data=st.data())
def test_any_changed_bit_of_a_cosigned_note_is_noticed(data: st.DataObject) -> None:
    note = bytearray(VECTORS["note"].encode())
    bit = data.draw(st.integers(0, 8 * len(note) - 1))
    note[bit // 8] ^= 1 << bit % 8
    try:
        opened = open_note(note.decode(errors="surrogateescape"), [LOG, WITNESS])
    except NoteInvalid:
        return
    # A changed name or key id makes one line a stranger's; the other one still speaks, and for the same text.
    assert opened.text == VECTORS["text"]
    assert len(opened.signatures) == 1


@given(moment=st.integers(1, 2**63 - 1))
def test_what_is_cosigned_verifies(moment: int) -> None:
    signature = cosign(VECTORS["text"], WITNESS.name, KEY, moment)
    WITNESS.verify(VECTORS["text"], signature.signature)
    assert cosigned_at(signature) == moment


@pytest.mark.parametrize("moment", [-1, 0, 2**63])
def test_nothing_is_cosigned_at_no_time(moment: int) -> None:
    with pytest.raises(ValueError, match="time"):
        cosign(VECTORS["text"], WITNESS.name, KEY, moment)


def test_a_plain_signature_has_no_time() -> None:
    signature = open_note(VECTORS["note"], [LOG]).signatures[0]
    with pytest.raises(TypeError):
        cosigned_at(signature)


def test_a_text_that_no_note_can_hold_is_not_cosigned() -> None:
    with pytest.raises(NoteInvalid):
        cosign("no newline", WITNESS.name, KEY, 1)
