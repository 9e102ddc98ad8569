"""Rows of a CSV file, plain or xz, in file order and in constant memory."""

import csv
import lzma
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from cli.files import FileUnreadable

_XZ_MAGIC = b"\xfd7zXZ\x00"
_BROKEN = (UnicodeDecodeError, csv.Error, lzma.LZMAError, EOFError, OSError)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number (1 is the first after the header) and its values by column name."""

    number: int
    values: Mapping[str, str]
    complete: bool
    """False when the row has fewer or more fields than the header."""


def header_of(path: Path) -> list[str]:
    """Return the column names; FileUnreadable."""
    with _open(path) as stream:
        try:
            header = next(csv.reader(stream), None)
        except _BROKEN as error:
            raise FileUnreadable(f"{path}: not a CSV file in UTF-8: {error}") from None
    if not header:
        raise FileUnreadable(f"{path}: the file is empty; its first line must name the columns")
    return header


def require_columns(path: Path, columns: frozenset[str]) -> None:
    """Raise FileUnreadable, naming them, when the file lacks any of these columns."""
    if missing := sorted(columns - set(header_of(path))):
        raise FileUnreadable(f"{path} lacks columns that the mapping names: {', '.join(missing)}")


def read_rows(path: Path) -> Iterator[Row]:
    """Yield every row; FileUnreadable when the bytes are not CSV in UTF-8."""
    header = header_of(path)
    with _open(path) as stream:
        reader = csv.reader(stream, strict=True)  # a quote that is never closed would swallow rows
        next(reader)
        try:
            for number, fields in enumerate((fields for fields in reader if fields), start=1):
                values = {name: value.strip() for name, value in zip(header, fields, strict=False)}
                yield Row(number, values, complete=len(fields) == len(header))
        except _BROKEN as error:
            raise FileUnreadable(f"{path}: broken after line {reader.line_num}: {error}") from None


def _open(path: Path) -> TextIO:
    try:
        with path.open("rb") as raw:
            compressed = raw.read(len(_XZ_MAGIC)) == _XZ_MAGIC
    except OSError as error:
        raise FileUnreadable(f"{path}: {error.strerror}") from None
    if compressed:
        return lzma.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")
