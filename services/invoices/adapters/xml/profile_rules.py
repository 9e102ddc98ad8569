"""Rules of Peppol BIS Billing 3.0 (3.0.19) and XRechnung 3.0 (Schematron 2.4) that drafts break, on the UBL form.

Not their official artefacts, and not all of their rules: what the writer keeps by itself is left out (one note, one tax
total, base amounts beside percentages, the form of dates), and so are check digits of electronic addresses and the
national rules of other countries than Germany. Each rule is an XPath 1.0 expression that finds what breaks it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from lxml import etree

from services.invoices.adapters.xml import profiles
from services.invoices.adapters.xml.schematron import terms_in
from services.invoices.domain.document.rule import BrokenRule

_COMPONENTS = "urn:oasis:names:specification:ubl:schema:xsd:Common{}Components-2"
_PREFIXES = {
    "cac": _COMPONENTS.format("Aggregate"),
    "cbc": _COMPONENTS.format("Basic"),
    "re": "http://exslt.org/regular-expressions",
}
_SELLER, _BUYER = "/*/cac:AccountingSupplierParty/cac:Party", "/*/cac:AccountingCustomerParty/cac:Party"
_LINES = "/*/*[self::cac:InvoiceLine or self::cac:CreditNoteLine]"
_LINE_TAGS = frozenset(f"{{{_PREFIXES['cac']}}}{name}" for name in ("InvoiceLine", "CreditNoteLine"))
_SKONTO = r"SKONTO#TAGE=[0-9]+#PROZENT=[0-9]+\.[0-9]{2}(#BASISBETRAG=-?[0-9]+\.[0-9]{2})?#$"


@dataclass(frozen=True, slots=True)
class _Rule:
    id: str
    words: str
    breaks: etree.XPath

    def broken_by(self, root: etree._Element) -> Iterator[BrokenRule]:
        found = cast("list[etree._Element]", self.breaks(root))  # noqa: SLF001 -- that is the class's public name
        for element in found:
            yield BrokenRule(self.id, self.words, _line_of(element), terms_in(self.words))


def _rule(id_: str, words: str, breaks: str) -> _Rule:
    return _Rule(id_, words, etree.XPath(breaks, namespaces=_PREFIXES))


def _day(path: str) -> str:
    return f"number(translate({path}, '-', ''))"


def _exemption_code(id_: str, code: str, category: str) -> _Rule:
    return _rule(
        id_,
        f"The exemption reason code {code} (BT-121) belongs to the VAT category {category} (BT-118).",
        f"/*/cac:TaxTotal/*/cac:TaxCategory[cbc:TaxExemptionReasonCode = '{code}'][cbc:ID != '{category}']",
    )


_PEPPOL = (
    _rule(
        "PEPPOL-EN16931-R003",
        "A buyer reference (BT-10) or purchase order reference (BT-13) is needed.",
        "/*[not(cbc:BuyerReference or cac:OrderReference/cbc:ID)]",
    ),
    _rule(
        "PEPPOL-EN16931-R005",
        "The VAT accounting currency (BT-6) is another than the invoice currency (BT-5).",
        "/*[cbc:TaxCurrencyCode = cbc:DocumentCurrencyCode]",
    ),
    _rule("PEPPOL-EN16931-R010", "The buyer needs an electronic address (BT-49).", f"{_BUYER}[not(cbc:EndpointID)]"),
    _rule("PEPPOL-EN16931-R020", "The seller needs an electronic address (BT-34).", f"{_SELLER}[not(cbc:EndpointID)]"),
    _rule(
        "PEPPOL-EN16931-R110",
        "The period of a line (BT-134) begins before the invoicing period (BT-73).",
        f"{_LINES}[{_day('cac:InvoicePeriod/cbc:StartDate')} < {_day('/*/cac:InvoicePeriod/cbc:StartDate')}]",
    ),
    _rule(
        "PEPPOL-EN16931-R111",
        "The period of a line (BT-135) ends after the invoicing period (BT-74).",
        f"{_LINES}[{_day('cac:InvoicePeriod/cbc:EndDate')} > {_day('/*/cac:InvoicePeriod/cbc:EndDate')}]",
    ),
    _exemption_code("PEPPOL-EN16931-P0104", "VATEX-EU-G", "G"),
    _exemption_code("PEPPOL-EN16931-P0105", "VATEX-EU-O", "O"),
    _exemption_code("PEPPOL-EN16931-P0106", "VATEX-EU-IC", "K"),
    _exemption_code("PEPPOL-EN16931-P0107", "VATEX-EU-AE", "AE"),
    _exemption_code("PEPPOL-EN16931-P0108", "VATEX-EU-D", "E"),
    _exemption_code("PEPPOL-EN16931-P0109", "VATEX-EU-F", "E"),
    _exemption_code("PEPPOL-EN16931-P0110", "VATEX-EU-I", "E"),
    _exemption_code("PEPPOL-EN16931-P0111", "VATEX-EU-J", "E"),
)


def _german(prefix: str) -> tuple[_Rule, ...]:
    """Return Germany's rules, which XRechnung (BR-DE-n) and Peppol (DE-R-0nn) number alike."""

    def rule(number: int, words: str, breaks: str) -> _Rule:
        return _rule(f"BR-DE-{number}" if prefix == "BR-DE" else f"DE-R-{number:03}", words, breaks)

    address = "/*/cac:Delivery/cac:DeliveryLocation/cac:Address"
    files = "cac:Attachment/cbc:EmbeddedDocumentBinaryObject/@filename"
    return (
        rule(3, "The seller's address needs a city (BT-37).", f"{_SELLER}/cac:PostalAddress[not(cbc:CityName)]"),
        rule(4, "The seller's address needs a post code (BT-38).", f"{_SELLER}/cac:PostalAddress[not(cbc:PostalZone)]"),
        rule(5, "The seller names a contact point (BT-41).", f"{_SELLER}/cac:Contact[not(cbc:Name)]"),
        rule(6, "The seller's contact has a telephone number (BT-42).", f"{_SELLER}/cac:Contact[not(cbc:Telephone)]"),
        rule(7, "The seller's contact has an e-mail (BT-43).", f"{_SELLER}/cac:Contact[not(cbc:ElectronicMail)]"),
        rule(8, "The buyer's address needs a city (BT-52).", f"{_BUYER}/cac:PostalAddress[not(cbc:CityName)]"),
        rule(9, "The buyer's address needs a post code (BT-53).", f"{_BUYER}/cac:PostalAddress[not(cbc:PostalZone)]"),
        rule(10, "The delivery address needs a city (BT-77).", f"{address}[not(cbc:CityName)]"),
        rule(11, "The delivery address needs a post code (BT-78).", f"{address}[not(cbc:PostalZone)]"),
        rule(15, "A buyer reference (BT-10) is needed: the Leitweg-ID.", "/*[not(cbc:BuyerReference)]"),
        rule(
            16,
            "The seller needs a VAT identifier (BT-31) or tax number (BT-32).",
            f"{_SELLER}[not(cac:PartyTaxScheme)][//cac:ClassifiedTaxCategory/cbc:ID != 'O']",
        ),
        rule(
            18,
            "In the payment terms (BT-20) a line that begins with # is a discount: #SKONTO#TAGE=14#PROZENT=2.00#",
            rf"/*[re:test(string(cac:PaymentTerms/cbc:Note), '(?m)^\s*#(?!{_SKONTO})')]",
        ),
        rule(
            22,
            "Attached files (BT-125) have names of their own.",
            f"/*/cac:AdditionalDocumentReference[{files} = preceding-sibling::cac:AdditionalDocumentReference/{files}]",
        ),
    )


_OVER_PEPPOL = (
    _rule(
        "PEPPOL-EN16931-CL008",
        "To write to an address in Peppol (BT-49) the seller needs one too (BT-34): a mailbox is none.",
        f"{_SELLER}/cbc:EndpointID[@schemeID = 'EM']",
    ),
)
_XRECHNUNG, _PEPPOL_IN_GERMANY = _german("BR-DE"), _german("DE-R")
PROFILE_RULES = tuple(rule.id for rule in (*_PEPPOL, *_OVER_PEPPOL, *_XRECHNUNG, *_PEPPOL_IN_GERMANY))
"""The ids of all rules that are checked here."""
# A customer whose documents go by mail has a mailbox for an electronic address. Nothing of theirs passes Peppol's
# network, which takes no mailbox and checks national rules: a German seller without a telephone may write to them.
_GOES_OVER_PEPPOL = etree.XPath(f"{_BUYER}/cbc:EndpointID/@schemeID != 'EM'", namespaces=_PREFIXES)
_COUNTRY = "cac:PostalAddress/cac:Country/cbc:IdentificationCode"
_STAYS_IN_GERMANY = etree.XPath(f"{_SELLER}/{_COUNTRY} = 'DE' and {_BUYER}/{_COUNTRY} = 'DE'", namespaces=_PREFIXES)


def broken_of_profile(ubl: etree._Element) -> Iterator[BrokenRule]:
    """Yield the rules of its profile (BT-24) that a document in UBL breaks."""
    for rule in _rules_for(ubl):
        yield from rule.broken_by(ubl)


def _rules_for(ubl: etree._Element) -> tuple[_Rule, ...]:
    if ubl.findtext("cbc:CustomizationID", namespaces=_PREFIXES) == profiles.XRECHNUNG:
        return (*_PEPPOL, *_XRECHNUNG)
    if not _GOES_OVER_PEPPOL(ubl):
        return _PEPPOL
    return (*_PEPPOL, *_OVER_PEPPOL, *(_PEPPOL_IN_GERMANY if _STAYS_IN_GERMANY(ubl) else ()))


def _line_of(element: etree._Element) -> int | None:
    if element.tag not in _LINE_TAGS:
        return None
    return sum(1 for _ in element.itersiblings(element.tag, preceding=True))
