"""Documents through the RPC interface: customers, drafts, issued invoices and credit notes.

Every command carries an idempotency key made from the document's number, so an import that was interrupted is simply
run again, by whoever may: what had been done answers as it did the first time. Not from the document's content: a
document that was issued and is corrected in the file would be issued a second time.

The keys can be guessed by colleagues, who could use one for something else. That cannot pass off as issued what is not:
only the same request gets the answer, so the document is refused, and an import under another name takes it.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cli.importer.documents import Document, Refused
from cli.importer.mapping import ColumnMapping
from cli.refusals import described
from shared.contracts.errors import ErrorCode, PublicError

# A refusal that lies with the document, not with the system or the caller's rights: its rows are refused, work goes on.
_OF_THE_DOCUMENT = frozenset(
    {
        ErrorCode.MALFORMED_REQUEST,
        ErrorCode.LINE_INVALID,
        ErrorCode.DOCUMENT_INVALID,
        ErrorCode.INVOICE_EMPTY,
        ErrorCode.INVOICE_ALREADY_ISSUED,
        ErrorCode.ISSUE_DATE_INVALID,
        ErrorCode.KEY_SHREDDED,
        ErrorCode.IDEMPOTENCY_CONFLICT,
    }
)
_CONFLICT = (
    "this number or its customer was imported before with other content, which stays as it is: compare with what is"
    " issued; a changed document is issued by an import with another --name"
)
DEFAULT_NAME = "import"


class Invoices(Protocol):
    """The invoices service as the importer needs it."""

    def __call__(self, method: str, request: Mapping[str, object], idempotency_key: str) -> Mapping[str, object]:
        """Carry out one command; raises PublicError."""
        ...


@dataclass
class Importer:
    """Carries one file's documents into one tenant."""

    invoices: Invoices
    mapping: ColumnMapping
    name: str = DEFAULT_NAME
    """A document's number is taken once under each name."""
    refused: list[Refused] = field(default_factory=list)
    issued: int = 0
    """Documents that are issued, now or by an earlier run."""
    _customers: dict[str, str] = field(default_factory=dict)

    def run(self, documents: list[Document], progress: Callable[[], None]) -> None:
        """Import every document that has lines; `progress` is called once for each document."""
        for document in documents:
            self.refused += document.refused
            if document.lines:
                self._import(document)
            progress()
        self.refused.sort(key=lambda refused: refused.row)

    def _import(self, document: Document) -> None:
        try:
            invoice_id = self._draft(document, self._customer(document))
            self.invoices("issue_invoice", {"invoice_id": invoice_id}, self._key("issue", document.number))
            self.issued += 1
        except PublicError as error:
            if error.code not in _OF_THE_DOCUMENT:
                raise
            reason = _CONFLICT if error.code is ErrorCode.IDEMPOTENCY_CONFLICT else described(error)
            self.refused += [Refused(line.row, document.number, error.code, reason) for line in document.lines]

    def _customer(self, document: Document) -> str:
        if document.customer not in self._customers:
            template, values = self.mapping.customer, document.first_values
            reply = self.invoices(
                "register_customer",
                {
                    "name": template.name.substitute(values),
                    "email": template.email.substitute(values),
                    "reference": document.customer,
                    "address": {
                        "line": template.line.substitute(values),
                        "city": template.city.substitute(values),
                        "post_code": template.post_code.substitute(values),
                        "country_code": document.country_code,
                    },
                },
                self._key("customer", document.customer),
            )
            self._customers[document.customer] = str(reply["customer_id"])
        return self._customers[document.customer]

    def _draft(self, document: Document, customer_id: str) -> str:
        vat = self.mapping.vat_for(document.country_code)
        reply = self.invoices(
            "draft_invoice",
            {
                "customer_id": customer_id,
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
            },
            self._key("draft", document.number),
        )
        return str(reply["invoice_id"])

    def _key(self, step: str, what: str) -> str:
        """Return an idempotency key that is the same in every run, over a corrected file too.

        What was issued is never issued again; a document that is not as it was is an idempotency conflict.
        """
        return hashlib.sha256(f"{self.name}\n{step}\n{what}".encode()).hexdigest()
