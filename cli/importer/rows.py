"""Rows of a file in file order and in constant memory: lines of a CSV file, or flat objects of a JSON file."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.files import FileUnreadable
from cli.importer.json_objects import read_objects
from cli.importer.opened import BROKEN, holds_json, opened


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number (1 is the first after the header) and its values by column name."""

    number: int
    values: Mapping[str, str]
    complete: bool
    """False when the row has fewer or more fields than it should."""


def rows_of(path: Path, columns: frozenset[str]) -> Callable[[], Iterable[Row]]:
    """Return what reads the rows of a CSV or JSON file, anew each time; FileUnreadable when columns are missing."""
    if holds_json(path):
        return lambda: read_json_rows(path, columns)
    require_columns(path, columns)
    return lambda: read_rows(path)


def header_of(path: Path) -> list[str]:
    """Return the column names; FileUnreadable."""
    with opened(path, newline="") as stream:
        try:
            header = next(csv.reader(stream), None)
        except (csv.Error, *BROKEN) as error:
            raise FileUnreadable(f"{path}: not a CSV file in UTF-8: {error}") from None
    if not header:
        raise FileUnreadable(f"{path}: the file is empty; its first line must name the columns")
    return header


def require_columns(path: Path, columns: frozenset[str]) -> None:
    """Raise FileUnreadable, naming them, when the file lacks any of these columns."""
    if missing := sorted(columns - set(header_of(path))):
        raise FileUnreadable(f"{path} lacks columns that the mapping names: {', '.join(missing)}")


def read_rows(path: Path) -> Iterator[Row]:
    """Yield every row of a CSV file; FileUnreadable when the bytes are not CSV in UTF-8."""
    header = header_of(path)
    with opened(path, newline="") as stream:
        reader = csv.reader(stream, strict=True)  # a quote that is never closed would swallow rows
        next(reader)
        try:
            for number, fields in enumerate((fields for fields in reader if fields), start=1):
                values = {name: value.strip() for name, value in zip(header, fields, strict=False)}
                yield Row(number, values, complete=len(fields) == len(header))
        except (csv.Error, *BROKEN) as error:
            raise FileUnreadable(f"{path}: broken after line {reader.line_num}: {error}") from None


def read_json_rows(path: Path, columns: frozenset[str]) -> Iterator[Row]:
    """Yield every object of a JSON file as a row; one that lacks a column, or holds more than text, is not complete."""
    for number, row in enumerate(read_objects(path, numbers_as_text=True), start=1):
        values = {name: value.strip() for name, value in row.items() if isinstance(value, str)}
        yield Row(number, values, complete=columns <= values.keys())
