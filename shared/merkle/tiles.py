"""Tiles (c2sp.org/tlog-tiles): a tree stored 256 hashes at a time, and proofs from a few of them.

A tile at level 0 holds leaf hashes; at level L each hash is the root of a full tile of level L - 1, so it stands for
256^L leaves. The rightmost tile of a level may be partial; its width follows from the size of the tree. A tile's first
hashes never change, so a partial tile is a prefix of what the tile becomes.

Nothing here trusts a reader: what it returns is as good as the root that comes out, which callers compare with a
signed one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, takewhile
from typing import Protocol, Self

from shared.merkle.tree import HASH_BYTES, Frontier, complete_root, consistency_ranges, inclusion_ranges, root_hash

HEIGHT = 8
WIDTH = 1 << HEIGHT
"""Hashes in a full tile."""

_HIGHEST_LEVEL = 63
_MOST_TILES = 10**18
_PATH = re.compile(r"tile/(0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


class TileInvalid(Exception):
    """A tile that cannot be: impossible coordinates, or bytes of the wrong length."""


class TileReader(Protocol):
    """Where tiles come from: a store, a folder, a server."""

    def read(self, level: int, index: int, width: int) -> bytes:
        """Return the first `width` hashes of a tile, `width * 32` bytes. It may raise what it likes when it cannot."""
        ...


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """Where a tile is in the tree and how many hashes it holds; impossible coordinates raise TileInvalid."""

    level: int
    """0 to 63."""
    index: int
    """From 0, left to right."""
    width: int = WIDTH
    """1 to 256; less than 256: a partial tile."""

    def __post_init__(self) -> None:
        if not (0 <= self.level <= _HIGHEST_LEVEL and 0 <= self.index < _MOST_TILES and 1 <= self.width <= WIDTH):
            raise TileInvalid("a tile has a level from 0 to 63, an index from 0 and a width from 1 to 256")

    @property
    def path(self) -> str:
        """Where the specification puts it: `tile/<level>/<index>[.p/<width>]`."""
        return f"tile/{self.level}/{self.place}"

    @property
    def place(self) -> str:
        """The end of its path, e.g. `x001/x234/067.p/8`: the same for the tile of entries beside a level 0 tile."""
        digits = str(self.index)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
        number = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        return number if self.width == WIDTH else f"{number}.p/{self.width}"

    @classmethod
    def from_path(cls, path: str) -> Self:
        """Read what `path` wrote, in that one spelling; raises TileInvalid."""
        match = _PATH.fullmatch(path)
        if match is None:
            raise TileInvalid("not the path of a tile")
        level, number, width = match.groups()
        tile = cls(int(level), int(number.replace("x", "").replace("/", "")), int(width or WIDTH))
        if tile.path != path:
            raise TileInvalid("not the one spelling of this path")
        return tile


def tile_width(level: int, index: int, size: int) -> int:
    """Return how many hashes the tile has in a tree of `size` leaves: 0 (there is no such tile) to 256."""
    return max(0, min(WIDTH, (size >> HEIGHT * level) - index * WIDTH))


def tiles_of(size: int) -> Iterator[Tile]:
    """Yield every tile of the tree of `size` leaves, level by level, partial ones included."""
    level = 0
    while hashes := size >> HEIGHT * level:
        for index in range(-(-hashes // WIDTH)):
            yield Tile(level, index, tile_width(level, index, size))
        level += 1


def edge_of(size: int) -> list[Tile]:
    """Return the last tile of every level of the tree of `size` leaves: all that a proof of its last leaf reads."""
    counts = takewhile(bool, (size >> HEIGHT * level for level in count()))
    lasts = ((level, (hashes - 1) // WIDTH) for level, hashes in enumerate(counts))
    return [Tile(level, index, tile_width(level, index, size)) for level, index in lasts]


def tile_root(hashes: bytes) -> bytes:
    """Return the root over the hashes of a full tile, which is a hash of the tile above; raises TileInvalid."""
    if len(hashes) != WIDTH * HASH_BYTES:
        raise TileInvalid(f"a full tile is {WIDTH * HASH_BYTES} bytes, not {len(hashes)}")
    return complete_root(hashes)


@dataclass
class TiledTree:
    """The tree of `size` leaves over a reader. Every tile is read once, as wide as it is in that tree."""

    reader: TileReader
    size: int
    _read: dict[tuple[int, int], list[bytes]] = field(default_factory=dict, init=False, repr=False)

    def root(self) -> bytes:
        """Return the root, from one tile a level."""
        return self._over(0, self.size)

    def inclusion_proof(self, index: int) -> list[bytes]:
        """Return the audit path of leaf `index`, from at most two tiles a level.

        The same proof as `tree.inclusion_proof`. Raises ValueError unless 0 <= index < size, TileInvalid.
        """
        return [self._over(start, end) for start, end in inclusion_ranges(index, self.size)]

    def consistency_proof(self, first: int) -> list[bytes]:
        """Return the proof that the tree of `first` leaves is a prefix of this one, from at most two tiles a level.

        The same proof as `tree.consistency_proof`. Raises ValueError unless 0 <= first <= size, TileInvalid.
        """
        return [self._over(start, end) for start, end in consistency_ranges(first, self.size)]

    def _over(self, start: int, end: int) -> bytes:
        """Return the root over the leaves from `start` to before `end`, a range as in `inclusion_ranges`."""
        subtrees = []
        at = start
        for height in reversed(range((end - start).bit_length())):
            if (end - start) >> height & 1:
                subtrees.append(self._subtree(height, at >> height))
                at += 1 << height
        return Frontier(end - start, tuple(subtrees)).root()

    def _subtree(self, height: int, number: int) -> bytes:
        """Return the root of the complete subtree over leaves `number << height` and on, `1 << height` of them."""
        level, above = divmod(height, HEIGHT)
        index, offset = divmod(number << above, WIDTH)
        return root_hash(self._tile(level, index)[offset : offset + (1 << above)])

    def _tile(self, level: int, index: int) -> list[bytes]:
        if (level, index) not in self._read:
            width = tile_width(level, index, self.size)
            self._read[level, index] = _hashes(self.reader.read(level, index, width), width)
        return self._read[level, index]


def root_from_tiles(reader: TileReader, size: int) -> bytes:
    """Return the root of the tree of `size` leaves (see `TiledTree.root`)."""
    return TiledTree(reader, size).root()


def inclusion_proof_from_tiles(reader: TileReader, index: int, size: int) -> list[bytes]:
    """Return the audit path of leaf `index` in the tree of `size` leaves (see `TiledTree.inclusion_proof`)."""
    return TiledTree(reader, size).inclusion_proof(index)


def consistency_proof_from_tiles(reader: TileReader, first: int, second: int) -> list[bytes]:
    """Return the proof that one tree is a prefix of the other (see `TiledTree.consistency_proof`)."""
    return TiledTree(reader, second).consistency_proof(first)


def _hashes(tile: bytes, width: int) -> list[bytes]:
    if len(tile) != width * HASH_BYTES:
        raise TileInvalid(f"a tile of {width} hashes is {width * HASH_BYTES} bytes, not {len(tile)}")
    return [tile[start : start + HASH_BYTES] for start in range(0, len(tile), HASH_BYTES)]
