"""One walk over the tiles of a tree gives its root, an earlier root, and every tile that is not what it should be."""

import hashlib
from dataclasses import dataclass, field
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.eventstore.faults import MOST_KEPT, FaultKind, Faults
from shared.eventstore.stream_versions import StreamVersions
from shared.eventstore.tree_walk import CopyUnreadable, TreeWalk
from shared.merkle.tiles import tile_root
from shared.merkle.tree import HASH_BYTES, root_hash

LARGE = 256 * 256 + 300  # three levels of tiles


@cache
def hashes(level: int) -> bytes:
    """The hashes of a level of the large tree."""
    if level == 0:
        return b"".join(hashlib.sha256(b"%d" % number).digest() for number in range(LARGE))
    below, tile = hashes(level - 1), 256 * HASH_BYTES
    return b"".join(tile_root(below[start : start + tile]) for start in range(0, len(below) // tile * tile, tile))


@dataclass
class Tiles:
    """The tiles of the large tree, with some hashes changed."""

    wrong: dict[tuple[int, int], bytes] = field(default_factory=dict)
    """By level and index of a hash in its level."""
    missing: set[tuple[int, int]] = field(default_factory=set)
    """Level and index of tiles."""

    def read(self, level: int, index: int, width: int) -> bytes:
        if (level, index) in self.missing:
            raise CopyUnreadable("it is not there")
        start = index * 256
        return b"".join(
            self.wrong.get((level, place), hashes(level)[place * HASH_BYTES : (place + 1) * HASH_BYTES])
            for place in range(start, start + width)
        )


def walk(tiles: Tiles, size: int, earlier: int | None = None) -> tuple[TreeWalk, Faults]:
    found = Faults()
    tree = TreeWalk(tiles, size, found, earlier)
    for index in range(tree.tile_count):
        tree.take(index)
    return tree, found


def leaves(size: int) -> list[bytes]:
    return [hashes(0)[start : start + HASH_BYTES] for start in range(0, size * HASH_BYTES, HASH_BYTES)]


@given(st.integers(0, 1100), st.integers(0, 1100))
def test_a_walk_gives_the_root_and_an_earlier_one(size: int, earlier: int) -> None:
    tree, found = walk(Tiles(), size, min(earlier, size))
    assert tree.root == root_hash(leaves(size))
    assert tree.earlier_root == root_hash(leaves(min(earlier, size)))
    assert found.count == 0


@pytest.mark.parametrize("earlier", [1, 255, 256, 65536, 65537, LARGE])
def test_a_tree_of_three_levels_is_walked_too(earlier: int) -> None:
    tree, found = walk(Tiles(), LARGE, earlier)
    assert (tree.root, tree.earlier_root) == (root_hash(leaves(LARGE)), root_hash(leaves(earlier)))
    assert found.count == 0


@pytest.mark.parametrize(
    ("level", "place", "position"), [(0, 700, 512), (1, 2, 512), (1, 255, 255 * 256), (2, 0, 0), (0, 65700, 65536)]
)
def test_a_wrong_hash_is_found_where_it_is(level: int, place: int, position: int) -> None:
    _, found = walk(Tiles(wrong={(level, place): bytes(32)}), LARGE)
    assert FaultKind.TILE_DIFFERS in {fault.kind for fault in found.kept}
    assert found.kept[0].position == position


def test_a_wrong_hash_above_the_leaves_does_not_change_the_root() -> None:
    tree, _ = walk(Tiles(wrong={(2, 0): bytes(32), (1, 3): bytes(32)}), LARGE)
    assert tree.root == root_hash(leaves(LARGE))


@pytest.mark.parametrize(("level", "index"), [(0, 0), (0, 5), (1, 0), (1, 1), (2, 0)])
def test_a_tile_that_cannot_be_read_is_one_fault(level: int, index: int) -> None:
    tree, found = walk(Tiles(missing={(level, index)}), LARGE)
    [fault] = found.kept
    assert (fault.kind, fault.position) == (FaultKind.TILE_UNREADABLE, index << 8 * (level + 1))
    assert (tree.root is None) == (level == 0)


def test_only_the_first_thousand_faults_are_kept_and_all_are_counted() -> None:
    found = Faults()
    for position in range(MOST_KEPT + 7):
        found.add(FaultKind.LEAF_DIFFERS, position, "x")
    assert (len(found.kept), found.count) == (MOST_KEPT, MOST_KEPT + 7)


@given(st.lists(st.integers(0, 40)), st.booleans())
def test_versions_are_remembered_like_in_a_dictionary(streams: list[int], from_the_start: bool) -> None:  # noqa: FBT001 - a parameter of the test
    versions, expected = StreamVersions(from_the_start=from_the_start), dict[int, int]()
    for stream in streams:
        version = expected.get(stream, 0) + 1
        assert versions.step(f"invoice-{stream}", version) == version
        expected[stream] = version


def test_the_table_of_versions_grows() -> None:
    versions = StreamVersions(from_the_start=True)
    for version in (1, 2):
        assert all(versions.step(f"invoice-{stream}", version) == version for stream in range(10_000))
    assert versions.step("invoice-1", 9) == 3


def test_an_absurd_version_is_no_reason_to_stop() -> None:
    versions = StreamVersions(from_the_start=True)
    assert versions.step("invoice-1", 2**70) == 1
    assert versions.step("invoice-1", 2) == 2**32
