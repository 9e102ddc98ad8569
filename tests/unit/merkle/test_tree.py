"""The Merkle tree: published roots and proofs, and attacks on proofs."""

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.merkle.tree import (
    EMPTY_ROOT,
    Frontier,
    ProofInvalid,
    complete_root,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_hash,
    verify_consistency,
    verify_inclusion,
)

FOLDER = Path(__file__).parents[2] / "vectors"
VECTORS = json.loads((FOLDER / "tree.json").read_text(encoding="ascii"))
PUBLISHED = json.loads((FOLDER / "rfc6962_proofs.json").read_text(encoding="ascii"))
Case = dict[str, Any]

# Their case compares placeholders that are no hashes; a hash that is not 32 bytes is refused here.
STRICTER = {"consistency/additional/sizes-are-equal-one-and-proof-is-empty.json"}

EIGHT = [leaf_hash(bytes.fromhex(entry)) for entry in VECTORS["entries"]]
LEAVES = [leaf_hash(number.to_bytes(2, "big")) for number in range(130)]
ROOTS = [root_hash(LEAVES[:size]) for size in range(len(LEAVES) + 1)]
sizes = st.integers(1, len(LEAVES))


@st.composite
def places(draw: st.DrawFn) -> tuple[int, int]:
    """Draw a leaf's index and the size of a tree that holds it."""
    size = draw(sizes)
    return draw(st.integers(0, size - 1)), size


@st.composite
def histories(draw: st.DrawFn, smallest: int = 0) -> tuple[int, int]:
    """Draw an older and a younger size of one log."""
    second = draw(st.integers(smallest, len(LEAVES)))
    return draw(st.integers(smallest, second)), second


def flipped(value: bytes, bit: int) -> bytes:
    return (int.from_bytes(value, "big") ^ 1 << bit).to_bytes(len(value), "big")


def nodes(case: Case) -> list[bytes]:
    return [bytes.fromhex(node) for node in case["proof"]]


# ---- Published


def test_the_empty_tree_has_the_root_of_nothing() -> None:
    assert hashlib.sha256(b"").digest() == EMPTY_ROOT == root_hash([]) == Frontier().root()


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    assert root_hash(EIGHT[:size]).hex() == VECTORS["roots"][size]


def test_inclusion_proofs_are_golden() -> None:
    for case in VECTORS["inclusion"]:
        assert inclusion_proof(EIGHT, case["index"], case["size"]) == nodes(case)


def test_consistency_proofs_are_golden() -> None:
    for case in VECTORS["consistency"]:
        assert consistency_proof(EIGHT, case["first"], case["second"]) == nodes(case)


def judged(case: Case, verify: Callable[..., None], *names: str) -> None:
    """Verify a published case: numbers as they are, hashes from base64 (null is no bytes)."""
    values = [case[name] if isinstance(case[name], int) else base64.b64decode(case[name] or "") for name in names]
    proof = [base64.b64decode(node or "") for node in case["proof"]]
    if case["refused"] or case["source"] in STRICTER:
        with pytest.raises(ProofInvalid):
            verify(*values, proof=proof)
    else:
        verify(*values, proof=proof)


@pytest.mark.parametrize("case", PUBLISHED["inclusion"], ids=lambda case: case["source"])
def test_a_published_inclusion_proof_is_judged_as_published(case: Case) -> None:
    def verify(leaf: bytes, index: int, size: int, root: bytes, *, proof: list[bytes]) -> None:
        verify_inclusion(leaf, index, size, proof, root)

    judged(case, verify, "leaf_hash", "index", "size", "root")


@pytest.mark.parametrize("case", PUBLISHED["consistency"], ids=lambda case: case["source"])
def test_a_published_consistency_proof_is_judged_as_published(case: Case) -> None:
    judged(case, verify_consistency, "first", "first_root", "second", "second_root")


# ---- The tree grows


@given(entries=st.lists(st.binary(max_size=8), max_size=40))
def test_the_frontier_grows_to_the_recursive_root(entries: list[bytes]) -> None:
    def defined(part: list[bytes]) -> bytes:
        if len(part) == 1:
            return hashlib.sha256(b"\x00" + part[0]).digest()
        split = max(1 << power for power in range(6) if 1 << power < len(part))
        return hashlib.sha256(b"\x01" + defined(part[:split]) + defined(part[split:])).digest()

    assert root_hash([leaf_hash(entry) for entry in entries]) == (defined(entries) if entries else EMPTY_ROOT)


@pytest.mark.parametrize("size", [1, 2, 4, 64, 128])
def test_a_complete_tree_has_the_same_root_row_by_row(size: int) -> None:
    assert complete_root(b"".join(LEAVES[:size])) == ROOTS[size]


@pytest.mark.parametrize("length", [0, 31, 3 * 32, 4 * 32 + 1])
def test_leaves_that_make_no_complete_tree_are_refused(length: int) -> None:
    with pytest.raises(ValueError, match="complete tree"):
        complete_root(bytes(length))


@given(size=sizes)
def test_a_frontier_that_was_stored_goes_on_growing(size: int) -> None:
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier = Frontier(frontier.size, frontier.subtrees).push(leaf)
    assert frontier.size == size
    assert len(frontier.subtrees) == size.bit_count()
    assert frontier.root() == ROOTS[size]


def test_pushing_leaves_the_old_frontier_alone() -> None:
    old = Frontier().push(LEAVES[0])
    old.push(LEAVES[1])
    assert old.root() == LEAVES[0]


@pytest.mark.parametrize(
    ("size", "subtrees"), [(-1, ()), (0, (bytes(32),)), (1, ()), (3, (bytes(32),)), (4, (bytes(32),) * 2)]
)
def test_a_frontier_with_another_number_of_subtrees_is_refused(size: int, subtrees: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="subtrees"):
        Frontier(size, subtrees)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_leaf_that_is_no_hash_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Frontier().push(bytes(length))
    with pytest.raises(ValueError, match="32 bytes"):
        Frontier(1, (bytes(32),)).push(bytes(length))


def test_a_node_cannot_be_passed_off_as_a_leaf() -> None:
    assert leaf_hash(LEAVES[0] + LEAVES[1]) != node_hash(LEAVES[0], LEAVES[1])


# ---- Inclusion


@given(place=places())
def test_every_inclusion_proof_verifies(place: tuple[int, int]) -> None:
    index, size = place
    verify_inclusion(LEAVES[index], index, size, inclusion_proof(LEAVES, index, size), ROOTS[size])


@given(place=places(), data=st.data())
def test_any_changed_bit_of_an_inclusion_proof_is_noticed(place: tuple[int, int], data: st.DataObject) -> None:
    index, size = place
    hashes = [LEAVES[index], ROOTS[size], *inclusion_proof(LEAVES, index, size)]
    changed = data.draw(st.integers(0, len(hashes) - 1))
    hashes[changed] = flipped(hashes[changed], data.draw(st.integers(0, 255)))
    leaf, root, *proof = hashes
    with pytest.raises(ProofInvalid):
        verify_inclusion(leaf, index, size, proof, root)


@given(place=places(), other=st.integers(-1, len(LEAVES) + 1))
def test_a_leaf_is_proved_at_its_own_index_only(place: tuple[int, int], other: int) -> None:
    index, size = place
    assume(other != index)
    with pytest.raises(ProofInvalid):
        verify_inclusion(LEAVES[index], other, size, inclusion_proof(LEAVES, index, size), ROOTS[size])


@given(place=places(), extra=st.binary(min_size=32, max_size=32))
def test_an_inclusion_proof_of_another_length_is_refused(place: tuple[int, int], extra: bytes) -> None:
    index, size = place
    proof = inclusion_proof(LEAVES, index, size)
    for wrong in ([*proof, extra], [extra, *proof], *([proof[:-1], proof[1:]] if proof else [])):
        with pytest.raises(ProofInvalid):
            verify_inclusion(LEAVES[index], index, size, wrong, ROOTS[size])


@pytest.mark.parametrize("length", [0, 31, 33])
def test_hashes_in_an_inclusion_proof_are_32_bytes(length: int) -> None:
    odd = bytes(length)
    for leaf, proof, root in (
        (odd, [bytes(32)], bytes(32)),
        (bytes(32), [odd], bytes(32)),
        (bytes(32), [bytes(32)], odd),
    ):
        with pytest.raises(ProofInvalid, match="32 bytes"):
            verify_inclusion(leaf, 0, 2, proof, root)


def test_a_proof_that_climbs_above_the_root_is_refused_even_when_the_hashes_fit() -> None:
    left, right = LEAVES[:2]
    with pytest.raises(ProofInvalid, match="too long"):
        verify_inclusion(right, 0, 1, [left], node_hash(left, right))
    with pytest.raises(ProofInvalid, match="too long"):
        verify_consistency(3, node_hash(left, right), 4, node_hash(left, right), [right, left, left, left])


def test_the_empty_tree_includes_nothing() -> None:
    with pytest.raises(ProofInvalid):
        verify_inclusion(EMPTY_ROOT, 0, 0, [], EMPTY_ROOT)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 1), (0, len(LEAVES) + 1)])
def test_no_inclusion_proof_is_made_for_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match=r"no leaf|no tree"):
        inclusion_proof(LEAVES, index, size)


# ---- Consistency


@given(history=histories())
def test_every_consistency_proof_verifies(history: tuple[int, int]) -> None:
    first, second = history
    verify_consistency(first, ROOTS[first], second, ROOTS[second], consistency_proof(LEAVES, first, second))


@given(history=histories(), data=st.data())
def test_any_changed_bit_of_a_consistency_proof_is_noticed(history: tuple[int, int], data: st.DataObject) -> None:
    first, second = history
    hashes = [ROOTS[first], ROOTS[second], *consistency_proof(LEAVES, first, second)]
    # Every tree continues the empty one, whatever its root: only the empty root itself can be wrong then.
    last = 0 if first == 0 < second else len(hashes) - 1
    changed = data.draw(st.integers(0, last))
    hashes[changed] = flipped(hashes[changed], data.draw(st.integers(0, 255)))
    first_root, second_root, *proof = hashes
    with pytest.raises(ProofInvalid):
        verify_consistency(first, first_root, second, second_root, proof)


@given(history=histories(), extra=st.binary(min_size=32, max_size=32))
def test_a_consistency_proof_of_another_length_is_refused(history: tuple[int, int], extra: bytes) -> None:
    first, second = history
    proof = consistency_proof(LEAVES, first, second)
    for wrong in ([*proof, extra], [extra, *proof], *([proof[:-1], proof[1:]] if proof else [])):
        with pytest.raises(ProofInvalid):
            verify_consistency(first, ROOTS[first], second, ROOTS[second], wrong)


@given(history=histories(smallest=1), data=st.data())
def test_a_rewritten_history_is_not_consistent(history: tuple[int, int], data: st.DataObject) -> None:
    first, second = history
    rewritten = list(LEAVES[:second])
    changed = data.draw(st.integers(0, first - 1))
    rewritten[changed] = flipped(rewritten[changed], data.draw(st.integers(0, 255)))
    proof = consistency_proof(rewritten, first, second)
    with pytest.raises(ProofInvalid):
        verify_consistency(first, ROOTS[first], second, root_hash(rewritten), proof)


def test_a_log_does_not_shrink() -> None:
    with pytest.raises(ProofInvalid, match="continue"):
        verify_consistency(3, ROOTS[3], 2, ROOTS[2], [])
    with pytest.raises(ProofInvalid, match="continue"):
        verify_consistency(-1, ROOTS[1], 2, ROOTS[2], [])


def test_every_tree_continues_the_empty_one() -> None:
    verify_consistency(0, EMPTY_ROOT, 5, ROOTS[5], [])
    verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])


def test_a_tree_of_size_zero_has_the_empty_root() -> None:
    with pytest.raises(ProofInvalid):
        verify_consistency(0, ROOTS[1], 5, ROOTS[5], [])
    with pytest.raises(ProofInvalid):
        verify_consistency(0, ROOTS[1], 0, ROOTS[1], [])
    with pytest.raises(ProofInvalid):
        verify_consistency(0, EMPTY_ROOT, 5, ROOTS[5], [ROOTS[5]])


@pytest.mark.parametrize(("first", "second"), [(-1, 2), (3, 2), (1, len(LEAVES) + 1)])
def test_no_consistency_proof_is_made_for_trees_that_are_not_there(first: int, second: int) -> None:
    with pytest.raises(ValueError, match=r"no tree|continue"):
        consistency_proof(LEAVES, first, second)
