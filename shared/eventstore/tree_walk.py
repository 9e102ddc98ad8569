"""From tiles to the root: every tile of a tree is read once and must be made of the tiles below it.

The root is computed from the leaf hashes of level 0 and from nothing else. The tiles above are what proofs are made
from, so a wrong one is a fault, but it can never make a wrong root look right.
"""

from shared.eventstore.faults import FaultKind, Faults
from shared.merkle.tiles import HEIGHT, WIDTH, TileReader, tile_root, tile_width
from shared.merkle.tree import EMPTY_ROOT, HASH_BYTES, Frontier


class CopyUnreadable(Exception):
    """A part of a log's copy that is missing or is not what it should be; the message says which."""


class TreeWalk:
    """One pass over the tiles of a tree of `size` leaves, level 0 in order, in memory that grows with log(size).

    `earlier` is a smaller size whose root is wanted too: the two roots from one walk are a proof of consistency.
    """

    def __init__(self, tiles: TileReader, size: int, faults: Faults, earlier: int | None = None) -> None:
        self._tiles, self._size, self._faults, self._earlier = tiles, size, faults, earlier
        self._full = Frontier()
        self._above: dict[int, tuple[int, bytes | None]] = {}
        self._whole = True
        self.root: bytes | None = EMPTY_ROOT if size == 0 else None
        """Root over all leaves, after the last tile; None when a tile could not be read."""
        self.earlier_root: bytes | None = EMPTY_ROOT if earlier == 0 else None
        """Root over the first `earlier` leaves, once they have been read."""

    @property
    def tile_count(self) -> int:
        """How many tiles level 0 has, the partial one included."""
        return -(-self._size // WIDTH)

    def take(self, index: int) -> bytes | None:
        """Read the next tile of level 0 and return its leaf hashes; None, and a fault, when it cannot be read."""
        hashes = self._read(0, index)
        if hashes is None:
            self._whole = False
            return None
        self._note_earlier(index, hashes)
        if len(hashes) == WIDTH * HASH_BYTES:
            root = tile_root(hashes)
            # A full tile is a node of the tree over tiles, as a leaf is of the tree over leaves.
            self._full = self._full.push(root)
            self._compare_above(1, index, root)
        if self._whole and index == self.tile_count - 1:
            self.root = self._grown(b"" if len(hashes) == WIDTH * HASH_BYTES else hashes)
        return hashes

    def _note_earlier(self, index: int, hashes: bytes) -> None:
        if self._earlier is None or not self._whole:
            return
        beyond = self._earlier - index * WIDTH
        if 0 < beyond <= len(hashes) // HASH_BYTES:
            self.earlier_root = self._grown(hashes[: beyond * HASH_BYTES])

    def _grown(self, hashes: bytes) -> bytes:
        """Return the root over the full tiles so far and the leaves after them."""
        frontier = Frontier(self._full.size * WIDTH, self._full.subtrees)
        for start in range(0, len(hashes), HASH_BYTES):
            frontier = frontier.push(hashes[start : start + HASH_BYTES])
        return frontier.root()

    def _compare_above(self, level: int, index: int, root: bytes) -> None:
        """Compare the root of full tile `index` of the level below with the hash that stands for it at `level`."""
        tile, slot = divmod(index, WIDTH)
        if self._above.get(level, (None, None))[0] != tile:
            self._above[level] = (tile, self._read(level, tile))
        _, hashes = self._above[level]
        if hashes is None:
            return
        if hashes[slot * HASH_BYTES : (slot + 1) * HASH_BYTES] != root:
            below = f"the {1 << HEIGHT * level} leaves it stands for"
            reason = f"hash {slot} of tile {tile} at level {level} is not the root over {below}"
            self._faults.add(FaultKind.TILE_DIFFERS, index << HEIGHT * level, reason)
        if slot == WIDTH - 1:
            self._compare_above(level + 1, tile, tile_root(hashes))

    def _read(self, level: int, index: int) -> bytes | None:
        width = tile_width(level, index, self._size)
        try:
            hashes = self._tiles.read(level, index, width)
            reason = "" if len(hashes) == width * HASH_BYTES else f"{len(hashes)} bytes are not {width} hashes"
        except CopyUnreadable as error:
            hashes, reason = b"", str(error)
        if not reason:
            return hashes
        position = index << HEIGHT * (level + 1)
        self._faults.add(FaultKind.TILE_UNREADABLE, position, f"tile {index} at level {level}: {reason}")
        return None
