"""The version at which every stream of a log stands, in as little memory as a walk over a long log can do with."""

from array import array

_FIRST_SLOTS = 1 << 12
_EMPTY = 0
_LARGEST = 2**32 - 1


class StreamVersions:
    """An open-addressing table of 64-bit hashes of stream names and 32-bit versions: twelve bytes a slot.

    Two streams that share a hash would be taken for one: a false alarm, never a fault that is overlooked. Python keys
    the hash of strings anew for every process, so nobody can aim for it; by chance it happens once in 3,700 walks over
    10^8 streams.
    """

    def __init__(self, *, from_the_start: bool) -> None:
        """`from_the_start`: every stream begins with version 1; else the first version seen of each is believed."""
        self._from_the_start = from_the_start
        self._names, self._versions = _table(_FIRST_SLOTS)
        self._used = 0

    def step(self, stream: str, version: int) -> int:
        """Return which version of the stream should come next, and note that `version` came."""
        name = hash(stream) or 1
        slot = self._slot(name)
        if self._names[slot] == _EMPTY:
            self._names[slot] = name
            self._used += 1
            expected = 1 if self._from_the_start else version
        else:
            expected = self._versions[slot] + 1
        self._versions[slot] = min(version, _LARGEST)
        if self._used * 3 > len(self._names) * 2:
            self._grow()
        return expected

    def _slot(self, name: int) -> int:
        """Return where the name is, or the free place where it would be."""
        mask = len(self._names) - 1
        slot = name & mask
        while self._names[slot] not in (_EMPTY, name):
            slot = slot + 1 & mask
        return slot

    def _grow(self) -> None:
        names, versions = self._names, self._versions
        self._names, self._versions = _table(len(names) * 2)
        for name, version in zip(names, versions, strict=True):
            if name != _EMPTY:
                slot = self._slot(name)
                self._names[slot], self._versions[slot] = name, version


def _table(slots: int) -> tuple["array[int]", "array[int]"]:
    """Return empty columns for the names' hashes (signed 64 bits) and the versions (unsigned 32 bits)."""
    return array("q", bytes(8 * slots)), array("I", bytes(4 * slots))
