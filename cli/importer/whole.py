"""Documents that a file holds whole: one JSON object each, in the shapes of `import_documents`, as an export is."""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from cli.importer.json_objects import read_objects
from cli.importer.linked import named_first, named_in
from cli.importer.prepared import Prepared, Refused

_NEEDED = {"key": str, "customer": dict, "content": dict}
_KNOWN = {*_NEEDED, "issued"}
"""`issued` is what an export says besides; an import makes all of it anew."""


class WholeDocuments:
    """The documents of a JSON file, in file order as far as they do not name what stands further down."""

    def __init__(self, path: Path, limit: int | None = None) -> None:
        """Look through the file: FileUnreadable; at most `limit` documents."""
        self._path, self._limit = path, limit
        self._count = 0
        keys: set[str] = set()
        named: set[str] = set()
        for each in self._objects():
            self._count += 1
            keys.add(str(each.get("key", "")))
            named.update(named_in(each.get("content")))
        self._awaited = keys & named

    def __len__(self) -> int:
        """How many there are."""
        return self._count

    def __iter__(self) -> Iterator[Prepared]:
        """Read the file again, and yield each behind those that it names."""
        return named_first(self._in_file_order(), self._awaited)

    def _in_file_order(self) -> Iterator[Prepared]:
        seen: set[str] = set()
        for place, each in enumerate(self._objects(), start=1):
            document = _prepared(place, each)
            if document.content and document.number in seen:
                yield _refused(place, document.number, "document_repeated", "a document before has the same key")
                continue
            seen.add(document.number)
            yield document

    def _objects(self) -> Iterator[dict[str, Any]]:
        return islice(read_objects(self._path), self._limit)


def _prepared(place: int, each: Mapping[str, Any]) -> Prepared:
    key = each.get("key")
    number = key if isinstance(key, str) else ""
    customer = each.get("customer")
    named = customer.get("key") if isinstance(customer, dict) else None
    wrong = [name for name, kind in _NEEDED.items() if not isinstance(each.get(name), kind) or not each[name]]
    if wrong:
        return _refused(place, number, "document_incomplete", f"the object lacks {', '.join(wrong)}, or its form")
    if unknown := sorted(each.keys() - _KNOWN):
        return _refused(place, number, "malformed_request", f"unknown in a document: {', '.join(unknown)}")
    if not isinstance(named, str) or not isinstance(customer, dict) or customer.keys() != {"key", "particulars"}:
        return _refused(place, number, "customer_missing", "the customer has not exactly a key and particulars")
    if not isinstance(customer["particulars"], dict):
        return _refused(place, number, "customer_missing", "the customer's particulars are no object")
    return Prepared(number, named, customer["particulars"], each["content"], [place])


def _refused(place: int, number: str, code: str, reason: str) -> Prepared:
    return Prepared(number, refused=[Refused(place, number, code, reason)])
