"""age, zstd and tar undone in one stream: nothing of a backup's content is written to a file on the way."""

import os
import re
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import IO, Final

import zstandard

from cli.recovery.stored import BackupRefused
from shared.crypto.age import IdentityRefused
from shared.crypto.age_stream import AgeBroken, decrypt_stream

_CHUNK: Final = 1024 * 1024
_PART: Final = re.compile(r"(?P<schema>[a-z_][a-z0-9_]*)\.(?P<table>[a-z_][a-z0-9_]*)\.csv\.(?P<number>[0-9]{6,})")


@dataclass(frozen=True, slots=True)
class SavedTable:
    """A table in an archive; `content` is its CSV with a header line, to be read before the next table."""

    schema: str
    name: str
    content: Iterator[bytes]


@contextmanager
def saved_tables(archive: Path, identity: str) -> Iterator[Iterator[SavedTable]]:
    """Open an archive and give its tables one by one.

    Leaving the `with` block without an error means that the archive was whole to its last byte; until then what was
    read must not be relied on. Raises BackupRefused.
    """
    try:
        with archive.open("rb") as source, _decrypted(source, identity) as plain:
            decompressor = zstandard.ZstdDecompressor()
            with (
                decompressor.stream_reader(plain, closefd=False) as tar,
                tarfile.open(fileobj=tar, mode="r|") as members,
            ):
                yield _tables(members)
            while plain.read(_CHUNK):  # the padding of the tar, and the proof that age's last chunk is the last
                pass
    except (AgeBroken, IdentityRefused, zstandard.ZstdError, tarfile.TarError) as problem:
        raise BackupRefused(f"{archive.name} cannot be unpacked: {problem}") from None


@contextmanager
def _decrypted(source: IO[bytes], identity: str) -> Iterator[IO[bytes]]:
    """Turn age's pushing into pulling: a thread decrypts into a pipe, and the caller reads from it."""
    read_end, write_end = os.pipe()

    def decrypt() -> None:
        with os.fdopen(write_end, "wb") as sink:
            decrypt_stream(identity, source, sink)

    with ThreadPoolExecutor(1) as executor:
        done = executor.submit(decrypt)
        try:
            # Closing the reading end makes a decryption that nobody waits for any more end with a broken pipe.
            with os.fdopen(read_end, "rb") as plain:
                yield plain
        except Exception:
            # A damaged archive breaks whoever reads it as well: what age says is the reason.
            problem = done.exception()
            if isinstance(problem, AgeBroken | IdentityRefused):
                raise problem from None
            raise
        done.result()


def _tables(members: tarfile.TarFile) -> Iterator[SavedTable]:
    parts = ((_parsed(member), member) for member in members)
    for (schema, name), group in groupby(parts, key=lambda part: part[0][:2]):
        yield SavedTable(schema, name, _content(members, ((number, member) for (_, _, number), member in group)))


def _content(members: tarfile.TarFile, parts: Iterator[tuple[int, tarfile.TarInfo]]) -> Iterator[bytes]:
    for expected, (number, member) in enumerate(parts):
        file = members.extractfile(member)
        if number != expected or file is None:
            raise BackupRefused(f"part {expected} of {member.name.rpartition('.')[0]} is missing")
        while chunk := file.read(_CHUNK):
            yield chunk


def _parsed(member: tarfile.TarInfo) -> tuple[str, str, int]:
    match = _PART.fullmatch(member.name)
    if match is None or not member.isfile():
        raise BackupRefused("the archive holds something that is not a part of a table")
    return match["schema"], match["table"], int(match["number"])
