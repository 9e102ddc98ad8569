"""How amounts come about: queries that are answered from the log and the calculation, without a read model."""

from dataclasses import dataclass

from services.invoices.domain import refusals
from services.invoices.domain.document.calculation import calculate
from services.invoices.domain.document.checking import check
from services.invoices.domain.document.content import Content
from services.invoices.domain.document.explanation import Step, explain
from services.invoices.domain.document.totals import Totals
from services.invoices.domain.invoice import State
from services.invoices.history import load_customer, load_invoice
from services.invoices.ports import Ports
from shared.contracts.decision import Allow, Facts


@dataclass(frozen=True, slots=True)
class Explained:
    """Amounts and how each came about."""

    currency: str
    totals: Totals
    steps: tuple[Step, ...]


def explain_invoice(ports: Ports, invoice_id: str, *, tenant: str, allow: Allow) -> Explained:
    """Explain the amounts of a draft or an issued document.

    Raises PublicError invoice_unknown, key_shredded, permission_denied.
    """
    invoice, _ = load_invoice(ports.log, tenant, invoice_id)
    if invoice is None:
        raise refusals.invoice_unknown()
    content = invoice.draft.content
    _, registered_by = load_customer(ports.log, tenant, content.customer_id)
    allow(Facts(registered_by=registered_by, state=invoice.state))
    return _explained(content)


def explain_content(ports: Ports, content: Content, *, tenant: str, allow: Allow) -> Explained:
    """Explain the amounts that a draft of this content would have; nothing is written down.

    Raises PublicError customer_unknown, key_shredded, permission_denied, and what refuses the draft: invoice_empty,
    line_invalid, document_invalid.
    """
    customer, registered_by = load_customer(ports.log, tenant, content.customer_id)
    if customer is None:
        raise refusals.customer_unknown()
    allow(Facts(registered_by=registered_by, state=State.DRAFT))
    check(content)
    return _explained(content)


def _explained(content: Content) -> Explained:
    return Explained(content.currency, calculate(content), explain(content))
