"""What a document says beside its number: everything that a draft holds and that its issue fixes for good (BG-0)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from services.invoices.domain.document.lines import DocumentAdjustment, Line, Period
from services.invoices.domain.document.vat import Exemption


class DocumentType(StrEnum):
    """What kind of document it is."""

    INVOICE = "invoice"
    PREPAYMENT_INVOICE = "prepayment_invoice"
    """A deposit that is asked for before anything is delivered."""
    CREDIT_NOTE = "credit_note"

    @property
    def type_code(self) -> str:
        """Invoice type code (BT-3, UNTDID 1001): 380 commercial invoice, 386 prepayment invoice, 381 credit note."""
        return {"invoice": "380", "prepayment_invoice": "386", "credit_note": "381"}[self.value]


class Prices(StrEnum):
    """Whether the lines' unit prices contain the VAT."""

    NET = "net"
    GROSS = "gross"


class TaxPoint(StrEnum):
    """With what the VAT becomes due (BT-8)."""

    ISSUE = "issue"
    DELIVERY = "delivery"
    PAYMENT = "payment"
    """Cash accounting (Directive 2006/112/EC, article 66(b))."""


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """What the tax total is given in besides the document's currency, and by which rate."""

    currency: str
    """VAT accounting currency code (BT-6)."""
    rate: Decimal
    """How much of `currency` one unit of the document's currency is, above zero."""
    source: str
    """Who published the rate, e.g. `ECB`."""
    day: date
    """For which day."""


@dataclass(frozen=True, slots=True)
class EarlyPayment:
    """A discount for paying soon; it is part of the payment terms (BT-20) and lowers no amount of the document."""

    days: int
    """Counted from the issue date."""
    percentage: Decimal


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """When to pay."""

    days: int | None = None
    """Until the due date (BT-9), from the issue date on."""
    discounts: tuple[EarlyPayment, ...] = ()
    text: str | None = None
    """Further terms in words (BT-20)."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where and when it was delivered (BG-13)."""

    day: date | None = None
    """Actual delivery date (BT-72)."""
    country_code: str | None = None
    """Deliver to country code (BT-80); an intra-Community supply must name it (BR-IC-12)."""
    name: str | None = None
    """Deliver to party name (BT-70)."""
    line: str | None = None
    """BT-75."""
    city: str | None = None
    """BT-77."""
    post_code: str | None = None
    """BT-78."""


@dataclass(frozen=True, slots=True)
class Preceding:
    """An earlier document that this one corrects, replaces or settles (BG-3)."""

    invoice_id: str | None
    """Ours; None for one that was issued before the business came here."""
    number: str
    """Preceding Invoice reference (BT-25)."""
    issue_date: date | None = None
    """BT-26."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """An additional supporting document (BG-24) that is kept among the documents."""

    reference: str
    """Supporting document reference (BT-122)."""
    file_name: str
    media_type: str
    """One of those that BT-125 permits: PDF, PNG, JPEG, CSV, XLSX, ODS."""
    digest: str
    """SHA-256 of the content, hex."""
    description: str | None = None
    """BT-123."""


@dataclass(frozen=True, slots=True)
class Content:
    """A document without its number."""

    document_type: DocumentType
    customer_id: str
    issue_date: date
    """BT-2."""
    currency: str
    """Invoice currency code (BT-5, ISO 4217)."""
    lines: tuple[Line, ...]
    """BG-25, at least one (BR-16)."""
    prices: Prices = Prices.NET
    adjustments: tuple[DocumentAdjustment, ...] = ()
    """BG-20, BG-21."""
    exemptions: tuple[Exemption, ...] = ()
    """At most one for each category."""
    due_date: date | None = None
    """Payment due date (BT-9); without one it follows from the terms."""
    payment_terms: PaymentTerms | None = None
    """BT-20."""
    prepaid: Decimal = Decimal("0.00")
    """Paid amount (BT-113): what was paid before the issue, a deposit for example."""
    payable_rounded_to: Decimal | None = None
    """The payable amount is rounded to a multiple of this, e.g. `0.05` in Swiss francs; the difference is BT-114."""
    exchange_rate: ExchangeRate | None = None
    """BT-6, BT-111."""
    delivery: Delivery | None = None
    """BG-13."""
    period: Period | None = None
    """Invoicing period (BG-14)."""
    tax_point_date: date | None = None
    """Value added tax point date (BT-7), where it is another day than the issue date."""
    tax_point: TaxPoint | None = None
    """Value added tax point date code (BT-8); never beside the day itself (BR-CO-3)."""
    preceding: tuple[Preceding, ...] = ()
    """BG-3; a credit note names what it corrects."""
    buyer_reference: str | None = None
    """BT-10; in Germany's XRechnung the Leitweg-ID."""
    order_reference: str | None = None
    """Purchase order reference (BT-13)."""
    contract_reference: str | None = None
    """BT-12."""
    project_reference: str | None = None
    """BT-11."""
    external_reference: str | None = None
    """The document's name in the system that it came from; stays in the business."""
    note: str | None = None
    """Invoice note (BT-22)."""
    language: str | None = None
    """Of the drawn document, an ISO 639-1 code; without one it is the customer's."""
    attachments: tuple[Attachment, ...] = ()
    """BG-24."""
    series: str | None = None
    """Which of the business's series numbers it; without one the series that serves such documents."""
