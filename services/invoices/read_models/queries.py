"""Answers from the read models."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from services.invoices.domain import refusals
from services.invoices.read_models import search
from services.invoices.read_models.cells import Cells, SealedCell
from services.invoices.read_models.invoices import CUSTOMERS, INVOICES, NAME, TOTALS
from services.invoices.read_models.search import SearchIndex
from shared.contracts.conditions import Conditions
from shared.contracts.decision import Allow, Facts, Scopes
from shared.crypto.keyring import KeyShredded
from shared.eventstore.copies import live_session
from shared.eventstore.pool import Pool
from shared.eventstore.projection import ProjectionRunner

Row = tuple[Any, ...]

_WAIT_SECONDS = 5.0
_MOST_CUSTOMERS = 100
_FOUND = ("customer_id", "name", "email")
_COUNTED = "issued"
"""The state of the invoices that totals are made of."""
_SUMMARY = ("invoice_id", "customer_id", "customer_name", "state", "number")
_SUMMARY_OF_CONTENT = ("document_type", "issue_date", "currency")

_ONE = """
    SELECT invoice_id::text, customer_id::text, position, state, i.key::text, i.sealed, registered_by::text
    FROM invoices i JOIN customers USING (tenant, customer_id) WHERE tenant = %s AND invoice_id = %s
"""
# What the caller's grants cover: any one of the scopes is enough.
_PAGE = """
    SELECT invoice_id::text, customer_id::text, position, state, i.key::text, i.sealed
    FROM invoices i JOIN customers USING (tenant, customer_id)
    WHERE tenant = %(tenant)s AND position > %(page_after)s AND EXISTS (
        SELECT FROM jsonb_to_recordset(%(scopes)s) AS scope (own boolean, states text[])
        WHERE (NOT own OR registered_by::text = %(holder)s) AND (states IS NULL OR state = ANY (states)))
    ORDER BY position LIMIT %(limit)s
"""
_TOTALS = "SELECT key::text, sealed FROM customer_totals WHERE tenant = %s AND customer_id = %s"
_MATCHING = """
    SELECT customer_id::text, key::text, sealed FROM customers
    WHERE tenant = %(tenant)s
    AND (%(all)s OR registered_by::text = %(holder)s)
    AND (%(name)s::bytea IS NULL OR name_index = %(name)s) AND (%(email)s::bytea IS NULL OR email_index = %(email)s)
    ORDER BY customer_id LIMIT %(limit)s
"""
_CUSTOMER = "SELECT registered_by::text FROM customers WHERE tenant = %s AND customer_id = %s"

_OVERRIDES = "SELECT customer_id::text FROM overrides WHERE tenant = %s ORDER BY customer_id"


@dataclass(frozen=True, slots=True)
class Queries:
    """Reads one tenant's rows; `after` waits until the read model holds that log position."""

    pool: Pool
    cells: Cells
    search: SearchIndex
    runner: ProjectionRunner

    def invoice(self, tenant: str, invoice_id: str, after: int | None, allow: Allow) -> dict[str, Any]:
        """Return one invoice. Raises PublicError invoice_unknown, read_model_behind, permission_denied."""
        self._wait(tenant, after)
        with live_session(self.pool, NAME, tenant) as connection:
            row = connection.execute(_ONE, (tenant, invoice_id)).fetchone()
        if row is None:
            raise refusals.invoice_unknown()
        *content, registered_by = row
        allow(Facts(registered_by=registered_by or "", state=row[3]))
        return self._opened(tenant, tuple(content))

    def invoices(self, tenant: str, after: int | None, page_after: int, limit: int, scopes: Scopes) -> dict[str, Any]:
        """Return a page in the order of drafting, and where the next one begins when there is one.

        What no scope covers is left out as if it were not there.
        """
        self._wait(tenant, after)
        wanted = {
            "tenant": tenant,
            "page_after": page_after,
            "limit": limit + 1,
            "holder": scopes.holder_id,
            "scopes": Jsonb([_searched(scope) for scope in scopes.alternatives]),
        }
        with live_session(self.pool, NAME, tenant) as connection:
            rows = connection.execute(_PAGE, wanted).fetchall()
        page = _readable(lambda row: self._opened(tenant, row), rows[:limit])
        more = {"next_page": rows[limit - 1][2]} if len(rows) > limit else {}
        return {"invoices": [_summary(full) for full in page], **more}

    def customer_totals(self, tenant: str, customer_id: str, after: int | None, allow: Allow) -> dict[str, Any]:
        """Return what was issued to a customer, by currency. Raises PublicError customer_unknown, permission_denied."""
        self._wait(tenant, after)
        with live_session(self.pool, NAME, tenant) as connection:
            customer = connection.execute(_CUSTOMER, (tenant, customer_id)).fetchone()
            if customer is None:
                raise refusals.customer_unknown()
            allow(Facts(registered_by=customer[0] or "", state=_COUNTED))
            row = connection.execute(_TOTALS, (tenant, customer_id)).fetchone()
        by_currency = {} if row is None else self.cells.open(TOTALS, tenant, customer_id, SealedCell(*row))
        totals = [{"currency": currency, **sums} for currency, sums in sorted(by_currency.items())]
        return {"customer_id": customer_id, "totals": totals}

    def customers(
        self, tenant: str, name: str | None, email: str | None, after: int | None, scopes: Scopes
    ) -> dict[str, Any]:
        """Return customers whose name and e-mail are these, case and white space aside; at least one is given.

        At most a hundred. Whoever was forgotten is not found, also while the rows are still on their way out.
        """
        self._wait(tenant, after)
        wanted = {
            "tenant": tenant,
            "name": None if name is None else self.search.of(tenant, search.NAME, name),
            "email": None if email is None else self.search.of(tenant, search.EMAIL, email),
            "limit": _MOST_CUSTOMERS,
            "holder": scopes.holder_id,
            "all": not all(scope.own_customers for scope in scopes.alternatives),
        }
        with live_session(self.pool, NAME, tenant) as connection:
            rows = connection.execute(_MATCHING, wanted).fetchall()
        found = _readable(lambda row: self.cells.open(CUSTOMERS, tenant, row[0], SealedCell(*row[1:])), rows)
        return {"customers": [{part: customer[part] for part in _FOUND} for customer in found]}

    def overrides(self, tenant: str) -> list[str]:
        """Return the ids of the customers whom a request to forget, in spite of retention, may wait about."""
        with live_session(self.pool, NAME, tenant) as connection:
            return [customer_id for (customer_id,) in connection.execute(_OVERRIDES, (tenant,)).fetchall()]

    def _wait(self, tenant: str, after: int | None) -> None:
        if after is not None:
            self.runner.wait_for(tenant, NAME, after, _WAIT_SECONDS)

    def _opened(self, tenant: str, row: tuple[Any, ...]) -> dict[str, Any]:
        invoice_id, customer_id, _, state, key, sealed = row
        content = self.cells.open(INVOICES, tenant, invoice_id, SealedCell(key, sealed))
        return {"invoice_id": invoice_id, "customer_id": customer_id, "state": state, **content}


def _summary(full: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: full[name] for name in _SUMMARY if name in full},
        **{name: full["content"][name] for name in _SUMMARY_OF_CONTENT},
        "payable": full["totals"]["payable"],
    }


def _searched(scope: Conditions) -> dict[str, object]:
    return {"own": scope.own_customers, "states": list(scope.states) or None}


def _readable(opened: Callable[[Row], dict[str, Any]], rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Open rows, without those whose key was destroyed and that have not gone yet."""
    found = []
    for row in rows:
        with suppress(KeyShredded):
            found.append(opened(row))
    return found
