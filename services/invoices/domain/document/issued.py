"""An issued document as it is drawn and written as XML: everything EN 16931 asks for, in one value."""

from dataclasses import dataclass

from services.invoices.domain.document.content import Content
from services.invoices.domain.document.parties import Customer, Seller
from services.invoices.domain.document.totals import Totals


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
