"""tar, zstd, age: three formats that stock programs undo, in one stream.

Everything is pulled from the database chunk by chunk, so memory stays constant at any size. tar wants to know a
file's length in advance and a stream does not know it, so a table becomes numbered parts: `cat table.csv.*` restores
it. Nothing is buffered on disk in the clear.
"""

import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Final, cast

import zstandard

from services.backup.domain.ports import Sink
from shared.crypto.age_stream import encrypt_stream

PART_SIZE: Final = 4 * 1024 * 1024
"""Bytes of a part, and so the most that is held in memory of a table."""

_ZSTD_LEVEL: Final = 6


@dataclass(frozen=True)
class AgeArchive:
    """Packs files for these age recipients. It holds no identity, so it cannot read what it wrote."""

    recipients: Sequence[str]
    part_size: int = PART_SIZE

    def write(self, files: Iterator[tuple[str, Iterator[bytes]]], sink: Sink) -> None:
        """Pack, compress and encrypt files (name and content) into `sink`."""
        tar = cast("IO[bytes]", _Pulled(_tar(files, self.part_size)))  # zstandard only calls read()
        compressor = zstandard.ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True)
        with compressor.stream_reader(tar) as compressed:
            encrypt_stream(self.recipients, compressed, sink)


def _tar(files: Iterator[tuple[str, Iterator[bytes]]], part_size: int) -> Iterator[bytes]:
    """Yield a POSIX (pax) tar. Owner and time are left at zero: they would say something about this host."""
    for name, content in files:
        for number, part in enumerate(_parts(content, part_size)):
            header = tarfile.TarInfo(f"{name}.{number:06}")
            header.size, header.mode = len(part), 0o600
            yield header.tobuf(tarfile.PAX_FORMAT)
            yield part
            yield bytes(-len(part) % tarfile.BLOCKSIZE)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _parts(content: Iterator[bytes], part_size: int) -> Iterator[bytes]:
    """Cut a stream into parts of exactly `part_size`, the last one shorter, and at least one."""
    gathered = bytearray()
    count = 0
    for chunk in content:
        gathered += chunk
        while len(gathered) >= part_size:
            yield bytes(gathered[:part_size])
            del gathered[:part_size]
            count += 1
    if gathered or not count:
        yield bytes(gathered)


class _Pulled:
    """An iterator of bytes as a file to read from."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._rest = chunks, b""

    def read(self, size: int) -> bytes:
        """Return between one and `size` bytes, none at the end."""
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._rest = chunk
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken
