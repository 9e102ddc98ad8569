"""A tenant's tree, read from the store tile by tile."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.merkle.tiles import WIDTH, Tile, edge_of


class TileSource(Protocol):
    """The part of an EventStore that proofs need."""

    def full_tile(self, tenant: str, level: int, index: int) -> bytes | None:
        """Return the 256 hashes of a full tile; None when it is not full yet."""
        ...

    def tile_roots(self, tenant: str, level: int, first: int, count: int) -> Sequence[bytes]:
        """Return the roots of full tiles of a level, as far as they are there."""
        ...

    def leaf_hashes(self, tenant: str, first: int, count: int) -> Sequence[bytes]:
        """Return leaf hashes by position, as far as they are there."""
        ...


@dataclass(frozen=True, slots=True)
class EdgeTiles:
    """A TileReader of the last tile of each level of a tree: for its root, and for the proof of its last leaf."""

    size: int
    tiles: Sequence[bytes]

    def read(self, level: int, index: int, width: int) -> bytes:
        """Return a level's last tile; nothing for another one, which shows as too short."""
        return self.tiles[level] if Tile(level, index, width) in edge_of(self.size) else b""


@dataclass(frozen=True, slots=True)
class StoredTiles:
    """A TileReader: one read of the store for each tile, full or partial.

    Full tiles are stored; a partial one is made of what it will be made of when it is full: leaf hashes, or the roots
    of the full tiles below it. One that is shorter than asked for shows as such to who checks the length.
    """

    store: TileSource
    tenant: str

    def read(self, level: int, index: int, width: int) -> bytes:
        """Return the first `width` hashes of a tile, fewer when the log does not have them."""
        if width == WIDTH:
            return self.store.full_tile(self.tenant, level, index) or b""
        if level == 0:
            return b"".join(self.store.leaf_hashes(self.tenant, index * WIDTH, width))
        return b"".join(self.store.tile_roots(self.tenant, level - 1, index * WIDTH, width))
