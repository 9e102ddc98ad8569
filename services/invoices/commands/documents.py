"""What callers ask about invoices and credit notes."""

from dataclasses import dataclass

from services.invoices.domain.document.content import Content


@dataclass(frozen=True, slots=True)
class DraftInvoice:
    """Write a document that can be issued later."""

    content: Content


@dataclass(frozen=True, slots=True)
class IssueInvoice:
    """Give a draft its number and its final form."""

    invoice_id: str
