"""Which plans there were at a position."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.invoices.read_models.customers import CUSTOMERS
from services.invoices.read_models.pages import Beginning, continued
from services.invoices.read_models.reading import Asked, Reader
from services.invoices.read_models.versions import as_of as stood

_PAGE = f"""
    SELECT p.position, p.plan_id::text, p.customer_id::text, c.since, c.key::text, c.sealed
    FROM plans p JOIN customers c USING (tenant, customer_id)
    WHERE p.tenant = %(tenant)s AND p.position > %(beyond)s AND p.position <= %(as_of)s AND {stood("c")}
    AND (%(customer_id)s::uuid IS NULL OR p.customer_id = %(customer_id)s::uuid)
    ORDER BY p.position LIMIT %(most)s
"""  # noqa: S608 -- parts are this service's own


@dataclass(frozen=True, slots=True)
class PlanPage:
    """Some of the plans that there were at a position."""

    as_of: int
    plans: Sequence[dict[str, Any]]
    """`plan_id`, `customer_id`, `customer_name`: what else there is to say of them, the log says."""
    next_page: str | None


@dataclass(frozen=True, slots=True)
class PlanQueries:
    """Reads which plans there are."""

    reader: Reader

    def page(self, tenant: str, asked: Asked, begins: str | None, customer_id: str | None, limit: int) -> PlanPage:
        """Return plans in the order in which they were made, of one customer or of all.

        Raises PublicError malformed_request for a page that there is not, and as `Reader.at`.
        """
        first = Beginning.read(begins, "plans", (int,))
        reading = self.reader.at(tenant, continued(asked, first))
        wanted = {"customer_id": customer_id, "beyond": -1 if first is None else first.key[0], "most": limit + 1}
        rows = reading.look(_PAGE, wanted)
        plans = [
            {"plan_id": row[1], "customer_id": row[2], "customer_name": customer["name"]}
            for row, customer in reading.opened(CUSTOMERS, rows[:limit], lambda row: row[2:])
        ]
        more = len(rows) > limit
        return PlanPage(
            reading.as_of, plans, Beginning(reading.as_of, "plans", (rows[limit - 1][0],)).text() if more else None
        )
