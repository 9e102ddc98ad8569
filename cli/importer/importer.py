"""Documents through the RPC interface, in batches: each document has an outcome of its own.

Every document carries a key made from its number, so an import that was interrupted is simply run again, by whoever
may: what had been issued answers as it did the first time, however the batches are cut. Not from the document's
content: a document that was issued and is corrected in the file would be issued a second time.

The keys can be guessed by colleagues, who could use one for something else. That cannot pass off as issued what is not:
only the same content gets the answer, so the document is refused, and an import under another name takes it.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from cli.importer.documents import Document, Refused
from cli.importer.mapping import ColumnMapping
from cli.refusals import described
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.importing import MOST_DOCUMENTS, REFUSED

_CONFLICT = (
    "this number or its customer was imported before with other content, which stays as it is: compare with what is"
    " issued; a changed document is issued by an import with another --name"
)
_MOST_LINES = 1000
"""In one batch, unless one document has more: a batch is a second's work at most, so that others get their turn."""
DEFAULT_NAME = "import"


class Invoices(Protocol):
    """The invoices service as the importer needs it."""

    def __call__(self, method: str, request: Mapping[str, object], idempotency_key: str) -> Mapping[str, Any]:
        """Carry out one command; raises PublicError."""
        ...


@dataclass
class Importer:
    """Carries one file's documents into one tenant."""

    invoices: Invoices
    mapping: ColumnMapping
    refuse: Callable[[Refused], None]
    """Takes every row that was not taken: document by document, by row within a batch."""
    name: str = DEFAULT_NAME
    """A document's number is taken once under each name."""
    dry_run: bool = False
    """Have everything judged and nothing issued."""
    taken: int = 0
    """Documents that are issued, now or by an earlier run; in a dry run, that are or would be."""
    _customers: dict[str, Mapping[str, object]] = field(default_factory=dict)
    """By their number in the file: what their first document says of them holds for all."""

    def run(self, documents: Iterable[Document], progress: Callable[[int], None]) -> None:
        """Import every document that has lines; `progress` is told of how many more something has become."""
        for batch in _batches(documents):
            refused = [row for document in batch for row in document.refused]
            if sent := [document for document in batch if document.lines]:
                refused += self._send(sent)
            for row in sorted(refused, key=lambda each: each.row):
                self.refuse(row)
            progress(len(batch))

    def _send(self, documents: Sequence[Document]) -> Iterator[Refused]:
        """Send a batch and return the rows of what was refused in it."""
        keys = [self._key("document", document.number) for document in documents]
        customers = {document.customer: self._customer(document) for document in documents}
        request = {
            "customers": [{"key": self._key("customer", name), "particulars": customers[name]} for name in customers],
            "documents": [
                {"key": key, "customer": self._key("customer", document.customer), "content": self._content(document)}
                for key, document in zip(keys, documents, strict=True)
            ],
            **({"dry_run": True} if self.dry_run else {}),
        }
        reply = self.invoices("import_documents", request, self._key("batch", "\n".join(keys)))
        for document, outcome in zip(documents, reply["outcomes"], strict=True):
            if outcome["state"] == REFUSED:
                yield from _refused(document, outcome["refusal"])
            else:
                self.taken += 1

    def _customer(self, document: Document) -> Mapping[str, object]:
        if document.customer not in self._customers:
            template, values = self.mapping.customer, document.first_values
            self._customers[document.customer] = {
                "name": template.name.substitute(values),
                "email": template.email.substitute(values),
                "reference": document.customer,
                "address": {
                    "line": template.line.substitute(values),
                    "city": template.city.substitute(values),
                    "post_code": template.post_code.substitute(values),
                    "country_code": document.country_code,
                },
            }
        return self._customers[document.customer]

    def _content(self, document: Document) -> Mapping[str, object]:
        vat = self.mapping.vat_for(document.country_code)
        return {
            "document_type": document.kind,
            "issue_date": document.issue_date,
            "currency": self.mapping.currency,
            "external_reference": document.number,
            "lines": [
                {
                    "name": line.description,
                    "quantity": str(line.quantity),
                    "unit_price": str(line.unit_price),
                    "vat_category": vat.category,
                    "vat_rate": vat.rate,
                    **({"item_reference": line.item} if line.item else {}),
                }
                for line in document.lines
            ],
        }

    def _key(self, kind: str, what: str) -> str:
        """Return a key that is the same in every run, over a corrected file too.

        What was issued is never issued again; a document that is not as it was is an idempotency conflict.
        """
        return hashlib.sha256(f"{self.name}\n{kind}\n{what}".encode()).hexdigest()


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    lines = 0
    for document in documents:
        if batch and (len(batch) == MOST_DOCUMENTS or lines + len(document.lines) > _MOST_LINES):
            yield batch
            batch, lines = [], 0
        batch.append(document)
        lines += len(document.lines)
    if batch:
        yield batch


def _refused(document: Document, refusal: Mapping[str, Any]) -> Iterator[Refused]:
    error = PublicError(refusal["code"], refusal["message"], refusal["details"])
    reason = _CONFLICT if error.code is ErrorCode.IDEMPOTENCY_CONFLICT else described(error)
    return (Refused(line.row, document.number, error.code, reason) for line in document.lines)
