"""What a credit note gives that takes nothing off an invoice: the customer's credit, until it is refunded.

A credit note that names an invoice of the business leaves its money with that invoice, as `excess` of what was paid; it
is refunded of the payment. One that names none has only itself to be refunded of.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from services.invoices.domain import refusals, refusals_of_files, refusals_of_payments
from services.invoices.domain.crediting import credited_invoice
from services.invoices.domain.events import CreditNoteIssued, CreditNoteRefunded, Event
from services.invoices.domain.invoice import Invoice
from services.invoices.domain.payment import require_payable
from shared.kernel.money import to_cents

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class FreeCredit:
    """A credit note that names no invoice, and what of it went back to the customer."""

    credit_note_id: str
    customer_id: str
    currency: str
    payable: Decimal
    """BT-115: what it gives."""
    refunded: Decimal = ZERO

    @property
    def free(self) -> Decimal:
        """Return what was not refunded yet."""
        return self.payable - self.refunded


def free_credit(document: Invoice | None, became: Iterable[Event]) -> FreeCredit:
    """Return what an issued credit note gives by itself, after what became of it; ValueError for an impossible history.

    Raises PublicError invoice_unknown, invoice_not_issued, not_refundable.
    """
    if document is None:
        raise refusals.invoice_unknown()
    issued = document.issued
    if issued is None:
        raise refusals_of_files.not_issued()
    if not isinstance(issued, CreditNoteIssued) or credited_invoice(document.content) is not None:
        raise refusals_of_payments.not_refundable()
    credit = FreeCredit(issued.invoice_id, issued.customer.customer_id, issued.currency, issued.totals.payable)
    for event in became:
        if not isinstance(event, CreditNoteRefunded):
            raise ValueError(f"{type(event).__name__} cannot follow in the history of a credit note's money")  # noqa: TRY004 -- the history is wrong, not the type of an argument
        credit = replace(credit, refunded=credit.refunded + event.amount)
    return credit


def decide_credit_refund(credit: FreeCredit, amount: Decimal, value_date: date, reason: str) -> CreditNoteRefunded:
    """Decide on giving back what is free of a credit note; PublicError credit_note_spent, malformed_request."""
    amount = to_cents(amount)
    if amount > credit.free:
        raise refusals_of_payments.credit_note_spent(credit.free)
    require_payable(amount, credit.currency)
    return CreditNoteRefunded(credit.credit_note_id, amount, value_date, reason)
