"""An invoice with everything that documents show, to be changed where a test needs another."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from services.invoices.domain.document.content import Content, DocumentType
from services.invoices.domain.document.lines import Line
from services.invoices.domain.document.parties import Address, Customer, Seller
from services.invoices.domain.document.vat import VatCategory
from services.invoices.domain.events import CreditNoteIssued, InvoiceDrafted, InvoiceIssued
from services.invoices.domain.invoice import Invoice, decide_issue, evolve
from services.invoices.domain.numbering import built_in

ISSUED_AT = "2026-11-22T09:00:00.000000Z"
TODAY = date(2026, 11, 22)
INVOICE_ID = "019aa0e5-2222-7000-8000-000000000001"
CUSTOMER_ID = "019aa0e5-2222-7000-8000-000000000002"

SELLER = Seller(
    name="Fahrradteile Nord GmbH",
    vat_id="DE123456789",
    address=Address("Speicherstraße 4", "Hamburg", "20457", "DE"),
    email="rechnung@fahrradteile-nord.example",
    iban="DE02120300000000202051",
    account_since=date(2026, 3, 1),
)
CUSTOMER = Customer(
    customer_id=CUSTOMER_ID,
    name="Hof van Fietsen B.V.",
    email="administratie@hofvanfietsen.example",
    address=Address("Oudegracht 218", "Utrecht", "3511 NP", "NL"),
    vat_id="NL001234567B01",
    reference="K-107",
)
GREEK = replace(
    CUSTOMER,
    name="Ποδήλατα Αιγαίο Ε.Ε.",  # noqa: RUF001 -- Greek letters are meant
    address=Address("Ερμού 15", "Πειραιάς", "185 31", "GR"),
    vat_id="EL123456789",
)
POLISH = replace(CUSTOMER, name="Rowerownia Łódź sp. z o.o.", address=Address("ul. Żółta 86", "Łódź", "90-103", "PL"))


def line(name: str = "Brass bell, two-tone", quantity: str = "2", price: str = "9.75", **changes: object) -> Line:
    """A line at 19 % VAT."""
    plain = Line(name, Decimal(quantity), Decimal(price), VatCategory.STANDARD, Decimal(19))
    return replace(plain, **changes)  # type: ignore[arg-type]  # tests name the fields that they change


def lines(count: int) -> list[Line]:
    """So many lines that can be told apart."""
    return [
        line(f"Article {index:04d} of the list", str(1 + index % 7), f"{3 + index % 50}.45") for index in range(count)
    ]


def draft(lines: Sequence[Line] | None = None, **changes: object) -> InvoiceDrafted:
    """A draft of an invoice in euros."""
    written = (line(),) if lines is None else tuple(lines)
    plain = Content(DocumentType.INVOICE, CUSTOMER_ID, date(2026, 6, 2), "EUR", written)
    return InvoiceDrafted(INVOICE_ID, replace(plain, **changes))  # type: ignore[arg-type]  # as above


def drafted(event: InvoiceDrafted | None = None) -> Invoice:
    """An invoice that is a draft."""
    invoice = evolve(None, event or draft())
    assert invoice is not None
    return invoice


def issue(
    event: InvoiceDrafted, *, seller: Seller = SELLER, customer: Customer = CUSTOMER, numbers_taken: int = 41
) -> InvoiceIssued | CreditNoteIssued:
    """Issue it; the number that follows 41 is 42."""
    number = built_in().number_of(event.content, numbers_taken)
    return decide_issue(drafted(event), seller=seller, customer=customer, number=number, issued_at=ISSUED_AT)[0]
