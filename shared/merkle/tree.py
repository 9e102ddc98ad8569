"""The Merkle tree of RFC 6962: hashes, proofs, and their verification as in RFC 9162.

A leaf's index is the event's position. Leaves and inner nodes are hashed with different prefixes, so that no leaf can
be passed off as a node (second preimage).
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


class ProofInvalid(Exception):
    """A proof that does not lead to the root it should."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the 32-byte hash of one log entry: H(00 | entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the 32-byte hash of an inner node: H(01 | left | right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that is needed to go on growing a tree: its size and the roots of its complete subtrees, largest first.

    There is one subtree for every 1 in the binary digits of `size`. Raises ValueError when they do not match.
    """

    size: int = 0
    subtrees: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or self.size.bit_count() != len(self.subtrees):
            raise ValueError(f"{len(self.subtrees)} subtrees do not make a tree of size {self.size}")
        if any(len(subtree) != HASH_BYTES for subtree in self.subtrees):
            raise ValueError(f"a hash is {HASH_BYTES} bytes")

    def push(self, leaf: bytes) -> "Frontier":
        """Return the frontier with one more leaf hash at the end; ValueError when it is not 32 bytes."""
        subtrees = list(self.subtrees)
        _push(subtrees, self.size, leaf)
        return Frontier(self.size + 1, tuple(subtrees))

    def root(self) -> bytes:
        """Return the 32-byte root of the whole tree."""
        return _join(self.subtrees)


def root_hash(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes in order (RFC 6962 section 2.1), in constant memory."""
    subtrees: list[bytes] = []
    for size, leaf in enumerate(leaf_hashes):
        _push(subtrees, size, leaf)
    return _join(subtrees)


def complete_root(leaf_hashes: bytes) -> bytes:
    """Return the root over leaf hashes that stand one after the other and are a power of two in number.

    The same as `root_hash`, row by row instead of leaf by leaf, in two thirds of the time. Raises ValueError.
    """
    count, rest = divmod(len(leaf_hashes), HASH_BYTES)
    if rest or count.bit_count() != 1:
        raise ValueError(f"{len(leaf_hashes)} bytes are not the leaves of a complete tree")
    sha256 = hashlib.sha256
    row = leaf_hashes
    while len(row) > HASH_BYTES:
        pairs = [row[start : start + 2 * HASH_BYTES] for start in range(0, len(row), 2 * HASH_BYTES)]
        row = b"".join([sha256(b"\x01" + pair).digest() for pair in pairs])
    return row


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int, size: int) -> list[bytes]:
    """Return the audit path of leaf `index` in the tree of the first `size` leaves, from the leaf upwards.

    RFC 6962 section 2.1.1. Raises ValueError unless 0 <= index < size <= len(leaf_hashes).
    """
    _require_leaves(leaf_hashes, size)
    return [root_hash(leaf_hashes[start:end]) for start, end in inclusion_ranges(index, size)]


def consistency_proof(leaf_hashes: Sequence[bytes], first: int, second: int) -> list[bytes]:
    """Return the proof that the tree of `first` leaves is a prefix of the tree of `second` leaves.

    RFC 6962 section 2.1.2; empty when `first` is 0 or equals `second`. Raises ValueError unless
    0 <= first <= second <= len(leaf_hashes).
    """
    _require_leaves(leaf_hashes, second)
    return [root_hash(leaf_hashes[start:end]) for start, end in consistency_ranges(first, second)]


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """Return which leaves, from `start` to before `end`, the root of each node of an inclusion proof covers.

    From the leaf upwards. Every range starts at a multiple of the largest power of two that fits into it. Raises
    ValueError unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of size {size}")
    ranges: list[tuple[int, int]] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(first: int, second: int) -> list[tuple[int, int]]:
    """Return which leaves each node of a consistency proof covers, as `inclusion_ranges` does.

    Raises ValueError unless 0 <= first <= second.
    """
    if not 0 <= first <= second:
        raise ValueError(f"a tree of size {second} does not continue one of size {first}")
    if first in {0, second}:
        return []
    ranges: list[tuple[int, int]] = []
    start, end = 0, second
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    # What is left ends where the first tree ended. When it is the whole first tree, the verifier has its root already.
    if start > 0:
        ranges.append((start, end))
    return ranges[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Return when `leaf` (a leaf hash) is at `index` in the tree of `size` leaves with this root.

    RFC 9162 section 2.1.3.2. Raises ProofInvalid.
    """
    _require_hashes(leaf, root, *proof)
    if not 0 <= index < size:
        raise ProofInvalid(f"there is no leaf {index} in a tree of size {size}")
    fn, sn, computed = index, size - 1, leaf
    for sibling in proof:
        if sn == 0:
            raise ProofInvalid("the proof is too long")
        if fn & 1 or fn == sn:
            computed = node_hash(sibling, computed)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            computed = node_hash(computed, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise ProofInvalid("the proof is too short")
    _require_equal(computed, root)


def verify_consistency(first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]) -> None:
    """Return when the tree of size `first` with `first_root` is a prefix of the tree of size `second`.

    RFC 9162 section 2.1.4.2, which leaves the sizes 0 and equal open: their proof must be empty, the root of size 0
    must be EMPTY_ROOT, and equal sizes need equal roots. Raises ProofInvalid.
    """
    _require_hashes(first_root, second_root, *proof)
    if not 0 <= first <= second:
        raise ProofInvalid(f"a tree of size {second} cannot continue one of size {first}")
    if first == 0:
        _require_equal(first_root, EMPTY_ROOT)
    if first == second:
        _require_equal(first_root, second_root)
    if first in {0, second}:
        if proof:
            raise ProofInvalid("the proof is too long")
        return
    _walk_consistency(first, first_root, second, second_root, proof)


def _walk_consistency(first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]) -> None:
    # A complete first tree is itself a node of the second one: its root is where the path starts.
    path = [first_root, *proof] if first.bit_count() == 1 else list(proof)
    if not path:
        raise ProofInvalid("the proof is too short")
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first_computed = second_computed = path[0]
    for node in path[1:]:
        if sn == 0:
            raise ProofInvalid("the proof is too long")
        if fn & 1 or fn == sn:
            first_computed = node_hash(node, first_computed)
            second_computed = node_hash(node, second_computed)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            second_computed = node_hash(second_computed, node)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise ProofInvalid("the proof is too short")
    _require_equal(first_computed, first_root)
    _require_equal(second_computed, second_root)


def _push(subtrees: list[bytes], size: int, leaf: bytes) -> None:
    """Add a leaf to the complete subtrees of a tree of `size` leaves, in place."""
    if len(leaf) != HASH_BYTES:
        raise ValueError(f"a hash is {HASH_BYTES} bytes")
    node = leaf
    # Each 1 at the low end of the size is a complete subtree of the same height as the node: they join.
    while size & 1:
        node = node_hash(subtrees.pop(), node)
        size >>= 1
    subtrees.append(node)


def _join(subtrees: Sequence[bytes]) -> bytes:
    """Return the root above complete subtrees, largest first."""
    if not subtrees:
        return EMPTY_ROOT
    *larger, root = subtrees
    for subtree in reversed(larger):
        root = node_hash(subtree, root)
    return root


def _split(size: int) -> int:
    """Return the largest power of two below `size` (at least 2)."""
    return 1 << (size - 1).bit_length() - 1


def _require_leaves(leaf_hashes: Sequence[bytes], size: int) -> None:
    if size > len(leaf_hashes):
        raise ValueError(f"no tree of size {size} with {len(leaf_hashes)} leaves at hand")


def _require_hashes(*hashes: bytes) -> None:
    if any(len(value) != HASH_BYTES for value in hashes):
        raise ProofInvalid(f"a hash is {HASH_BYTES} bytes")


def _require_equal(computed: bytes, expected: bytes) -> None:
    if not hmac.compare_digest(computed, expected):
        raise ProofInvalid("the hashes do not lead to this root")
