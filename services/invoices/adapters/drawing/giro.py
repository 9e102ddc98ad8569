"""EPC QR code ("GiroCode"): a banking app reads the whole SEPA transfer from it (EPC069-12, version 2)."""

from decimal import Decimal
from io import BytesIO

import segno

from services.invoices.domain.document.content import DocumentType
from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.parties import Seller

_SEPA = frozenset(
    {
        *("AD", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GI", "GR", "HR", "HU"),
        *("IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "SM"),
        "VA",
    }
)
"""Countries whose accounts take SEPA transfers, by the first two letters of the IBAN."""
_LEAST, _MOST = Decimal("0.01"), Decimal("999999999.99")
_NAME, _TEXT = 70, 140
# All eight masks are valid, and readers take whichever is named; choosing "the best" takes longer than all drawing.
_MASK = 3


def giro_svg(document: Document) -> str | None:
    """Return the code of a document as SVG; None when nothing is owed, or not in euros, or not to a SEPA account."""
    return transfer_svg(giro_payload(document))


def transfer_svg(transfer: bytes | None) -> str | None:
    """Return the code of a transfer as SVG."""
    if transfer is None:
        return None
    drawn = BytesIO()
    code = segno.make(transfer, error="m", boost_error=False, mask=_MASK, micro=False)
    code.save(drawn, kind="svg", border=4, xmldecl=False, nl=False)
    return drawn.getvalue().decode()


def giro_payload(document: Document) -> bytes | None:
    """Return what the code says: the fields of a transfer, a line each; None as above."""
    content = document.content
    if content.document_type is DocumentType.CREDIT_NOTE:
        return None
    return transfer_payload(document.seller, document.totals.payable, content.currency, document.number)


def transfer_payload(seller: Seller, amount: Decimal, currency: str, reference: str) -> bytes | None:
    """Return a transfer to the seller's account, a line for each field; None as above."""
    if not _LEAST <= amount <= _MOST or currency != "EUR" or seller.iban[:2] not in _SEPA:
        return None
    # Line feeds part the fields: a name with one in it could name another account.
    name, number = (" ".join(text.split()) for text in (seller.account_name or seller.name, reference))
    fields = ("BCD", "002", "1", "SCT", seller.bic or "", name[:_NAME], seller.iban, f"EUR{amount:.2f}", "", "")
    return "\n".join((*fields, number[:_TEXT])).encode()
