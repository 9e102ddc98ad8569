"""Answers about single documents and customers, from the read models."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from psycopg.types.json import Jsonb

from services.invoices.domain import refusals
from services.invoices.read_models import search
from services.invoices.read_models.cells import Cells
from services.invoices.read_models.customers import CUSTOMERS
from services.invoices.read_models.documents import CONTENTS, INVOICES
from services.invoices.read_models.invoices import NAME
from services.invoices.read_models.reading import Asked, Reader, Reading, Row
from services.invoices.read_models.search import SearchIndex
from services.invoices.read_models.versions import as_of as stood
from shared.contracts.conditions import Conditions
from shared.contracts.decision import Allow, Facts, Scopes
from shared.eventstore.copies import fetch_live
from shared.eventstore.pool import Pool
from shared.eventstore.projection import ProjectionRunner

_MOST_CUSTOMERS = 100
_FOUND = ("customer_id", "name", "email")
_COUNTED = "issued"
"""The state of the invoices that totals are made of."""
_OF_BRIEF = ("customer_name", "version", "number", "issued_at", "digest", "credit_notes", "refunds")
_CREDIT_NOTE = "credit_note"

_ONE = f"""
    SELECT i.customer_id::text, i.state, i.since, i.key::text, i.sealed, s.since, s.key::text, s.sealed,
        c.registered_by::text
    FROM invoices i JOIN customers c USING (tenant, customer_id) JOIN contents s USING (tenant, invoice_id)
    WHERE i.tenant = %(tenant)s AND i.invoice_id = %(invoice_id)s AND {stood("i")} AND {stood("c")} AND {stood("s")}
"""  # noqa: S608 -- parts are this service's own
_ISSUED_TO = f"""
    SELECT i.position, i.invoice_id::text, i.state, i.since, i.key::text, i.sealed FROM invoices i
    WHERE i.tenant = %(tenant)s AND i.customer_id = %(customer_id)s AND i.issued IS NOT NULL AND {stood("i")}
    AND i.position > %(beyond)s ORDER BY i.position LIMIT %(most)s
"""  # noqa: S608 -- as above
_MATCHING = f"""
    SELECT c.customer_id::text, c.since, c.key::text, c.sealed FROM customers c
    WHERE c.tenant = %(tenant)s AND {stood("c")}
    AND (%(all)s OR c.registered_by::text = %(holder)s)
    AND (%(name)s::bytea IS NULL OR c.name_index = %(name)s)
    AND (%(email)s::bytea IS NULL OR c.email_index = %(email)s)
    ORDER BY c.customer_id LIMIT %(limit)s
"""  # noqa: S608 -- as above
_CUSTOMER = f"""
    SELECT c.registered_by::text, c.since, c.key::text, c.sealed FROM customers c
    WHERE c.tenant = %(tenant)s AND c.customer_id = %(customer_id)s AND {stood("c")}
"""  # noqa: S608 -- as above
_OVERRIDES = b"SELECT customer_id::text FROM overrides WHERE tenant = %s ORDER BY customer_id"


@dataclass(frozen=True, slots=True)
class Queries:
    """Reads one tenant's rows."""

    pool: Pool
    cells: Cells
    search: SearchIndex
    runner: ProjectionRunner

    @property
    def reader(self) -> Reader:
        """Return what reads rows as of a position."""
        return Reader(self.pool, self.cells, self.runner)

    def invoice(
        self, tenant: str, invoice_id: str, after: int | None, allow: Allow, as_of: int | None = None
    ) -> dict[str, Any]:
        """Return one invoice. Raises PublicError invoice_unknown, permission_denied, and as `Reader.at`."""
        reading = self.reader.at(tenant, Asked(after, as_of))
        rows = reading.look(_ONE, {"invoice_id": invoice_id})
        if not rows:
            raise refusals.invoice_unknown()
        customer_id, state, since, key, sealed, said_since, said_key, said_sealed, registered_by = rows[0]
        allow(Facts(registered_by=registered_by or "", state=state))
        found: dict[str, Any] = {"invoice_id": invoice_id, "customer_id": customer_id, "state": state}
        for _, brief in reading.opened(INVOICES, rows, lambda _: (invoice_id, since, key, sealed)):
            found |= {name: brief[name] for name in _OF_BRIEF if name in brief}
        for _, said in reading.opened(CONTENTS, rows, lambda _: (invoice_id, said_since, said_key, said_sealed)):
            return {**found, **said}
        raise refusals.invoice_unknown()  # forgotten a moment ago

    def customer_totals(
        self, tenant: str, customer_id: str, after: int | None, allow: Allow, as_of: int | None = None
    ) -> dict[str, Any]:
        """Return what was issued to a customer, by currency.

        Raises PublicError customer_unknown, permission_denied, and as `Reader.at`.
        """
        reading = self.reader.at(tenant, Asked(after, as_of))
        _, registered_by = require_customer(reading, customer_id)
        allow(Facts(registered_by=registered_by, state=_COUNTED))
        sums: dict[str, dict[str, Any]] = {}
        for rows in reading.walk(_ISSUED_TO, {"customer_id": customer_id}):
            for _, brief in reading.opened(INVOICES, rows, _cell_of_document):
                _count(sums.setdefault(brief["currency"], _nothing()), brief)
        totals = [{"currency": currency, **_as_text(each)} for currency, each in sorted(sums.items())]
        return {"customer_id": customer_id, "totals": totals}

    def customers(
        self, tenant: str, name: str | None, email: str | None, after: int | None, scopes: Scopes
    ) -> dict[str, Any]:
        """Return customers whose name and e-mail are these, case and white space aside; at least one is given.

        At most a hundred. Whoever was forgotten is not found, also while the rows are still on their way out.
        """
        reading = self.reader.at(tenant, Asked(after))
        wanted = {
            "name": None if name is None else self.search.of(tenant, search.NAME, name),
            "email": None if email is None else self.search.of(tenant, search.EMAIL, email),
            "limit": _MOST_CUSTOMERS,
            "holder": scopes.holder_id,
            "all": not all(scope.own_customers for scope in scopes.alternatives),
        }
        found = reading.opened(CUSTOMERS, reading.look(_MATCHING, wanted), lambda row: row)
        return {"customers": [{part: customer[part] for part in _FOUND} for _, customer in found]}

    def overrides(self, tenant: str) -> list[str]:
        """Return the ids of the customers whom a request to forget, in spite of retention, may wait about."""
        return [customer_id for (customer_id,) in fetch_live(self.pool, NAME, tenant, _OVERRIDES, (tenant,))]


def require_customer(reading: Reading, customer_id: str) -> tuple[dict[str, Any], str]:
    """Return what is known of a customer, and who registered them; PublicError customer_unknown."""
    rows = reading.look(_CUSTOMER, {"customer_id": customer_id})
    for row, customer in reading.opened(CUSTOMERS, rows, lambda row: (customer_id, *row[1:])):
        return customer, row[0] or ""
    raise refusals.customer_unknown()


def searched(scope: Conditions) -> dict[str, object]:
    """Return a scope as the queries take it."""
    return {"own": scope.own_customers, "states": list(scope.states) or None}


def as_scopes(scopes: Scopes) -> dict[str, object]:
    """Return what the condition of `within` asks for."""
    return {"holder": scopes.holder_id, "scopes": Jsonb([searched(scope) for scope in scopes.alternatives])}


def _cell_of_document(row: Row) -> tuple[str, int, str, bytes]:
    _, invoice_id, _, since, key, sealed = row
    return invoice_id, since, key, sealed


def _nothing() -> dict[str, Any]:
    zero = Decimal("0.00")
    return {"invoices": 0, "credit_notes": 0, "net_total": zero, "vat_total": zero, "payable": zero}


def _count(sums: dict[str, Any], brief: dict[str, Any]) -> None:
    """Count one more document; a credit note counts negative."""
    credit = brief["document_type"] == _CREDIT_NOTE
    sums["credit_notes" if credit else "invoices"] += 1
    for name, of in (("net_total", "net"), ("vat_total", "vat"), ("payable", "payable")):
        sums[name] += -Decimal(brief[of]) if credit else Decimal(brief[of])


def _as_text(sums: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, int) else str(value) for name, value in sums.items()}
