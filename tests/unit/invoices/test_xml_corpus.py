"""Whatever may be drafted passes the official rules in both forms: 60 documents each time, 600 in `make test-long`."""

from decimal import Decimal
from fractions import Fraction
from itertools import product

import facturx
import pytest
from hypothesis import event, given, settings
from lxml import etree

from services.invoices.adapters.xml.forms import forms
from services.invoices.adapters.xml.rules import Rules
from services.invoices.domain.document.content import DocumentType, Prices
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.lines import Adjustment, AdjustmentKind
from services.invoices.domain.document.parties import Profile
from services.invoices.domain.document.vat import VatCategory
from tests.unit.invoices.documents import CUSTOMER, GERMAN, PDF, PDF_DIGEST, SELLER, document, documents, full

LONG = settings.get_current_profile_name() == "long"


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules()


@settings(max_examples=600 if LONG else 60)
@given(document=documents())
def test_every_document_keeps_the_rules(rules: Rules, document: Document) -> None:
    for category in {part.category for part in document.totals.breakdown}:
        event(f"{document.content.document_type.value} with {category.name}")
    both = forms(document, {PDF_DIGEST: PDF})
    assert rules.broken(both) == []
    assert facturx.xml_check_xsd(both.cii, flavor="factur-x", level="en16931")


@pytest.mark.parametrize(
    ("category", "kind", "profile"),
    list(product(VatCategory, DocumentType, Profile)),
)
def test_what_says_everything_keeps_the_rules(
    rules: Rules, category: VatCategory, kind: DocumentType, profile: Profile
) -> None:
    customer = {Profile.PEPPOL: CUSTOMER, Profile.XRECHNUNG: GERMAN}[profile]
    assert rules.broken(forms(document(full(category, kind), SELLER, customer), {PDF_DIGEST: PDF})) == []


@given(document=documents())
def test_both_forms_say_the_amounts_that_another_computation_finds(document: Document) -> None:
    content = document.content
    if content.prices is Prices.GROSS:
        return  # what is agreed there is no sum of net amounts; test_calculation has its laws
    both = forms(document)
    assert _amount(both.ubl, "TaxInclusiveAmount") == _amount(both.cii, "GrandTotalAmount") == _total_by_hand(document)


def _amount(form: bytes, element: str) -> Decimal:
    return Decimal(etree.fromstring(form).findtext(f".//{{*}}{element}") or "missing")


def _total_by_hand(document: Document) -> Decimal:
    """Compute the total with VAT (BT-112) in fractions of cents: another way than the one under test."""
    content = document.content
    taxable: dict[tuple[VatCategory, Decimal], int] = {}
    lines_total = 0
    for line in content.lines:
        base = _cents(Fraction(line.quantity) * Fraction(line.unit_price) / Fraction(line.base_quantity))
        net = base + sum(_signed(each, base) for each in line.adjustments)
        lines_total += net
        group = (line.vat_category, line.vat_rate)
        taxable[group] = taxable.get(group, 0) + net
    for each in content.adjustments:
        group = (each.vat_category, each.vat_rate)
        taxable[group] = taxable.get(group, 0) + _signed(each, lines_total)
    taxes = (_cents(Fraction(net, 100) * Fraction(rate) / 100) for (_, rate), net in taxable.items())
    return Decimal(sum(taxable.values()) + sum(taxes)).scaleb(-2)


def _signed(adjustment: Adjustment, base: int) -> int:
    exact = (
        Fraction(adjustment.amount or 0)
        if adjustment.percentage is None
        else Fraction(base, 100) * Fraction(adjustment.percentage) / 100
    )
    return _cents(exact) * (-1 if adjustment.kind is AdjustmentKind.ALLOWANCE else 1)


def _cents(exact: Fraction) -> int:
    """Round half up, away from zero."""
    sign = -1 if exact < 0 else 1
    return sign * int(abs(exact) * 100 + Fraction(1, 2))
