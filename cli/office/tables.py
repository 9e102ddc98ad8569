"""Rows of a report as a table of plain text."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rich.console import Console
from rich.table import Table as RichTable

from cli.audit.sentences import printable

Row = Mapping[str, Any]
_WIDEST = 10_000
"""Characters: a table is as wide as what is in it, and folding is for the terminal."""


@dataclass(frozen=True, slots=True)
class Column:
    """What it is called, and what it shows of a row."""

    title: str
    of: str | Callable[[Row], object]
    """A field that may be missing, or what works it out."""
    justify: Literal["left", "right"] = "left"

    def cell(self, row: Row) -> str:
        """Return what is shown of a row, without characters that move the cursor."""
        value = row.get(self.of, "") if isinstance(self.of, str) else self.of(row)
        return printable(str(value))


def amounts(**columns: str) -> tuple[Column, ...]:
    """Return a column for each of these fields of numbers, named by its title."""
    return tuple(Column(title.replace("_", " "), field, "right") for title, field in columns.items())


@dataclass(frozen=True, slots=True)
class Table:
    """A list of an answer, with its columns; those without anything in them are left out."""

    rows: str
    columns: Sequence[Column]

    def lines(self, answer: Row) -> Iterator[str]:
        """Yield the table's lines, none without rows."""
        rows = answer[self.rows]
        filled = [column for column in self.columns if any(column.cell(row) for row in rows)]
        drawn = RichTable(box=None, pad_edge=False)
        for column in filled:
            drawn.add_column(column.title, justify=column.justify, no_wrap=True)
        for row in rows:
            drawn.add_row(*(column.cell(row) for column in filled))
        console = Console(width=_WIDEST, color_system=None, markup=False, highlight=False, emoji=False)
        with console.capture() as captured:
            console.print(drawn)
        if rows:
            yield from (line.rstrip() for line in captured.get().splitlines())
