"""Which invoice deducts a deposit, and which deposits an invoice deducts: a payment that is taken back opens these."""

from collections.abc import Iterator
from decimal import Decimal

from services.invoices.domain.deposits import deducts
from services.invoices.domain.document.content import DocumentType
from services.invoices.domain.events import InvoiceIssued
from services.invoices.domain.invoice import Invoice
from services.invoices.domain.receivable import ZERO
from services.invoices.handlers.receivables import load_receivable
from services.invoices.history import load_invoice, load_quote
from services.invoices.ports import Ports


def deducting(ports: Ports, tenant: str, invoice_id: str) -> InvoiceIssued | None:
    """Return the invoice of a quote that deducts this deposit and still stands; None when none does.

    Of an invoice that was written by hand the log knows by its own stream alone: `list_open_items` finds that one.
    """
    invoice, _ = load_invoice(ports.log, tenant, invoice_id)
    if invoice is None or invoice.draft.quote_id is None or not _is_deposit(invoice):
        return None
    quote, _ = load_quote(ports.log, tenant, invoice.draft.quote_id)
    for part in () if quote is None else quote.invoiced:
        other, _ = load_invoice(ports.log, tenant, part.invoice_id)
        if other is not None and deducts(other, invoice_id) and isinstance(other.issued, InvoiceIssued):
            return other.issued
    return None


def deducted(ports: Ports, tenant: str, invoice_id: str) -> Iterator[tuple[InvoiceIssued, Decimal]]:
    """Yield the deposits that an invoice deducts, and what each is still owed: nothing, as long as it stays paid."""
    invoice, _ = load_invoice(ports.log, tenant, invoice_id)
    for earlier in () if invoice is None else invoice.content.preceding:
        if invoice is None or earlier.invoice_id is None or not deducts(invoice, earlier.invoice_id):
            continue
        deposit, _ = load_invoice(ports.log, tenant, earlier.invoice_id)
        if deposit is None or deposit.content.customer_id != invoice.content.customer_id:
            continue
        if _is_deposit(deposit) and isinstance(deposit.issued, InvoiceIssued):
            receivable, _ = load_receivable(ports, tenant, earlier.invoice_id)
            yield deposit.issued, max(receivable.owed, ZERO)


def _is_deposit(invoice: Invoice) -> bool:
    return invoice.content.document_type is DocumentType.PREPAYMENT_INVOICE
