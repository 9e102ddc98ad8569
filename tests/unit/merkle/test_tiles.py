"""Tiles: golden ones, and proofs from them that equal those from the whole tree, in a few reads."""

import functools
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.merkle.tiles import (
    HEIGHT,
    WIDTH,
    Tile,
    TileInvalid,
    consistency_proof_from_tiles,
    inclusion_proof_from_tiles,
    root_from_tiles,
    tile_root,
    tile_width,
    tiles_of,
)
from shared.merkle.tree import (
    EMPTY_ROOT,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_hash,
    verify_consistency,
    verify_inclusion,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "tiles.json").read_text(encoding="ascii"))
LEAVES = [leaf_hash(position.to_bytes(4, "big")) for position in range(70_000)]
SMALL = 600
MILLION = 10**6


class ListedTiles:
    """Tiles cut from a list of leaf hashes; counts how often it is asked."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._levels = [list(leaves)]
        while len(below := self._levels[-1]) >= WIDTH:
            full = range(len(below) // WIDTH)
            self._levels.append([root_hash(below[WIDTH * each : WIDTH * (each + 1)]) for each in full])
        self.asked: list[Tile] = []

    def read(self, level: int, index: int, width: int) -> bytes:
        self.asked.append(Tile(level, index, width))
        return b"".join(self._levels[level][WIDTH * index : WIDTH * index + width])


class EqualLeaves:
    """A tree of any size whose leaves are all the same, so that every node can be computed when it is asked for."""

    def __init__(self) -> None:
        self.asked: list[Tile] = []

    def read(self, level: int, index: int, width: int) -> bytes:
        self.asked.append(Tile(level, index, width))
        return self.subtree(HEIGHT * level) * width

    @staticmethod
    @functools.cache
    def subtree(height: int) -> bytes:
        if height == 0:
            return leaf_hash(b"the same")
        return hashlib.sha256(b"\x01" + EqualLeaves.subtree(height - 1) * 2).digest()


TILES = ListedTiles(LEAVES)
ROOTS = [root_hash(LEAVES[:size]) for size in range(SMALL + 1)]


def most_reads(size: int, paths: int) -> int:
    """Return the bound that the documentation gives: so many tiles a level."""
    levels = -(-size.bit_length() // HEIGHT)
    return paths * levels


# ---- Where tiles are


@pytest.mark.parametrize("case", VECTORS["paths"], ids=lambda case: case["path"])
def test_a_tile_has_its_golden_path(case: dict[str, Any]) -> None:
    tile = Tile(case["level"], case["index"], case["width"])
    assert tile.path == case["path"]
    assert Tile.from_path(case["path"]) == tile


@pytest.mark.parametrize("path", VECTORS["refused_paths"])
def test_any_other_spelling_of_a_path_is_refused(path: str) -> None:
    with pytest.raises(TileInvalid):
        Tile.from_path(path)


@given(tile=st.builds(Tile, st.integers(0, 63), st.integers(0, 10**18 - 1), st.integers(1, 256)))
def test_every_path_reads_back(tile: Tile) -> None:
    assert Tile.from_path(tile.path) == tile


@pytest.mark.parametrize("wrong", [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 10**18, 1), (0, 0, 0), (0, 0, 257)])
def test_impossible_coordinates_are_refused(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(TileInvalid):
        Tile(*wrong)


@pytest.mark.parametrize("case", VECTORS["layouts"], ids=lambda case: str(case["size"]))
def test_a_tree_is_laid_out_in_the_golden_tiles(case: dict[str, Any]) -> None:
    assert [tile.path for tile in tiles_of(case["size"])] == case["paths"]


@pytest.mark.parametrize("case", VECTORS["trees"], ids=lambda case: str(case["size"]))
def test_golden_tiles_lead_to_the_golden_root(case: dict[str, Any]) -> None:
    tiles = ListedTiles(LEAVES[: case["size"]])
    read = {tile.path: tiles.read(tile.level, tile.index, tile.width) for tile in tiles_of(case["size"])}
    assert {path: hashlib.sha256(content).hexdigest() for path, content in read.items()} == case["tiles"]
    assert root_from_tiles(tiles, case["size"]).hex() == case["root"]


def test_there_is_no_tile_beyond_the_tree() -> None:
    assert tile_width(0, 2, 512) == 0
    assert tile_width(0, 2, 513) == 1
    assert tile_width(1, 0, 255) == 0
    assert tile_width(7, 0, 255) == 0


def test_a_full_tile_is_one_hash_of_the_tile_above() -> None:
    assert tile_root(TILES.read(0, 1, WIDTH)) == TILES.read(1, 0, 2)[32:]
    with pytest.raises(TileInvalid):
        tile_root(TILES.read(0, 1, WIDTH - 1))


# ---- The same proofs as from the whole tree


def test_every_small_tree_has_the_same_root_from_its_tiles() -> None:
    assert [root_from_tiles(TILES, size) for size in range(SMALL + 1)] == ROOTS


def test_every_leaf_of_some_small_trees_has_the_same_proof() -> None:
    for size in (1, 2, 3, 255, 256, 257, 511, 512, 513, SMALL):
        for index in range(size):
            assert inclusion_proof_from_tiles(TILES, index, size) == inclusion_proof(LEAVES, index, size)


def test_some_leaves_of_every_small_tree_have_the_same_proof() -> None:
    for size in range(1, SMALL + 1):
        for index in {0, size // 2, size - 1}:
            assert inclusion_proof_from_tiles(TILES, index, size) == inclusion_proof(LEAVES, index, size)


def test_every_small_tree_is_proved_to_continue_some_others() -> None:
    for second in range(SMALL + 1):
        for first in {0, min(1, second), second // 3, min(256, second), max(0, second - 1), second}:
            proof = consistency_proof_from_tiles(TILES, first, second)
            assert proof == consistency_proof(LEAVES, first, second)


@given(data=st.data())
def test_larger_trees_have_the_same_proofs(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(LEAVES)))
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof_from_tiles(TILES, index, size)
    verify_inclusion(LEAVES[index], index, size, proof, root_from_tiles(TILES, size))
    first = data.draw(st.integers(0, size))
    proof = consistency_proof_from_tiles(TILES, first, size)
    verify_consistency(first, root_from_tiles(TILES, first), size, root_from_tiles(TILES, size), proof)


@pytest.mark.parametrize("size", [256, 65_536, 65_537, 70_000])
def test_a_tree_that_just_filled_a_level_has_the_same_root(size: int) -> None:
    assert root_from_tiles(TILES, size) == root_hash(LEAVES[:size])


# ---- In a few reads


@given(data=st.data())
def test_a_proof_reads_at_most_two_tiles_a_level(data: st.DataObject) -> None:
    tiles = EqualLeaves()
    size = data.draw(st.integers(1, MILLION) | st.integers(1, 2**62))
    index = data.draw(st.integers(0, size - 1))
    root = root_from_tiles(tiles, size)
    assert len(tiles.asked) <= most_reads(size, 1)
    tiles.asked.clear()
    proof = inclusion_proof_from_tiles(tiles, index, size)
    assert len(tiles.asked) <= most_reads(size, 2)
    verify_inclusion(leaf_hash(b"the same"), index, size, proof, root)
    tiles.asked.clear()
    first = data.draw(st.integers(0, size))
    proof = consistency_proof_from_tiles(tiles, first, size)
    assert len(tiles.asked) <= most_reads(size, 2)
    verify_consistency(first, root_from_tiles(tiles, first), size, root, proof)


@given(data=st.data())
def test_only_tiles_of_that_tree_are_read_and_each_once(data: st.DataObject) -> None:
    tiles = EqualLeaves()
    size = data.draw(st.integers(1, MILLION))
    inclusion_proof_from_tiles(tiles, data.draw(st.integers(0, size - 1)), size)
    assert len(set(tiles.asked)) == len(tiles.asked)
    assert all(tile.width == tile_width(tile.level, tile.index, size) for tile in tiles.asked)


def test_nothing_is_read_of_an_empty_tree() -> None:
    tiles = EqualLeaves()
    assert root_from_tiles(tiles, 0) == EMPTY_ROOT
    assert consistency_proof_from_tiles(tiles, 0, 5) == []
    assert tiles.asked == []


# ---- Bad readers, bad questions


@pytest.mark.parametrize("length", [0, 31, 32 * 9, 32 * 11])
def test_a_tile_of_the_wrong_length_is_refused(length: int) -> None:
    class Short:
        def read(self, level: int, index: int, width: int) -> bytes:  # noqa: ARG002 - it answers all alike
            return bytes(length)

    with pytest.raises(TileInvalid, match="320 bytes"):
        root_from_tiles(Short(), 10)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 1)])
def test_no_proof_is_made_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof_from_tiles(TILES, index, size)


@pytest.mark.parametrize(("first", "second"), [(-1, 1), (2, 1)])
def test_no_proof_is_made_of_a_tree_that_shrank(first: int, second: int) -> None:
    with pytest.raises(ValueError, match="continue"):
        consistency_proof_from_tiles(TILES, first, second)
