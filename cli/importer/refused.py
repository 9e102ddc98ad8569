"""The rows that were not taken, as a file."""

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from cli.cells import as_text
from cli.files import private_text
from cli.importer.prepared import Refused


class RefusedRows:
    """Writes rows down as they are refused, and counts them by their codes."""

    def __init__(self, stream: TextIO) -> None:
        self._writer = csv.writer(stream, lineterminator="\n")
        self._writer.writerow(["row", "invoice", "code", "reason"])
        self.by_code = Counter[str]()

    def __call__(self, refused: Refused) -> None:
        """Write one down."""
        self._writer.writerow((refused.row, as_text(refused.invoice), refused.code, refused.reason))
        self.by_code[refused.code] += 1

    def __len__(self) -> int:
        """How many there are."""
        return self.by_code.total()


@contextmanager
def refused_rows(path: Path) -> Iterator[RefusedRows]:
    """Write a file for this user only: row (1 follows the header), invoice, code, reason. OSError."""
    with private_text(path) as stream:
        yield RefusedRows(stream)
