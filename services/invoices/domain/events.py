"""What can happen to customers, sellers and invoices. Each event stands alone: a reader needs no other source."""

from dataclasses import dataclass

from services.invoices.domain.account_events import AccountEvent
from services.invoices.domain.approval import Approval
from services.invoices.domain.document.content import Content
from services.invoices.domain.document.parties import Customer, Seller
from services.invoices.domain.document.totals import Totals
from services.invoices.domain.series import DocumentNumber


@dataclass(frozen=True, slots=True)
class CustomerRegistered:
    """A customer became known."""

    customer: Customer


@dataclass(frozen=True, slots=True)
class SellerConfigured:
    """The business said who it is; the last one counts."""

    seller: Seller


@dataclass(frozen=True, slots=True)
class InvoiceDrafted:
    """A document was written; it has no number and can still be left alone."""

    invoice_id: str
    content: Content


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


@dataclass(frozen=True, slots=True)
class InvoiceIssued(Issued):
    """An invoice (380) or a prepayment invoice (386) was issued."""


@dataclass(frozen=True, slots=True)
class CreditNoteIssued(Issued):
    """A credit note (381) was issued; its amounts are positive and are owed to the customer."""


@dataclass(frozen=True, slots=True)
class DocumentArchived:
    """An issued document was drawn and stored; the log entry binds the PDF by its digest."""

    invoice_id: str


@dataclass(frozen=True, slots=True)
class NumberTaken:
    """The series' next number went to a document."""

    number: DocumentNumber
    invoice_id: str


@dataclass(frozen=True, slots=True)
class ShreddingRequested:
    """Somebody asked to forget a customer."""

    request_id: str
    customer_id: str
    reason: str
    """A code, never free text: this stays readable when the customer does not."""
    override: str | None
    """Why a running retention period shall not stand in the way (a code); None: it shall."""
    requested_by: Approval
    expires_at: str
    """RFC 3339; afterwards nobody can approve it. Only a request that overrides retention waits at all."""


@dataclass(frozen=True, slots=True)
class ShreddingApproved:
    """A second person agreed."""

    request_id: str
    approved_by: Approval
    digest: str
    """Of what they were shown."""


@dataclass(frozen=True, slots=True)
class ShreddingRejected:
    """A second person did not agree."""

    request_id: str
    rejected_by: Approval


@dataclass(frozen=True, slots=True)
class ShreddingWithdrawn:
    """Who asked changed their mind."""

    request_id: str
    withdrawn_by: Approval


@dataclass(frozen=True, slots=True)
class SubjectShredded:
    """A data subject is to be unreadable from here on: the keys are destroyed as soon as this stands in the log."""

    subject: str
    """Whose keys, e.g. `customer-<id>`."""
    reason: str
    override: str | None
    approvals: tuple[Approval, ...]
    """Who asked and who agreed."""
    keys: tuple[str, ...]
    """Ids of the destroyed DEKs: by them an auditor tells what was destroyed on purpose from what is missing."""


ShreddingEvent = ShreddingRequested | ShreddingApproved | ShreddingRejected | ShreddingWithdrawn | SubjectShredded
Event = (
    CustomerRegistered
    | SellerConfigured
    | InvoiceDrafted
    | InvoiceIssued
    | CreditNoteIssued
    | DocumentArchived
    | NumberTaken
    | ShreddingEvent
    | AccountEvent
)
