"""The forms of a usual invoice: written, judged by the official rules, drawn."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from services.invoices.adapters.drawing.draw import draw
from services.invoices.adapters.xml.forms import forms
from services.invoices.adapters.xml.rules import Rules
from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.document.content import Content, DocumentType, EarlyPayment, PaymentTerms
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.lines import Adjustment, AdjustmentKind, DocumentAdjustment, Line
from services.invoices.domain.document.parties import Address, Contact, Customer, Seller
from services.invoices.domain.document.vat import VatCategory
from tests.bench.part import Bench, Ratios, Raw
from tests.bench.rounds import Contender, interleaved

_SELLER = Seller(
    "Fahrradteile Nord GmbH",
    Address("Speicherstraße 4", "Hamburg", "20457", "DE"),
    "rechnung@fahrradteile-nord.example",
    "DE02120300000000202051",
    "DE123456789",
    contact=Contact("Ada Lüders", "+49 40 1234567"),
)
_CUSTOMER = Customer(
    customer_id="019aa0e5-2222-7000-8000-000000000002",
    name="Hof van Fietsen B.V.",
    email="administratie@hofvanfietsen.example",
    address=Address("Oudegracht 218", "Utrecht", "3511 NP", "NL"),
    vat_id="NL001234567B01",
    reference="K-107",
)
_DISCOUNT = Adjustment(AdjustmentKind.ALLOWANCE, percentage=Decimal(10), reason="Regular customer")
_FREIGHT = DocumentAdjustment(
    AdjustmentKind.CHARGE, Decimal("7.90"), reason="Freight", vat_category=VatCategory.STANDARD, vat_rate=Decimal(19)
)


def usual(number: int) -> Document:
    """Return an invoice as most are: five lines at two rates, an allowance, freight, terms; each with other amounts."""
    lines = tuple(
        Line(
            f"Article {number % 997 + index} of the list",
            Decimal(1 + (number + index) % 7),
            Decimal(100 + (number * 13 + index * 7) % 9_900) / 100,
            VatCategory.STANDARD,
            Decimal(7 if index == 2 else 19),
            f"A-{index}",
        )
        for index in range(5)
    )
    content = Content(
        DocumentType.INVOICE,
        _CUSTOMER.customer_id,
        date(2026, 11, 22),
        "EUR",
        (replace(lines[0], adjustments=(_DISCOUNT,)), *lines[1:]),
        adjustments=(_FREIGHT,),
        payment_terms=PaymentTerms(30, (EarlyPayment(10, Decimal(2)),)),
        order_reference=f"PO-{number}",
    )
    issued_at = "2026-11-22T09:00:00.000000Z"
    return Document(f"2026-{number:05}", issued_at, content, _SELLER, _CUSTOMER, calculate(content))


def written(bench: Bench) -> tuple[Ratios, Raw]:
    """Write both forms of many documents."""
    documents = [usual(number) for number in range(bench.scale.forms)]
    took = interleaved(
        bench.scale.rounds, {"cii_and_ubl": _spent(lambda: [forms(each) for each in documents])}, bench.said
    )
    rates = took.rates(len(documents))
    return {"xml_pairs_per_s_per_core": rates["cii_and_ubl"]["median"]}, {"documents_per_s": rates}


def judged(bench: Bench) -> tuple[Ratios, Raw]:
    """Judge both forms of many documents: schemas, Schematron, profiles."""
    rules = Rules()
    pairs = [forms(usual(number)) for number in range(bench.scale.forms // 3)]
    took = interleaved(
        bench.scale.rounds, {"cii_and_ubl": _spent(lambda: [rules.broken(each) for each in pairs])}, bench.said
    )
    rates = took.rates(len(pairs))
    return {"validations_per_s_per_core": rates["cii_and_ubl"]["median"]}, {"documents_per_s": rates}


def drawn(bench: Bench) -> tuple[Ratios, Raw]:
    """Write both forms of many documents and draw them: everything but the rules."""
    documents = [usual(number) for number in range(bench.scale.forms)]

    def make() -> None:
        for document in documents:
            draw(document, forms(document).cii)

    make()  # the typeface is loaded once
    took = interleaved(bench.scale.rounds, {"cii_ubl_and_pdf": _spent(make)}, bench.said)
    rates = took.rates(len(documents))
    return {"documents_per_s_per_core": rates["cii_ubl_and_pdf"]["median"]}, {"documents_per_s": rates}


def _spent(action: Callable[[], object]) -> Contender:
    """Return what runs it and answers with the processor seconds that it took."""

    def run() -> float:
        start = time.process_time()
        action()
        return time.process_time() - start

    return run
