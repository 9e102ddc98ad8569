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

from cli.importer.linked import renamed
from cli.importer.prepared import Prepared, Refused
from cli.refusals import described
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.importing import ACCEPTABLE, MOST_DOCUMENTS, REFUSED

_CONFLICT = (
    "this number or its customer was imported before with other content, which stays as it is: compare with what is"
    " issued; a changed document is issued by an import with another --name"
)
_CHANGED = (
    "an earlier document in this file says otherwise who this customer is: correct one of them, or take the earlier"
    " one for all with --customers-as-first"
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
    refuse: Callable[[Refused], None]
    """Takes every row that was not taken: document by document, by row within a batch."""
    name: str = DEFAULT_NAME
    """A document's number is taken once under each name."""
    dry_run: bool = False
    """Have everything judged and nothing issued."""
    customers_as_first: bool = False
    """What the first document says of a customer holds for all; otherwise one that says something else is refused."""
    mail: bool = True
    """Have what is issued mailed to its customers; otherwise never."""
    taken: int = 0
    """Documents that are issued, now or by an earlier run; in a dry run, that are or would be."""
    partly: int = 0
    """Those of them that are without rows that were refused."""
    mailed: int = 0
    """Documents that go, or went, to their customers by mail; in a dry run, those that are not issued yet and would."""
    _customers: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """By their number in the file, as the first document says that is sent for them."""
    changed: set[str] = field(default_factory=set)
    """Customers of whom later documents say something else."""
    _acceptable: set[str] = field(default_factory=set)
    """Documents that a dry run found nothing against, and that are not there for later ones to name."""

    def run(self, documents: Iterable[Prepared], progress: Callable[[int], None]) -> None:
        """Import every document that has something to send; `progress` is told how many more something has become."""
        for batch in _batches(documents):
            refused = [row for document in batch for row in document.refused]
            sent = [document for document in batch if document.content]
            refused += [row for document in sent if self._says_otherwise(document) for row in _changed(document)]
            if sent := [document for document in sent if not self._says_otherwise(document)]:
                refused += self._send(sent)
            for row in sorted(refused, key=lambda each: each.row):
                self.refuse(row)
            progress(len(batch))

    def _says_otherwise(self, document: Prepared) -> bool:
        first = self._customers.setdefault(document.customer, document.particulars)
        if first == document.particulars:
            return False
        self.changed.add(document.customer)
        return not self.customers_as_first

    def _send(self, documents: Sequence[Prepared]) -> Iterator[Refused]:
        """Send a batch and return the rows of what was refused in it."""
        keys = [self._key("document", document.number) for document in documents]
        customers = dict.fromkeys(document.customer for document in documents)
        request = {
            "customers": [
                {"key": self._key("customer", name), "particulars": self._customers[name]} for name in customers
            ],
            "documents": [
                {
                    "key": key,
                    "customer": self._key("customer", document.customer),
                    "content": renamed(document.content, self._name),
                }
                for key, document in zip(keys, documents, strict=True)
            ],
            **({"dry_run": True} if self.dry_run else {}),
            **({} if self.mail else {"mail": False}),
        }
        reply = self.invoices("import_documents", request, self._key("batch", "\n".join(keys)))
        for document, outcome in zip(documents, reply["outcomes"], strict=True):
            if outcome["state"] == REFUSED:
                yield from _refused(document, outcome["refusal"])
            else:
                self.taken += 1
                self._acceptable.update([document.number] if outcome["state"] == ACCEPTABLE else [])
                self.partly += bool(document.refused)
                # What is issued is mailed once: a dry run counts what would come to that.
                self.mailed += outcome["mailed"] and (outcome["state"] == ACCEPTABLE or not self.dry_run)

    def _name(self, number: str) -> str | None:
        """Return the key that an earlier document is named by; None where a dry run cannot name it."""
        return None if number in self._acceptable else self._key("document", number)

    def _key(self, kind: str, what: str) -> str:
        """Return a key that is the same in every run, over a corrected file too.

        What was issued is never issued again; a document that is not as it was is an idempotency conflict.
        """
        return hashlib.sha256(f"{self.name}\n{kind}\n{what}".encode()).hexdigest()


def _batches(documents: Iterable[Prepared]) -> Iterator[list[Prepared]]:
    batch: list[Prepared] = []
    lines = 0
    for document in documents:
        if batch and (len(batch) == MOST_DOCUMENTS or lines + document.weight > _MOST_LINES):
            yield batch
            batch, lines = [], 0
        batch.append(document)
        lines += document.weight
    if batch:
        yield batch


def _refused(document: Prepared, refusal: Mapping[str, Any]) -> Iterator[Refused]:
    error = PublicError(refusal["code"], refusal["message"], refusal["details"])
    reason = _CONFLICT if error.code is ErrorCode.IDEMPOTENCY_CONFLICT else described(error)
    return (Refused(row, document.number, error.code, reason) for row in document.rows)


def _changed(document: Prepared) -> Iterator[Refused]:
    return (Refused(row, document.number, "customer_changed", _CHANGED) for row in document.rows)
