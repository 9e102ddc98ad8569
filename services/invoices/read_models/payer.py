"""Whom a payment may be meant for: its payer's invoices from the read model, what they are owed from the log."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from services.invoices.domain.document.content import DocumentType
from services.invoices.domain.matching import Candidate, Suggestion, suggest
from services.invoices.domain.payment import Payment
from services.invoices.handlers.receivables import load_receivable
from services.invoices.ports import Ports
from services.invoices.read_models.cells import SealedCell
from services.invoices.read_models.invoices import INVOICES, NAME
from services.invoices.read_models.queries import Queries
from shared.crypto.keyring import KeyShredded
from shared.eventstore.copies import live_session

MOST = 200
"""Newest documents of the customer that are looked at."""
_ISSUED = """
    SELECT invoice_id::text, key::text, sealed FROM invoices
    WHERE tenant = %s AND customer_id = %s AND state <> 'draft' ORDER BY position DESC LIMIT %s
"""
_REFERENCES = ("buyer_reference", "order_reference", "contract_reference", "external_reference")


def suggestions(queries: Queries, ports: Ports, tenant: str, payment: Payment) -> tuple[Suggestion, ...]:
    """Suggest invoices for what is free of a payment, the oldest first among equals; nothing is booked."""
    return suggest(payment.free, payment.recorded.remittance, _candidates(queries, ports, tenant, payment))


def _candidates(queries: Queries, ports: Ports, tenant: str, payment: Payment) -> Iterator[Candidate]:
    recorded = payment.recorded
    for invoice_id, shown in reversed(list(_issued_to(queries, tenant, recorded.customer_id))):
        content = shown["content"]
        if content["document_type"] != DocumentType.CREDIT_NOTE and content["currency"] == recorded.currency:
            receivable, _ = load_receivable(ports, tenant, invoice_id)
            yield Candidate(invoice_id, shown["number"], receivable.owed, _references(content))


def _references(content: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(content[name] for name in _REFERENCES if name in content)


def _issued_to(queries: Queries, tenant: str, customer_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield id and content of what was issued to a customer, the newest first."""
    with live_session(queries.pool, NAME, tenant) as connection:
        rows = connection.execute(_ISSUED, (tenant, customer_id, MOST)).fetchall()
    for invoice_id, *cell in rows:
        with suppress(KeyShredded):
            yield invoice_id, queries.cells.open(INVOICES, tenant, invoice_id, SealedCell(*cell))
