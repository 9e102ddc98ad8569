"""What can happen to invoices and credit notes."""

from dataclasses import dataclass

from services.invoices.domain.document.content import Content
from services.invoices.domain.document.credit import Credit
from services.invoices.domain.document.parties import Customer, DeliveryPreference, Seller
from services.invoices.domain.document.totals import Totals
from services.invoices.domain.series import DocumentNumber


@dataclass(frozen=True, slots=True)
class InvoiceDrafted:
    """A document was written; it has no number and can still be left alone."""

    invoice_id: str
    content: Content
    quote_id: str | None = None
    """The quote that it is an invoice of: told to the quote in the same append, and judged with it at the issue."""


@dataclass(frozen=True, slots=True)
class DraftChanged:
    """A draft says something else now: all of it, nothing of what it said before."""

    invoice_id: str
    content: Content


@dataclass(frozen=True, slots=True)
class DraftDiscarded:
    """A draft will never be issued; what it said stays in the log."""

    invoice_id: str


@dataclass(frozen=True, slots=True)
class Issued:
    """A document got its number, and what it says stands for good; its bytes follow (`DocumentArchived`).

    Both parties are written down as they were at that moment: what was sent stays readable as it was sent.
    """

    invoice_id: str
    number: DocumentNumber
    issued_at: str
    """RFC 3339; also the PDF's creation date, so that the same event always renders to the same bytes."""
    seller: Seller
    customer: Customer
    currency: str
    totals: Totals
    mailed: bool = True
    """False: whoever imported it asked that it be mailed to nobody, whatever the customer wants."""

    @property
    def delivery(self) -> DeliveryPreference:
        """Return how it leaves the business: for good, whatever the customer wants later."""
        return self.customer.delivery if self.mailed else DeliveryPreference.NONE


@dataclass(frozen=True, slots=True)
class InvoiceIssued(Issued):
    """An invoice (380) or a prepayment invoice (386) was issued."""


@dataclass(frozen=True, slots=True)
class CreditNoteIssued(Issued):
    """A credit note (381) was issued; its amounts are positive and are owed to the customer."""


@dataclass(frozen=True, slots=True)
class XmlArchived:
    """An issued document was written as UBL and stored; the log entry binds the XML by its digest."""

    invoice_id: str


@dataclass(frozen=True, slots=True)
class DocumentArchived:
    """An issued document was drawn and stored, its XML before it; the log entry binds the PDF by its digest."""

    invoice_id: str


@dataclass(frozen=True, slots=True)
class InvoiceCredited:
    """A credit note that names this invoice was issued, in the same append: in full or in part it is owed no more."""

    invoice_id: str
    credit_note_id: str
    number: str
    """The credit note's."""
    credit: Credit
    cancels: bool = False
    """Whether nothing is left that could be credited."""
