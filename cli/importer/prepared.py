"""A document of a file as it is sent, whatever the file was: the shapes of `import_documents`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not taken; where a file holds whole documents, each of them is one."""

    row: int
    invoice: str
    code: str
    reason: str


@dataclass(slots=True)
class Prepared:
    """One document."""

    number: str
    """What it is called in the file: the same number is the same document, in whatever run."""
    customer: str = ""
    """What the customer is called there."""
    particulars: Mapping[str, Any] = field(default_factory=dict)
    """As RegisterCustomerRequest."""
    content: Mapping[str, Any] = field(default_factory=dict)
    """As ImportedContentSchema; empty when there is nothing to send."""
    rows: Sequence[int] = ()
    """That it was made of."""
    refused: Sequence[Refused] = ()
    """Rows that are not in it."""

    @property
    def weight(self) -> int:
        """How many lines it has, as far as that can be told."""
        lines = self.content.get("lines")
        return len(lines) if isinstance(lines, list) else 1


class Source(Protocol):
    """A file's documents, in constant memory."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def __iter__(self) -> Iterator[Prepared]:
        """Read the file again and yield each."""
        ...
