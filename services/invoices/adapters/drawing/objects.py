"""The objects of a PDF that Typst wrote: found by its table, and put back changed.

Typst writes one cross-reference table (ISO 32000-1, 7.5.4) and no object twice. An object reaches to where the next
one begins, whatever is written in it: what anybody named a document or a file is never searched for an end.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

_ENTRY = 20
"""Bytes of an entry in the cross-reference table."""


@dataclass(frozen=True, slots=True)
class Objects:
    """A PDF and where its objects stand."""

    pdf: bytes = field(repr=False)
    spans: Mapping[int, tuple[int, int]]
    """By number, in the order of the file."""
    entries: int
    """Where the entries of the table begin."""
    trailer: int
    table: int
    """Where the table itself begins, which is where the last object ends."""

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Yield the number of every object and its text."""
        return ((number, self.pdf[begin:end]) for number, (begin, end) in self.spans.items())

    def __getitem__(self, number: int) -> bytes:
        """Return an object's text; ValueError when there is none."""
        if number not in self.spans:
            raise ValueError(f"no object {number} in the PDF")
        begin, end = self.spans[number]
        return self.pdf[begin:end]

    @property
    def metadata(self) -> int:
        """The number of the document's metadata (7.7.2)."""
        catalog = self[int(found(rb"/Root (\d+) 0 R", self.pdf[self.trailer :])[1])]
        return int(found(rb"\A\d+ 0 obj\s*<<[^(]*?/Metadata (\d+) 0 R", catalog)[1])


def objects_of(pdf: bytes) -> Objects:
    """Find the objects; ValueError for a PDF that is not built as Typst does."""
    table = int(found(rb"startxref\s+(\d+)\s+%%EOF\s*\Z", pdf[-64:])[1])
    head = found(rb"\Axref\s+0 (\d+)\s*?\n", pdf[table : table + 64])
    entries = table + head.end()
    trailer = entries + int(head[1]) * _ENTRY
    begins = {number: int(pdf[at : at + 10]) for number, at in enumerate(range(entries, trailer, _ENTRY)) if number}
    order = sorted(begins, key=begins.__getitem__)
    ends = [*(begins[number] for number in order[1:]), table]
    spans = {number: (begins[number], end) for number, end in zip(order, ends, strict=True)}
    return Objects(pdf, spans, entries, trailer, table)


def with_others(objects: Objects, others: Mapping[int, bytes]) -> bytes:
    """Return the PDF with other texts for some objects: what comes after them moves, and the table says so."""
    pdf, moved, parts = objects.pdf, 0, [objects.pdf[: min(begin for begin, _ in objects.spans.values())]]
    places = bytearray(pdf[objects.entries : objects.trailer])
    for number, text in objects:
        begin, end = objects.spans[number]
        places[number * _ENTRY : number * _ENTRY + 10] = b"%010d" % (begin + moved)
        parts.append(others.get(number, text))
        moved += len(parts[-1]) - (end - begin)
    tail = re.sub(rb"(?<=startxref\n)\d+(?=\s+%%EOF\s*\Z)", b"%d" % (objects.table + moved), pdf[objects.trailer :])
    return b"".join([*parts, pdf[objects.table : objects.entries], places, tail])


def found(pattern: bytes, within: bytes) -> re.Match[bytes]:
    """Return what matches; ValueError when nothing does."""
    match = re.search(pattern, within, re.DOTALL)
    if match is None:
        raise ValueError(f"no {pattern!r} in the PDF")
    return match
