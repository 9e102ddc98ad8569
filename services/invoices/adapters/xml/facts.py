"""What both forms say in the same way, and what follows from several fields of a document."""

from base64 import b64encode
from dataclasses import dataclass
from decimal import Decimal

from services.invoices.adapters.drawing.wording import Wording
from services.invoices.adapters.xml.tree import number
from services.invoices.domain.document.content import DocumentType, TaxPoint
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.lines import AdjustmentKind, Line
from services.invoices.domain.document.parties import (
    Contact,
    Customer,
    ElectronicAddress,
    Profile,
    Registration,
    Seller,
)
from services.invoices.domain.document.totals import LineAmounts
from services.invoices.domain.document.vat import VatCategory

GTIN = "0160"
"""Scheme of an item's standard identifier (BT-157-1, ISO/IEC 6523): GTIN."""
NOT_DEFINED, CREDIT_TRANSFER, SEPA_CREDIT_TRANSFER = "1", "30", "58"
"""Payment means type codes (BT-81, UNTDID 4461)."""


TAX_POINTS = {TaxPoint.ISSUE: ("5", "3"), TaxPoint.DELIVERY: ("29", "35"), TaxPoint.PAYMENT: ("72", "432")}
"""VAT point date codes (BT-8), in CII (UNTDID 2475) and in UBL (UNTDID 2005)."""


@dataclass(frozen=True, slots=True)
class Identifiers:
    """By which numbers the parties are named."""

    seller_id: str | None
    """BT-29."""
    seller_vat_id: str | None
    """BT-31."""
    buyer_vat_id: str | None
    """BT-48."""


def identifiers(document: Document) -> Identifiers:
    """Return the parties' identifiers, as the document's VAT categories permit them.

    What is outside the scope of VAT names no VAT identifier at all (BR-O-02, BR-O-03, BR-O-04). A seller must be named
    by one of BT-29, BT-30 and BT-31 (BR-CO-26): one that has neither VAT identifier nor register entry, as many a small
    business, goes by its tax number.
    """
    seller, customer = document.seller, document.customer
    outside = any(part.category is VatCategory.OUTSIDE_SCOPE for part in document.totals.breakdown)
    vat_id = None if outside else seller.vat_id
    nameless = vat_id is None and seller.registration is None
    return Identifiers(seller.tax_number if nameless else None, vat_id, None if outside else customer.vat_id)


def electronic_address(party: Seller | Customer) -> ElectronicAddress:
    """Return where a party takes electronic documents (BT-34, BT-49): without an address of that kind its mailbox."""
    return party.electronic_address or ElectronicAddress("EM", party.email)


def contact(party: Seller | Customer) -> Contact:
    """Return whom to ask (BG-6, BG-9), at least by mail."""
    named = party.contact or Contact()
    return Contact(named.name, named.telephone, named.email or party.email)


def buyer_reference(document: Document) -> str | None:
    """Return the buyer reference (BT-10).

    Peppol demands one where no order is named (PEPPOL-EN16931-R003): without a reference of the buyer's own it is who
    the buyer is to the seller. XRechnung always demands the buyer's own (BR-DE-15), so nothing stands in for it there.
    """
    content, customer = document.content, document.customer
    own = content.buyer_reference or customer.buyer_reference
    if own is not None or content.order_reference is not None or customer.profile is Profile.XRECHNUNG:
        return own
    return customer.reference or contact(customer).name or customer.name


def note(document: Document) -> str | None:
    """Return the note (BT-22).

    EN 16931 has no field for the exchange rate, so it is said here, in the one note that is permitted
    (PEPPOL-EN16931-R002).
    """
    content, rate = document.content, document.content.exchange_rate
    if rate is None:
        return content.note
    exchanged = f"1 {content.currency} = {number(rate.rate)} {rate.currency} ({rate.source}, {rate.day.isoformat()})"
    return exchanged if content.note is None else f"{content.note}\n{exchanged}"


def payment_means(document: Document) -> str:
    """Return by what means to pay (BT-81): SEPA knows euros only, and nobody pays a credit note to the seller."""
    if document.content.document_type is DocumentType.CREDIT_NOTE:
        return NOT_DEFINED
    return SEPA_CREDIT_TRANSFER if document.content.currency == "EUR" else CREDIT_TRANSFER


def account_since(document: Document) -> str | None:
    """Return since when the account is the seller's, in words, as the text of the payment means (BT-82).

    EN 16931 has no field for it, and this text stands beside the account (BG-16): who is told of another account can
    hold it against that. Said as the drawn document says it, in the same language.
    """
    since = document.seller.account_since
    if since is None:
        return None
    wording = Wording.of(document)
    return wording.say("account_since", date=wording.figures.day(since))


def line_base(line: Line, amounts: LineAmounts) -> Decimal:
    """Return what a percentage of a line is taken of (BT-137, BT-142): its amount before allowances and charges."""
    signed = sum(
        value if each.kind is AdjustmentKind.CHARGE else -value
        for each, value in zip(line.adjustments, amounts.adjustments, strict=True)
    )
    return amounts.net - signed


def embedded(content: bytes | None) -> str | None:
    """Return an attachment's content as the forms carry it (BT-125); None when it is only named."""
    return None if content is None else b64encode(content).decode("ascii")


def registered(registration: Registration | None) -> tuple[str | None, str | None]:
    """Return a register entry's identifier (BT-30, BT-47) and its scheme; neither when there is no entry."""
    return (None, None) if registration is None else (registration.identifier, registration.scheme)
