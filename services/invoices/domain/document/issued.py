"""An issued document as it is drawn and written as XML: everything EN 16931 asks for, in one value."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.invoices.domain.document.content import Content
from services.invoices.domain.document.parties import Customer, Seller
from services.invoices.domain.document.totals import Totals


class Form(StrEnum):
    """In which form a document is handed out."""

    PDF = "pdf"
    """PDF/A-3 with the CII form (Factur-X) inside: what is mailed."""
    UBL = "ubl"
    """UBL 2.1: Peppol BIS Billing 3.0, or XRechnung by the customer's profile."""
    CII = "cii"
    """UN/CEFACT CII, Factur-X profile EN 16931: not archived by itself, but in the PDF."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What makes a document a quote."""

    revision: int
    """From 1."""
    valid_until: date
    """The last day on which it can be accepted."""


@dataclass(frozen=True, slots=True)
class Document:
    """What every form of a document is made from: equal documents give equal bytes."""

    number: str
    """Invoice number (BT-1)."""
    issued_at: str
    """RFC 3339; the creation date that the forms carry."""
    content: Content
    seller: Seller
    """As it was at that moment."""
    customer: Customer
    """As it was at that moment."""
    totals: Totals
    offer: Offer | None = None
    """Of a quote, which is drawn as an invoice is, and asks for nothing; None: an invoice or credit note."""
