"""Issued documents, for whoever may read them."""

from services.invoices.domain import refusals
from services.invoices.handlers.archiving import archived_in
from services.invoices.handlers.remembering import still_remembered
from services.invoices.history import (
    invoice_stream,
    load_customer,
)
from services.invoices.ports import Ports
from services.invoices.replies import Document, document_of
from shared.contracts.decision import Allow, Facts


def get_document(ports: Ports, *, tenant: str, invoice_id: str, allow: Allow) -> Document:
    """Return an issued document.

    Raises PublicError invoice_unknown, invoice_not_issued, document_pending, document_unknown, key_shredded,
    permission_denied.
    """
    recorded = ports.log.load(tenant, invoice_stream(invoice_id))
    if not recorded:
        raise refusals.invoice_unknown()
    found = archived_in(recorded)
    if found is None:
        raise refusals.not_issued()
    customer_id = found.issued.customer.customer_id
    still_remembered(ports, tenant, customer_id)
    _, registered_by = load_customer(ports.log, tenant, customer_id)
    allow(Facts(registered_by=registered_by))
    if found.archived is None:
        raise refusals.document_pending()
    content = ports.documents.get(tenant, str(found.archived.digest))
    if content is None:
        raise refusals.document_unknown()
    return document_of(found.draft, found.issued, found.archived, content)
