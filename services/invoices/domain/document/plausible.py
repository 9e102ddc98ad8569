"""What no rule of EN 16931 forbids and nobody means: sums below zero, more paid than there is to pay.

Refused while it is a draft, with what to do instead: an invoice that comes to less than nothing is a credit note, and
each way of writing it as something else ends in an amount owed in the wrong direction.
"""

from services.invoices.domain import refusals
from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.document.content import Content, DocumentType
from services.invoices.domain.document.credit import NOTHING


def require_plausible(content: Content) -> None:
    """Refuse a checked content whose sums run the wrong way; PublicError document_invalid."""
    totals = calculate(content)
    if totals.gross < NOTHING:
        instead = (
            "A credit note comes to less than nothing: what the customer owes is an invoice."
            if content.document_type is DocumentType.CREDIT_NOTE
            else "An invoice comes to less than nothing: what the customer gets back is a credit note."
        )
        raise refusals.document_invalid("lines", instead)
    if content.prepaid and totals.payable < NOTHING:
        raise refusals.document_invalid(
            "prepaid", "More was paid than the document comes to: name no more than that, and refund the rest."
        )
