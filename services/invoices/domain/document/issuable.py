"""What the parties of a document must say about themselves before it is issued: EN 16931's rules, each with its id.

The official rules judge the finished forms, which takes tens of milliseconds, and judge before anything is archived. By
then the number is taken. So what they could still find about a checked content is found here first, in microseconds:
tests hold the two together.
"""

from collections.abc import Iterable, Iterator

from services.invoices.domain.document.content import Content
from services.invoices.domain.document.parties import Customer, Seller
from services.invoices.domain.document.rule import BrokenRule
from services.invoices.domain.document.vat import VatCategory
from shared.contracts.codes import COUNTRIES

_VAT_PREFIXES = frozenset({*COUNTRIES, "EL", "XI"})
"""Greece writes EL; Northern Ireland trades in goods as XI."""

_EITHER_NUMBER = {
    VatCategory.STANDARD: "BR-S",
    VatCategory.ZERO: "BR-Z",
    VatCategory.EXEMPT: "BR-E",
    VatCategory.REVERSE_CHARGE: "BR-AE",
    VatCategory.CANARY_ISLANDS: "BR-AF",
    VatCategory.CEUTA_AND_MELILLA: "BR-AG",
}
"""Categories for which the seller gives a VAT identifier or a tax number."""
_VAT_ID = {VatCategory.INTRA_COMMUNITY: "BR-IC", VatCategory.EXPORT: "BR-G"}
"""Categories for which it has to be the VAT identifier."""


def broken_by_parties(content: Content, seller: Seller, customer: Customer) -> list[BrokenRule]:
    """Return the rules that these parties break with this content; the content was checked before."""
    used = {line.vat_category for line in content.lines} | {each.vat_category for each in content.adjustments}
    return [*_seller(used, seller), *_buyer(used, customer), *_prefixes(used, seller, customer)]


def _seller(used: Iterable[VatCategory], seller: Seller) -> Iterator[BrokenRule]:
    for category in sorted(used):
        if category in _EITHER_NUMBER and not (seller.vat_id or seller.tax_number):
            yield BrokenRule(
                f"{_EITHER_NUMBER[category]}-02",
                f"Category {category} needs the seller's VAT identifier (BT-31) or tax number (BT-32).",
                terms=("BT-31", "BT-32"),
            )
        if category in _VAT_ID and not seller.vat_id:
            yield BrokenRule(
                f"{_VAT_ID[category]}-02",
                f"Category {category} needs the seller's VAT identifier (BT-31).",
                terms=("BT-31",),
            )
    # With category O the VAT identifier is not on the document (BR-O-02). A tax number is enough for the Schematron.
    shown = seller.vat_id and VatCategory.OUTSIDE_SCOPE not in used
    if seller.registration is None and not (shown or seller.tax_number):
        yield BrokenRule(
            "BR-CO-26",
            "The seller needs a registration (BT-30), or a VAT identifier (BT-31) on a document that may show it.",
            terms=("BT-30", "BT-31"),
        )


def _buyer(used: Iterable[VatCategory], customer: Customer) -> Iterator[BrokenRule]:
    if VatCategory.REVERSE_CHARGE in used and not customer.vat_id and customer.registration is None:
        yield BrokenRule(
            "BR-AE-02",
            "Category AE needs the buyer's VAT identifier (BT-48) or registration (BT-47).",
            terms=("BT-48", "BT-47"),
        )
    if VatCategory.INTRA_COMMUNITY in used and not customer.vat_id:
        yield BrokenRule("BR-IC-02", "Category K needs the buyer's VAT identifier (BT-48).", terms=("BT-48",))


def _prefixes(used: Iterable[VatCategory], seller: Seller, customer: Customer) -> Iterator[BrokenRule]:
    if VatCategory.OUTSIDE_SCOPE in used:
        return
    for vat_id, term in ((seller.vat_id, "BT-31"), (customer.vat_id, "BT-48")):
        if vat_id and vat_id[:2] not in _VAT_PREFIXES:
            yield BrokenRule("BR-CO-09", f"A VAT identifier begins with its country's code ({term}).", terms=(term,))
