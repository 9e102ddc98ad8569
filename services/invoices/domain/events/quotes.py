"""What can happen to quotes: offers of a price that a customer accepts or declines."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.invoices.domain.document.content import Content
from services.invoices.domain.document.parties import Customer, Seller
from services.invoices.domain.document.totals import Totals
from services.invoices.domain.series import DocumentNumber


@dataclass(frozen=True, slots=True)
class Offered:
    """What is offered to a customer, as it stands on the quote that they get; each revision is told in full."""

    quote_id: str
    number: str
    revision: int
    """From 1; the number stays."""
    content: Content
    """What an invoice of it will say, as far as that is known; its issue date is the day of the offer."""
    valid_until: date
    """The last day on which it can be accepted."""
    offered_at: str
    """RFC 3339; also the PDF's creation date, so that the same event always renders to the same bytes."""
    seller: Seller
    customer: Customer
    totals: Totals


@dataclass(frozen=True, slots=True)
class QuoteMade(Offered):
    """Something was offered for the first time."""


@dataclass(frozen=True, slots=True)
class QuoteChanged(Offered):
    """Something else is offered now, under the same number; what was offered before stays in the log."""


@dataclass(frozen=True, slots=True)
class QuoteExtended:
    """The offer can be accepted for longer."""

    quote_id: str
    valid_until: date


@dataclass(frozen=True, slots=True)
class QuoteAccepted:
    """The customer wants what is offered."""

    quote_id: str
    accepted_on: date
    accepted_by: str
    """Who said so for the customer."""
    order_reference: str | None = None
    """The customer's order (BT-13 of the invoices that follow)."""


@dataclass(frozen=True, slots=True)
class QuoteDeclined:
    """The customer does not want it."""

    quote_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class QuoteInvoiced:
    """An invoice of what was accepted was drafted; told in the same append as the draft."""

    quote_id: str
    invoice_id: str
    deposit_percent: Decimal | None = None
    """What is asked for in advance; None: the final invoice."""


@dataclass(frozen=True, slots=True)
class QuoteArchived:
    """A revision was drawn and stored; the log entry binds the PDF by its digest."""

    quote_id: str
    revision: int


@dataclass(frozen=True, slots=True)
class QuoteNumberTaken:
    """A quote got its number; told in the same append as the quote, in the stream that counts them."""

    number: DocumentNumber
    quote_id: str


QuoteEvent = (
    QuoteMade
    | QuoteChanged
    | QuoteExtended
    | QuoteAccepted
    | QuoteDeclined
    | QuoteInvoiced
    | QuoteArchived
    | QuoteNumberTaken
)
