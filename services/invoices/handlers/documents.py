"""Issued documents, for whoever may read them; and what the official rules say of one."""

from collections.abc import Sequence
from dataclasses import astuple

from services.invoices.domain import refusals, refusals_of_files, refusals_of_sellers
from services.invoices.domain.document.issued import Document as Issuable
from services.invoices.domain.document.issued import Form
from services.invoices.domain.document.rule import BrokenRule
from services.invoices.domain.invoice import document_of as as_document
from services.invoices.handlers.archiving import archived_in
from services.invoices.handlers.remembering import still_remembered
from services.invoices.history import (
    customer_stream,
    invoice_stream,
    load_customer,
    load_invoice,
    load_seller,
    shredding_stream,
)
from services.invoices.mailed import Document, document_of
from services.invoices.ports import Ports
from shared.contracts.decision import Allow, Facts
from shared.kernel.clock import to_rfc3339

_NO_NUMBER = "0"
"""Stands for the number that a draft does not have: no rule asks for more than that there is one."""


def get_document(ports: Ports, *, tenant: str, invoice_id: str, allow: Allow, form: Form = Form.PDF) -> Document:
    """Return an issued document in one of its forms; CII is taken out of the PDF, which is what the log binds.

    Raises PublicError invoice_unknown, invoice_not_issued, document_pending, document_unknown, key_shredded,
    permission_denied.
    """
    recorded = ports.log.load(tenant, invoice_stream(invoice_id))
    if not recorded:
        raise refusals.invoice_unknown()
    found = archived_in(recorded)
    if found is None:
        raise refusals_of_files.not_issued()
    customer_id = found.issued.customer.customer_id
    seen = ports.log.look(tenant, [customer_stream(customer_id), shredding_stream(customer_id)])
    still_remembered(ports, tenant, customer_id, seen)
    _, registered_by = load_customer(seen, tenant, customer_id)
    allow(Facts(registered_by=registered_by))
    bound = found.xml if form is Form.UBL else found.archived
    if bound is None:
        failed = ports.failures.of(tenant, found.issued_at)
        raise (
            refusals_of_files.document_pending()
            if failed is None
            else refusals_of_files.document_not_archived(*astuple(failed))
        )
    content = ports.documents.get(tenant, customer_stream(customer_id), str(bound.digest))
    if content is None:
        raise refusals_of_files.document_unknown()
    if form is Form.CII:
        content = ports.press.cii_in(content)
    return document_of(found.draft, found.issued, bound, content, form)


def check_invoice(ports: Ports, *, tenant: str, invoice_id: str, allow: Allow) -> Sequence[BrokenRule]:
    """Return the official rules that a document breaks, or would break if it were issued now.

    Raises PublicError invoice_unknown, seller_missing, customer_unknown, key_shredded, permission_denied.
    """
    invoice, _ = load_invoice(ports.log, tenant, invoice_id)
    if invoice is None:
        raise refusals.invoice_unknown()
    content = invoice.draft.content
    still_remembered(ports, tenant, content.customer_id)
    customer, registered_by = load_customer(ports.log, tenant, content.customer_id)
    allow(Facts(registered_by=registered_by, state="draft" if invoice.issued is None else "issued"))
    if invoice.issued is not None:
        return ports.press.broken(as_document(invoice.draft, invoice.issued))
    seller, _ = load_seller(ports.log, tenant)
    if seller.seller is None:
        raise refusals_of_sellers.seller_missing()
    if customer is None:
        raise refusals.customer_unknown()
    issued_at = to_rfc3339(ports.clock.now())
    return ports.press.broken(Issuable(_NO_NUMBER, issued_at, content, seller.seller, customer, invoice.totals))
