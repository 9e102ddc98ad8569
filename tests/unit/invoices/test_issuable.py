"""What is found about the parties before a number is taken is what the official rules would find afterwards."""

from dataclasses import replace
from itertools import product

import pytest

from services.invoices.adapters.xml.forms import forms
from services.invoices.adapters.xml.rules import Rules
from services.invoices.domain.document.issuable import broken_by_parties
from services.invoices.domain.document.parties import Customer, ElectronicAddress, Registration, Seller
from services.invoices.domain.document.vat import VatCategory
from tests.unit.invoices.documents import CUSTOMER, PDF, PDF_DIGEST, SELLER, document, full

ENTRY = Registration("HRB 12345")
SELLERS = {
    "vat id": replace(SELLER, vat_id="DE123456789", tax_number=None, registration=None),
    "vat id and entry": replace(SELLER, vat_id="DE123456789", tax_number=None, registration=ENTRY),
    "tax number": replace(SELLER, vat_id=None, tax_number="22/815", registration=None),
    "tax number and entry": replace(SELLER, vat_id=None, tax_number="22/815", registration=ENTRY),
    "entry": replace(SELLER, vat_id=None, tax_number=None, registration=ENTRY),
    "odd vat id": replace(SELLER, vat_id="QQ123456789", registration=ENTRY),
}
CUSTOMERS = {
    "vat id": replace(CUSTOMER, vat_id="NL001234567B01", registration=None),
    "greek": replace(CUSTOMER, vat_id="EL123456789", registration=None),
    "northern irish": replace(CUSTOMER, vat_id="XI123456789", registration=None),
    "entry": replace(CUSTOMER, vat_id=None, registration=ENTRY),
    "nothing": replace(CUSTOMER, vat_id=None, registration=None),
    "odd vat id": replace(CUSTOMER, vat_id="ZZ1234567", registration=None),
}
CASES = [
    pytest.param(category, SELLERS[seller], CUSTOMERS[customer], id=f"{category}-{seller}-{customer}")
    for category, seller, customer in product(VatCategory, SELLERS, CUSTOMERS)
]


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules()


@pytest.mark.parametrize(("category", "seller", "customer"), CASES)
def test_the_official_rules_agree(rules: Rules, category: VatCategory, seller: Seller, customer: Customer) -> None:
    mailed = replace(customer, electronic_address=ElectronicAddress("EM", customer.email))
    content = full(category)
    ours = {rule.id for rule in broken_by_parties(content, seller, mailed)}
    officially = {rule.id for rule in rules.broken(forms(document(content, seller, mailed), {PDF_DIGEST: PDF}))}
    assert ours <= officially
    assert bool(ours) is bool(officially), officially
