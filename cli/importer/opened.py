"""A file to be imported, plain or xz, opened as text; what it holds is told by how it begins."""

import lzma
from pathlib import Path
from typing import TextIO

from cli.files import FileUnreadable

_XZ_MAGIC = b"\xfd7zXZ\x00"
BROKEN = (UnicodeDecodeError, lzma.LZMAError, EOFError, OSError)
"""What reading an opened file can raise."""


def opened(path: Path, newline: str | None = None) -> TextIO:
    """Open a file in UTF-8, with or without byte order mark; FileUnreadable."""
    try:
        with path.open("rb") as raw:
            compressed = raw.read(len(_XZ_MAGIC)) == _XZ_MAGIC
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror}") from None
    if compressed:
        return lzma.open(path, "rt", encoding="utf-8-sig", newline=newline)
    return path.open(encoding="utf-8-sig", newline=newline)


def holds_json(path: Path) -> bool:
    """Tell JSON from CSV by the first character: no column has a name that begins with a bracket. FileUnreadable."""
    try:
        with opened(path) as stream:
            return stream.read(4096).lstrip()[:1] in ("{", "[")
    except BROKEN as error:
        raise FileUnreadable(f"{path}: not a text file in UTF-8: {error}") from None
