"""Answers from the read models."""

from dataclasses import dataclass
from typing import Any

from services.invoices.domain import refusals
from services.invoices.read_models.cells import Cells, SealedCell
from services.invoices.read_models.invoices import INVOICES, NAME, TOTALS
from shared.eventstore.copies import live_session
from shared.eventstore.pool import Pool
from shared.eventstore.projection import ProjectionRunner

_WAIT_SECONDS = 5.0
_SUMMARY = ("customer_name", "document_type", "issue_date", "currency", "payable", "number")

_ONE = """
    SELECT invoice_id::text, customer_id::text, position, state, key::text, sealed
    FROM invoices WHERE tenant = %s AND invoice_id = %s
"""
_PAGE = """
    SELECT invoice_id::text, customer_id::text, position, state, key::text, sealed
    FROM invoices WHERE tenant = %s AND position > %s ORDER BY position LIMIT %s
"""
_TOTALS = "SELECT key::text, sealed FROM customer_totals WHERE tenant = %s AND customer_id = %s"
_CUSTOMER = "SELECT FROM customers WHERE tenant = %s AND customer_id = %s"


@dataclass(frozen=True, slots=True)
class Queries:
    """Reads one tenant's rows; `after` waits until the read model holds that log position."""

    pool: Pool
    cells: Cells
    runner: ProjectionRunner

    def invoice(self, tenant: str, invoice_id: str, after: int | None) -> dict[str, Any]:
        """Return one invoice. Raises PublicError invoice_unknown, read_model_behind."""
        self._wait(tenant, after)
        with live_session(self.pool, NAME, tenant) as connection:
            row = connection.execute(_ONE, (tenant, invoice_id)).fetchone()
        if row is None:
            raise refusals.invoice_unknown()
        return self._opened(tenant, row)

    def invoices(self, tenant: str, after: int | None, page_after: int, limit: int) -> dict[str, Any]:
        """Return a page in the order of drafting, and where the next one begins when there is one."""
        self._wait(tenant, after)
        with live_session(self.pool, NAME, tenant) as connection:
            rows = connection.execute(_PAGE, (tenant, page_after, limit + 1)).fetchall()
        page = [self._opened(tenant, row) for row in rows[:limit]]
        summaries = [
            {name: full[name] for name in ("invoice_id", "customer_id", "state", *_SUMMARY) if name in full}
            for full in page
        ]
        more = {"next_page": rows[limit - 1][2]} if len(rows) > limit else {}
        return {"invoices": summaries, **more}

    def customer_totals(self, tenant: str, customer_id: str, after: int | None) -> dict[str, Any]:
        """Return what was issued to a customer, by currency. Raises PublicError customer_unknown."""
        self._wait(tenant, after)
        with live_session(self.pool, NAME, tenant) as connection:
            if connection.execute(_CUSTOMER, (tenant, customer_id)).fetchone() is None:
                raise refusals.customer_unknown()
            row = connection.execute(_TOTALS, (tenant, customer_id)).fetchone()
        by_currency = {} if row is None else self.cells.open(TOTALS, tenant, customer_id, SealedCell(*row))
        totals = [{"currency": currency, **sums} for currency, sums in sorted(by_currency.items())]
        return {"customer_id": customer_id, "totals": totals}

    def _wait(self, tenant: str, after: int | None) -> None:
        if after is not None:
            self.runner.wait_for(tenant, NAME, after, _WAIT_SECONDS)

    def _opened(self, tenant: str, row: tuple[Any, ...]) -> dict[str, Any]:
        invoice_id, customer_id, _, state, key, sealed = row
        content = self.cells.open(INVOICES, tenant, invoice_id, SealedCell(key, sealed))
        return {"invoice_id": invoice_id, "customer_id": customer_id, "state": state, **content}
