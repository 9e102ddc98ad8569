"""Documents to draw: a plain one, and one with everything that a document can say."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.document.content import (
    Attachment,
    Content,
    Delivery,
    DocumentType,
    EarlyPayment,
    ExchangeRate,
    PaymentTerms,
    Preceding,
)
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.lines import Adjustment, AdjustmentKind, DocumentAdjustment, Line, Period
from services.invoices.domain.document.parties import (
    Address,
    Contact,
    Customer,
    ElectronicAddress,
    Registration,
    Seller,
)
from services.invoices.domain.document.vat import VatCategory

XML = b'<?xml version="1.0" encoding="UTF-8"?>\n<sample>Z\xc3\xbcrich</sample>'
ISSUED_AT = "2026-11-22T09:00:00.000000Z"
SELLER = Seller(
    name="Fahrradteile Nord GmbH",
    vat_id="DE123456789",
    address=Address("Speicherstraße 4", "Hamburg", "20457", "DE"),
    email="rechnung@fahrradteile-nord.example",
    iban="DE02120300000000202051",
    account_since=date(2026, 3, 1),
)
CUSTOMER = Customer(
    customer_id="019aa0e5-2222-7000-8000-000000000002",
    name="Hof van Fietsen B.V.",
    email="administratie@hofvanfietsen.example",
    address=Address("Oudegracht 218", "Utrecht", "3511 NP", "NL"),
    vat_id="NL001234567B01",
    reference="K-107",
)


def line(name: str = "Brass bell, two-tone", quantity: str = "2", price: str = "9.75", **changes: object) -> Line:
    """A line at 19 % VAT."""
    plain = Line(name, Decimal(quantity), Decimal(price), VatCategory.STANDARD, Decimal(19))
    return replace(plain, **changes)  # type: ignore[arg-type]  # tests name the fields that they change


def lines(count: int) -> list[Line]:
    """So many lines that can be told apart."""
    return [line(f"Article {at:04d} of the list", str(1 + at % 7), f"{3 + at % 50}.45") for at in range(count)]


def document(
    rows: Sequence[Line] | None = None,
    *,
    number: str = "INV-000042",
    seller: Seller = SELLER,
    customer: Customer = CUSTOMER,
    **changes: object,
) -> Document:
    """A document in euros."""
    content = Content(
        document_type=DocumentType.INVOICE,
        customer_id=customer.customer_id,
        issue_date=date(2026, 6, 2),
        currency="EUR",
        lines=tuple([line()] if rows is None else rows),
    )
    content = replace(content, **changes)  # type: ignore[arg-type]  # as above
    return Document(number, ISSUED_AT, content, seller, customer, calculate(content))


FULL_SELLER = replace(
    SELLER,
    trading_name="Nordrad",
    registration=Registration("HRB 12345"),
    tax_number="12/345/67890",
    legal_information="Geschäftsführerin: Ada Hansen\nAmtsgericht Hamburg",
    electronic_address=ElectronicAddress("9930", "DE123456789-EAS"),
    contact=Contact("Bo Ahlers", "+49 40 1234", "bo@fahrradteile-nord.example"),
    account_name="Fahrradteile Nord Konto",
    bic="BYLADEM1001",
    colour="#7a1f3d",
)
FULL_CUSTOMER = replace(
    CUSTOMER,
    trading_name="De Fietshof",
    registration=Registration("KVK 87654321"),
    contact=Contact("Cas de Vries", "+31 30 4321", "cas@hofvanfietsen.example"),
    address=Address("Oudegracht 218", "Utrecht", "3511 NP", "NL", "Achterhuis", "Etage 2", "Utrecht (provincie)"),
)


def full_document(**changes: object) -> Document:
    """Everything that a document can say."""
    rows = [
        line(
            quantity="1200",
            unit="KGM",
            base_quantity=Decimal(100),
            item_reference="BL-0001",
            description="Polished, with a spring made of steel",
            note="Packed in twelve boxes",
            adjustments=(
                Adjustment(AdjustmentKind.ALLOWANCE, percentage=Decimal("2.5"), reason="Loyal customer"),
                Adjustment(AdjustmentKind.CHARGE, amount=Decimal(1), reason="Engraving"),
            ),
            period=Period(date(2026, 5, 1), date(2026, 5, 31)),
            order_line="7",
            buyer_item_reference="HVF-99",
            standard_item_id="04012345678901",
            origin_country="JP",
        ),
        line("Workshop hour", "1.5", "52", unit="HUR", vat_rate=Decimal(7)),
        line("Spare parts to be resold", "3", "10", vat_category=VatCategory.INTRA_COMMUNITY, vat_rate=Decimal(0)),
    ]
    everything: dict[str, object] = {
        "adjustments": (
            DocumentAdjustment(
                AdjustmentKind.ALLOWANCE,
                Decimal(1),
                reason="Spring sale",
                vat_category=VatCategory.STANDARD,
                vat_rate=Decimal(19),
            ),
            DocumentAdjustment(
                AdjustmentKind.CHARGE,
                Decimal(1),
                reason="Freight",
                vat_category=VatCategory.STANDARD,
                vat_rate=Decimal(19),
            ),
        ),
        "payment_terms": PaymentTerms(30, (EarlyPayment(10, Decimal(2)),), "Title is kept until paid."),
        "prepaid": Decimal("100.00"),
        "exchange_rate": ExchangeRate("SEK", Decimal("11.2345"), "ECB", date(2026, 6, 1)),
        "delivery": Delivery(date(2026, 5, 29), "BE", "Depot Zuid", "Havenlaan 1", "Gent", "9000"),
        "period": Period(date(2026, 5, 1), date(2026, 5, 31)),
        "preceding": (Preceding(None, "INV-000007", date(2026, 4, 3)),),
        "buyer_reference": "04011000-12345-67",
        "order_reference": "PO-5521",
        "contract_reference": "C-2026-9",
        "project_reference": "P-31",
        "external_reference": "RE2601",
        "note": "Thank you for your order.\nDelivered on 1 June.",
        "attachments": (Attachment("A-1", "hours.pdf", "application/pdf", "00" * 32, "Hours worked"),),
    }
    plain = document(rows, seller=FULL_SELLER, customer=FULL_CUSTOMER)
    content = replace(plain.content, **{**everything, **changes})  # type: ignore[arg-type]  # as above
    return replace(plain, content=content, totals=calculate(content))
