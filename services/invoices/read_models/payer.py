"""Whom a payment may be meant for: what its payer was sent and still owes, from the read model. A suggestion only."""

from collections.abc import Iterator

from services.invoices.domain.matching import Candidate, Suggestion, suggest
from services.invoices.domain.payment import Payment
from services.invoices.read_models.briefs import receivable_of
from services.invoices.read_models.documents import INVOICES
from services.invoices.read_models.filters import CANCELLED, CREDIT_NOTE
from services.invoices.read_models.queries import Queries
from services.invoices.read_models.reading import Asked
from services.invoices.read_models.versions import as_of

MOST = 200
"""Newest documents of the customer that are looked at."""
_ISSUED = f"""
    SELECT i.invoice_id::text, i.since, i.key::text, i.sealed, i.state
    FROM invoices i WHERE i.tenant = %(tenant)s AND i.customer_id = %(customer_id)s AND i.issued IS NOT NULL
    AND {as_of("i")} ORDER BY i.position DESC LIMIT %(most)s
"""  # noqa: S608 -- parts are this service's own


def suggestions(queries: Queries, tenant: str, payment: Payment) -> tuple[Suggestion, ...]:
    """Suggest invoices for what is free of a payment, the oldest first among equals; nothing is booked."""
    return suggest(payment.free, payment.recorded.remittance, _candidates(queries, tenant, payment))


def _candidates(queries: Queries, tenant: str, payment: Payment) -> Iterator[Candidate]:
    recorded = payment.recorded
    reading = queries.reader.at(tenant, Asked())
    rows = reading.look(_ISSUED, {"customer_id": recorded.customer_id, "most": MOST})
    for row, brief in reading.opened(INVOICES, rows[::-1], lambda row: row[:4]):
        if brief["document_type"] != CREDIT_NOTE and brief["currency"] == recorded.currency:
            owed = receivable_of(row[0], recorded.customer_id, brief, cancelled=row[4] == CANCELLED).owed
            yield Candidate(row[0], brief["number"], owed, tuple(brief.get("references", ())))
