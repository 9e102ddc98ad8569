"""The rows of customers."""

from typing import Any

import psycopg

from services.invoices.codec import written
from services.invoices.domain.document.parties import Customer
from services.invoices.history import person_of
from services.invoices.read_models import search
from services.invoices.read_models.cells import Cells, SealedCell
from services.invoices.read_models.search import SearchIndex
from services.invoices.read_models.versions import Versions, version_id
from shared.eventstore.model import RecordedEvent

CUSTOMERS = "customers"

_VERSIONS = Versions(CUSTOMERS, "customer_id", ("registered_by", "name_index", "email_index"))


class CustomerRows:
    """Part of the projection."""

    def __init__(self, cells: Cells, search: SearchIndex) -> None:
        self._cells, self._search = cells, search

    def register(self, cursor: psycopg.Cursor, event: RecordedEvent, customer: Customer) -> None:
        """Write a customer down."""
        name, email = self._found_by(event.tenant, customer)
        cell = self._cell(event, customer)
        _VERSIONS.add(cursor, event, customer.customer_id, cell, person_of(event.by) or None, name, email)

    def change(self, cursor: psycopg.Cursor, event: RecordedEvent, customer: Customer) -> None:
        """Describe a customer otherwise; whoever registered them stays who did."""
        name, email = self._found_by(event.tenant, customer)
        cell = self._cell(event, customer)
        _VERSIONS.change(cursor, event, customer.customer_id, cell, name_index=name, email_index=email)

    def stored(self, cursor: psycopg.Cursor, tenant: str, customer_id: str) -> dict[str, Any] | None:
        """Return what is known of a customer; None for one who is forgotten."""
        standing = _VERSIONS.standing(cursor, tenant, customer_id)
        if standing is None:
            return None
        since, cell = standing
        return self._cells.open(CUSTOMERS, tenant, version_id(customer_id, since), cell)

    def _cell(self, event: RecordedEvent, customer: Customer) -> SealedCell:
        place = version_id(customer.customer_id, event.position)
        return self._cells.seal(CUSTOMERS, event.tenant, place, event.key, written(customer))

    def _found_by(self, tenant: str, customer: Customer) -> tuple[bytes, bytes]:
        of = self._search.of
        return of(tenant, search.NAME, customer.name), of(tenant, search.EMAIL, customer.email)
