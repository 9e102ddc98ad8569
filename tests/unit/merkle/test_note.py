"""Signed notes and checkpoints: golden notes, Go's own example, forgeries."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from shared.crypto.signing import SigningKey
from shared.merkle.checkpoint import (
    Checkpoint,
    CheckpointInvalid,
    origin_for,
    sign_checkpoint,
    verify_checkpoint,
)
from shared.merkle.note import NoteInvalid, NoteVerifier, sign_note, verify_note
from shared.merkle.tree import EMPTY_ROOT

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "note.json").read_text(encoding="ascii"))
VERIFIER = NoteVerifier.parse(VECTORS["verifier"])
KEY = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
GOLDEN = VECTORS["checkpoints"][0]
Case = dict[str, str]


def named(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case["name"] for case in cases])


# ---- Notes


@named(VECTORS["notes"])
def test_signing_gives_the_golden_note(case: Case) -> None:
    key = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes.fromhex(case["seed"])))
    name = case["verifier"].split("+")[0]
    assert sign_note(case["text"], name, key) == case["note"]
    assert str(NoteVerifier(name, key.public)) == case["verifier"]


@named(VECTORS["notes"])
def test_a_golden_note_verifies(case: Case) -> None:
    verifier = NoteVerifier.parse(case["verifier"])
    assert str(verifier) == case["verifier"]
    assert verify_note(case["note"], [VERIFIER, verifier]) == case["text"]


@named(VECTORS["accepted"])
def test_lines_of_unknown_signers_are_passed_over(case: Case) -> None:
    assert verify_note(case["note"], [VERIFIER]) == GOLDEN["text"]


@named(VECTORS["refused"])
def test_a_golden_forgery_is_refused(case: Case) -> None:
    with pytest.raises(NoteInvalid):
        verify_note(case["note"], [VERIFIER])


@given(data=st.data())
def test_any_changed_bit_of_a_note_is_noticed(data: st.DataObject) -> None:
    note = bytearray(GOLDEN["note"].encode())
    bit = data.draw(st.integers(0, 8 * len(note) - 1))
    note[bit // 8] ^= 1 << bit % 8
    # A bit that breaks the UTF-8 reaches us as the lone surrogates with which Python reads such bytes.
    with pytest.raises(NoteInvalid):
        verify_note(note.decode(errors="surrogateescape"), [VERIFIER])


def test_a_note_cut_anywhere_is_refused() -> None:
    note = GOLDEN["note"]
    for length in range(len(note)):
        with pytest.raises(NoteInvalid):
            verify_note(note[:length], [VERIFIER])


def test_a_note_that_nobody_is_asked_about_is_refused() -> None:
    with pytest.raises(NoteInvalid, match="known key"):
        verify_note(GOLDEN["note"], [])


def test_more_signatures_than_a_reader_should_try_are_refused() -> None:
    text, line = GOLDEN["text"], GOLDEN["note"].split("\n\n")[1]
    assert verify_note(f"{text}\n{line * 100}", [VERIFIER]) == text
    with pytest.raises(NoteInvalid, match="100"):
        verify_note(f"{text}\n{line * 101}", [VERIFIER])


@given(text=st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=60))
def test_what_is_signed_verifies(text: str) -> None:
    note = sign_note(text + "\n", VERIFIER.name, KEY)
    assert verify_note(note, [VERIFIER]) == text + "\n"


@pytest.mark.parametrize(
    "text", ["", "no newline", "tab\t\n", "escape \x1b[2J\n", "return\r\n", "\ud800\n", "nul\x00\n"]
)
def test_a_text_that_no_note_can_hold_is_not_signed(text: str) -> None:
    with pytest.raises(NoteInvalid):
        sign_note(text, "name", KEY)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n", "a\u00a0b", "a\u2028b", "\ud800"])
def test_a_name_that_no_line_can_hold_is_refused(name: str) -> None:
    with pytest.raises(NoteInvalid):
        NoteVerifier(name, KEY.public)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name",
        "name+00000000",
        VECTORS["verifier"].replace("+79", "+78"),
        VECTORS["verifier"].replace("log", "lag", 1),
        VECTORS["verifier"].replace("+79f55032+", "+79F55032+"),
        VECTORS["verifier"].replace("+AQ", "+Ag"),
        VECTORS["verifier"][:-4],
        VECTORS["verifier"] + "\n",
        VECTORS["verifier"] + "AAAA",
        "+" + VECTORS["verifier"].split("+", 1)[1],
        "two words+" + VECTORS["verifier"].split("+", 1)[1],
        "name+00000000+\u00e9",
    ],
)
def test_a_malformed_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(NoteInvalid):
        NoteVerifier.parse(text)


# ---- Checkpoints


@named(VECTORS["checkpoints"])
def test_a_golden_checkpoint_is_signed_and_read(case: dict[str, object]) -> None:
    checkpoint = Checkpoint(str(case["origin"]), int(str(case["size"])), bytes.fromhex(str(case["root"])))
    assert checkpoint.to_text() == case["text"]
    assert sign_checkpoint(checkpoint, KEY) == case["note"]
    assert verify_checkpoint(str(case["note"]), [VERIFIER], checkpoint.origin) == checkpoint


@named(VECTORS["refused_checkpoints"])
def test_a_golden_malformed_checkpoint_is_refused(case: Case) -> None:
    with pytest.raises(CheckpointInvalid):
        Checkpoint.from_text(case["text"])


@named(VECTORS["extended_checkpoints"])
def test_extension_lines_are_carried_and_mean_nothing(case: dict[str, object]) -> None:
    checkpoint = Checkpoint.from_text(str(case["text"]))
    assert list(checkpoint.extensions) == case["extensions"]
    assert checkpoint.to_text() == case["text"]
    note = sign_checkpoint(checkpoint, KEY)
    assert verify_checkpoint(note, [VERIFIER], checkpoint.origin) == checkpoint


@pytest.mark.parametrize("line", ["", "two\nlines", "\n"])
def test_an_extension_is_one_line(line: str) -> None:
    with pytest.raises(CheckpointInvalid, match="extension"):
        Checkpoint("log.example", 0, EMPTY_ROOT, (line,))


@given(size=st.integers(1, 2**63 - 1), root=st.binary(min_size=32, max_size=32))
def test_every_checkpoint_reads_back(size: int, root: bytes) -> None:
    checkpoint = Checkpoint("log.example/tallystick/t", size, root)
    assert Checkpoint.from_text(checkpoint.to_text()) == checkpoint


def test_another_logs_checkpoint_is_refused_even_when_the_key_is_the_same() -> None:
    note = sign_checkpoint(Checkpoint("log.example/tallystick/a", 0, EMPTY_ROOT), KEY)
    verifier = NoteVerifier("log.example/tallystick/a", KEY.public)
    with pytest.raises(CheckpointInvalid, match="not of"):
        verify_checkpoint(note, [verifier], "log.example/tallystick/b")


def test_the_origin_names_the_tenant() -> None:
    assert origin_for("log.example", "0198c0de") == "log.example/tallystick/0198c0de"


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [
        ("", 1, bytes(32)),
        ("a b", 1, bytes(32)),
        ("a\nb", 1, bytes(32)),
        ("a+b", 1, bytes(32)),
        ("a", -1, bytes(32)),
        ("a", 2**63, bytes(32)),
        ("a", 1, bytes(31)),
        ("a", 0, bytes(32)),
    ],
)
def test_an_impossible_checkpoint_is_refused(origin: str, size: int, root: bytes) -> None:
    with pytest.raises(CheckpointInvalid):
        Checkpoint(origin, size, root)
