"""Documents to write as XML: one with everything that a document can say, and a strategy for all others."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.document.checking import check
from services.invoices.domain.document.content import (
    Attachment,
    Content,
    Delivery,
    DocumentType,
    EarlyPayment,
    ExchangeRate,
    PaymentTerms,
    Preceding,
    Prices,
    TaxPoint,
)
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.lines import Adjustment, AdjustmentKind, DocumentAdjustment, Line, Period
from services.invoices.domain.document.parties import (
    Address,
    Contact,
    Customer,
    ElectronicAddress,
    Profile,
    Registration,
    Seller,
)
from services.invoices.domain.document.vat import EXEMPTION_REASONS, Exemption, VatCategory

DAY = date(2026, 11, 22)
PDF = b"%PDF-1.7 a drawing"
PDF_DIGEST = "5c" * 32

SELLER = Seller(
    name="Fahrradteile Nord GmbH & Co. KG",
    address=Address("Speicherstraße 4", "Hamburg", "20457", "DE", "Hof 2", "Tor <7>", "Hamburg"),
    email="rechnung@fahrradteile-nord.example",
    iban="DE02120300000000202051",
    vat_id="DE123456789",
    account_since=date(2026, 3, 1),
    trading_name="Fahrradteile Nord",
    registration=Registration("HRB 12345"),
    tax_number="22/815/0815/4",
    legal_information="Amtsgericht Hamburg; Geschäftsführerin: Ada Lüders",
    electronic_address=ElectronicAddress("9930", "DE123456789"),
    contact=Contact("Ada Lüders", "+49 40 1234567", "ada@fahrradteile-nord.example"),
    account_name="Fahrradteile Nord",
    bic="BYLADEM1001",
)
CUSTOMER = Customer(
    customer_id="019aa0e5-2222-7000-8000-000000000002",
    name="Hof van Fietsen B.V.",
    email="administratie@hofvanfietsen.example",
    address=Address("Oudegracht 218", "Utrecht", "3511 NP", "NL", "Achterhuis", "2e verdieping", "Utrecht"),
    vat_id="NL001234567B01",
    reference="K-107",
    trading_name="Fietshof",
    registration=Registration("30123456", "0106"),
    electronic_address=ElectronicAddress("0106", "30123456"),
    contact=Contact("Bob de Vries", "+31 30 1234567", "bob@hofvanfietsen.example"),
    buyer_reference="Kostenplaats 7",
)
GERMAN = replace(
    CUSTOMER,
    address=Address("Rathausmarkt 1", "Hamburg", "20095", "DE"),
    vat_id="DE987654321",
    registration=None,
    electronic_address=ElectronicAddress("0204", "04011000-12345-67"),
    buyer_reference="04011000-12345-67",
    profile=Profile.XRECHNUNG,
    language="de",
)


def document(content: Content, seller: Seller = SELLER, customer: Customer = CUSTOMER) -> Document:
    """What issuing makes of a content that was checked."""
    check(content)
    return Document("2026-00107", "2026-11-22T09:00:00.000000Z", content, seller, customer, calculate(content))


def rate_of(category: VatCategory) -> Decimal:
    return {VatCategory.STANDARD: Decimal(19), VatCategory.CANARY_ISLANDS: Decimal("6.5")}.get(category, Decimal(0))


def full(category: VatCategory, document_type: DocumentType = DocumentType.INVOICE) -> Content:
    """A content that says everything there is to say, in one category of VAT."""
    rate = rate_of(category)
    off = Adjustment(AdjustmentKind.ALLOWANCE, percentage=Decimal("12.5"), reason="Regular customer", reason_code="95")
    on = Adjustment(AdjustmentKind.CHARGE, amount=Decimal("1.50"), reason_code="ABL")
    bell = Line(
        name="Brass bell, two-tone",
        quantity=Decimal("125.5"),
        unit_price=Decimal("9.7543"),
        vat_category=category,
        vat_rate=rate,
        item_reference="B-12",
        unit="H87",
        base_quantity=Decimal(10),
        description='With "screws" & spring',
        note="From the spring list",
        adjustments=(off, on),
        period=Period(date(2026, 11, 1), date(2026, 11, 15)),
        order_line="3",
        buyer_item_reference="FB-9",
        standard_item_id="04012345123456",
        origin_country="IT",
    )
    back = Line("Bell, taken back", Decimal(-2), Decimal("9.75"), category, rate, adjustments=(off,))
    return Content(
        document_type=document_type,
        customer_id=CUSTOMER.customer_id,
        issue_date=DAY,
        currency="CHF",
        lines=(bell, back),
        adjustments=(
            DocumentAdjustment(
                AdjustmentKind.ALLOWANCE, percentage=Decimal(5), reason="Fair", vat_category=category, vat_rate=rate
            ),
            DocumentAdjustment(
                AdjustmentKind.CHARGE, Decimal("7.90"), reason="Freight", vat_category=category, vat_rate=rate
            ),
        ),
        payment_terms=PaymentTerms(
            30, (EarlyPayment(10, Decimal(3)), EarlyPayment(20, Decimal("1.5"))), "Goods stay ours until paid."
        ),
        prepaid=Decimal("2.00"),
        payable_rounded_to=Decimal("0.05"),
        exchange_rate=ExchangeRate("EUR", Decimal("1.0634"), "ECB", date(2026, 11, 20)),
        delivery=Delivery(date(2026, 11, 18), "NL", "Werkplaats", "Singel 1", "Utrecht", "3512 AA"),
        period=Period(date(2026, 11, 1), date(2026, 11, 30)),
        preceding=(Preceding(None, "2026-00001", date(2026, 1, 5)), Preceding(None, "2026-00002")),
        buyer_reference="Kostenplaats 8",
        order_reference="PO-55",
        contract_reference="C-1",
        project_reference="P-9",
        tax_point=TaxPoint.DELIVERY,
        note="Thank you.",
        attachments=(Attachment("T-1", "timesheet.pdf", "application/pdf", PDF_DIGEST, "Timesheet"),),
    )


GOLDEN = {
    "invoice": document(full(VatCategory.STANDARD)),
    "xrechnung": document(full(VatCategory.EXEMPT, DocumentType.PREPAYMENT_INVOICE), SELLER, GERMAN),
    "credit_note": document(full(VatCategory.OUTSIDE_SCOPE, DocumentType.CREDIT_NOTE)),
}
"""What stands in tests/vectors/documents, by name."""


_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)
_OTHER_NUMBERS = st.lists(_TEXTS, max_size=2, unique_by=str.casefold)
_MAYBE_TEXT = st.none() | _TEXTS
_TAX_POINT_DATES = st.none() | st.just(DAY - timedelta(3))
_AMOUNTS = st.decimals(0, 5000, places=2)
_PERCENTAGES = st.decimals(0, 100, places=2)
_REASONS = {AdjustmentKind.ALLOWANCE: ("95", "100", "64"), AdjustmentKind.CHARGE: ("FC", "ABL", "AA")}
# The official Schematron takes a rate below half a percent for zero (BR-CO-17).
_RATES = {
    VatCategory.STANDARD: ("0.5", "5.5", "7", "19", "25"),
    VatCategory.CANARY_ISLANDS: ("3", "6.5"),  # EN 16931 permits zero, its Schematron for CII does not (BR-AF-05)
    VatCategory.CEUTA_AND_MELILLA: ("0", "4"),
}
_TO_UTRECHT = Delivery(DAY, "NL", None, "Singel 1", "Utrecht", "3512 AA")
_CROSSING = {VatCategory.REVERSE_CHARGE, VatCategory.INTRA_COMMUNITY, VatCategory.EXPORT}

Tax = tuple[VatCategory, Decimal]


@st.composite
def _taxes(draw: st.DrawFn) -> Sequence[Tax]:
    """Up to three categories with their rates; what is outside the scope of VAT stands alone (BR-O-11)."""
    found = draw(st.lists(st.sampled_from(VatCategory), min_size=1, max_size=3))
    if VatCategory.OUTSIDE_SCOPE in found:
        found = [VatCategory.OUTSIDE_SCOPE]
    return [(each, Decimal(draw(st.sampled_from(_RATES.get(each, ("0",)))))) for each in found]


@st.composite
def _adjustments(draw: st.DrawFn, *, percentages: bool = True) -> Adjustment:
    kind = draw(st.sampled_from(AdjustmentKind))
    reason, code = draw(_MAYBE_TEXT), draw(st.none() | st.sampled_from(_REASONS[kind]))
    said = (reason or ("Agreed" if code is None else None), code)
    if percentages and draw(st.booleans()):
        return Adjustment(kind, None, draw(_PERCENTAGES), *said)
    return Adjustment(kind, draw(_AMOUNTS), None, *said)


@st.composite
def _lines(draw: st.DrawFn, tax: Tax) -> Line:
    return Line(
        name=draw(_TEXTS),
        quantity=draw(st.decimals(-1000, 1000, places=3).filter(bool)),
        unit_price=draw(st.decimals(0, 10000, places=4)),
        vat_category=tax[0],
        vat_rate=tax[1],
        item_reference=draw(_MAYBE_TEXT),
        unit=draw(st.sampled_from(["C62", "H87", "HUR", "KGM", "XPP"])),
        base_quantity=draw(st.sampled_from(["1", "3", "100", "0.5"]).map(Decimal)),
        description=draw(_MAYBE_TEXT),
        note=draw(_MAYBE_TEXT),
        adjustments=tuple(draw(st.lists(_adjustments(), max_size=2))),
        period=draw(st.none() | st.just(Period(DAY - timedelta(2), DAY))),
        order_line=draw(_MAYBE_TEXT),
        buyer_item_reference=draw(_MAYBE_TEXT),
        standard_item_id=draw(st.none() | st.just("04012345123456")),
        origin_country=draw(st.none() | st.sampled_from(["IT", "CN"])),
    )


@st.composite
def _document_adjustments(draw: st.DrawFn, tax: Tax, *, percentages: bool) -> DocumentAdjustment:
    plain = draw(_adjustments(percentages=percentages))
    return DocumentAdjustment(
        plain.kind,
        plain.amount,
        plain.percentage,
        plain.reason,
        plain.reason_code,
        vat_category=tax[0],
        vat_rate=tax[1],
    )


@st.composite
def contents(draw: st.DrawFn) -> Content:
    """Whatever `check` lets through, of every kind."""
    taxes = draw(_taxes())
    prices, lines = draw(st.sampled_from(Prices)), [draw(_lines(tax)) for tax in taxes for _ in range(2)]
    currency = draw(st.sampled_from(["EUR", "CHF", "USD", "JPY", "KWD"]))
    percentages = prices is Prices.NET or len(set(taxes)) == 1
    adjustments = draw(
        st.lists(
            st.sampled_from(taxes).flatmap(lambda tax: _document_adjustments(tax, percentages=percentages)), max_size=3
        )
    )
    reasons = [each for each in dict(taxes) if each in EXEMPTION_REASONS and draw(st.booleans())]
    code = draw(st.none() | st.sampled_from(TaxPoint))
    return Content(
        document_type=draw(st.sampled_from(DocumentType)),
        customer_id=CUSTOMER.customer_id,
        issue_date=DAY,
        currency=currency,
        lines=tuple(lines),
        prices=prices,
        adjustments=tuple(adjustments),
        exemptions=tuple(Exemption(each, draw(_TEXTS)) for each in reasons),
        due_date=draw(st.none() | st.just(DAY + timedelta(7))),
        payment_terms=draw(st.none() | _terms()),
        prepaid=draw(_AMOUNTS),
        payable_rounded_to=draw(st.none() | st.just(Decimal("0.05"))) if currency == "CHF" else None,
        exchange_rate=draw(st.none() | st.just(ExchangeRate("SEK", Decimal("11.0275"), "ECB", DAY))),
        delivery=_delivered(taxes) or draw(st.none() | st.just(Delivery(DAY)) | st.just(_TO_UTRECHT)),
        period=draw(st.none() | st.just(Period(DAY - timedelta(10), None)) | st.just(Period(None, DAY))),
        preceding=tuple(Preceding(None, number) for number in draw(_OTHER_NUMBERS)),
        buyer_reference=draw(_MAYBE_TEXT),
        order_reference=draw(_MAYBE_TEXT),
        contract_reference=draw(_MAYBE_TEXT),
        project_reference=draw(_MAYBE_TEXT),
        tax_point_date=draw(_TAX_POINT_DATES) if code is None else None,
        tax_point=code,
        note=draw(_MAYBE_TEXT),
        attachments=draw(st.sampled_from([(), full(VatCategory.STANDARD).attachments])),
    )


def _delivered(taxes: Sequence[Tax]) -> Delivery | None:
    crosses = VatCategory.INTRA_COMMUNITY in dict(taxes)
    return _TO_UTRECHT if crosses else None


@st.composite
def _terms(draw: st.DrawFn) -> PaymentTerms:
    discounts = draw(
        st.lists(st.builds(EarlyPayment, st.integers(0, 14), st.decimals("0.01", "9.99", places=2)), max_size=2)
    )
    words = draw(_MAYBE_TEXT.filter(lambda text: text is None or not text.startswith("#")))
    return PaymentTerms(draw(st.none() | st.integers(14, 90)), tuple(discounts), words)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Documents of all kinds, between parties that say much or little."""
    content = draw(contents())
    small = Seller(SELLER.name, SELLER.address, SELLER.email, SELLER.iban, SELLER.vat_id, contact=SELLER.contact)
    small = replace(small, electronic_address=draw(st.sampled_from([None, SELLER.electronic_address])))
    little = Customer(draw(_TEXTS), CUSTOMER.email, CUSTOMER.address, CUSTOMER.vat_id, customer_id=CUSTOMER.customer_id)
    seller = draw(st.sampled_from([SELLER, small, replace(small, vat_id=None, tax_number="22/815/0815/4")]))
    customer = draw(st.sampled_from([CUSTOMER, GERMAN, replace(GERMAN, profile=Profile.PEPPOL), little]))
    if seller.electronic_address is None and customer.profile is Profile.PEPPOL:
        customer = little  # whoever has an address in Peppol is written to from one (PEPPOL-EN16931-CL008)
    used = {line.vat_category for line in content.lines}
    if _CROSSING & used and seller.vat_id is None:
        seller = small
    if VatCategory.OUTSIDE_SCOPE in used and seller is small:
        seller = replace(small, tax_number="22/815/0815/4")  # its VAT identifier is left out (BR-O-02, BR-CO-26)
    return document(content, seller, customer)
