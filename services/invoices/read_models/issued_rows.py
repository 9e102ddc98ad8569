"""Which documents were issued: ids and states alone, which are not sealed."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.invoices.handlers.exporting import IssuedRow
from services.invoices.read_models.invoices import NAME
from shared.eventstore.copies import fetch_live
from shared.eventstore.pool import Pool
from shared.eventstore.projection import ProjectionRunner

_WAIT_SECONDS = 5.0
_ISSUED = """
    FROM invoices WHERE tenant = %(tenant)s AND issued IS NOT NULL
    AND since <= %(as_of)s AND (until IS NULL OR until > %(as_of)s)
    AND (%(customer_id)s::uuid IS NULL OR customer_id = %(customer_id)s::uuid)
"""
_COUNT = f"SELECT count(*) {_ISSUED}"
_AFTER = f"""
    SELECT invoice_id::text, position, state {_ISSUED} AND position > %(position)s ORDER BY position LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class IssuedRowsOfReadModel:
    """Reads one tenant's rows."""

    pool: Pool
    runner: ProjectionRunner

    def count(self, tenant: str, customer_id: str | None, as_of: int) -> int:
        """Return how many there were at a position, once the read model holds it; PublicError read_model_behind."""
        if as_of >= 0:
            self.runner.wait_for(tenant, NAME, as_of, _WAIT_SECONDS)
        wanted = {"tenant": tenant, "customer_id": customer_id, "as_of": as_of}
        ((count,),) = fetch_live(self.pool, NAME, tenant, _COUNT.encode(), wanted)
        return int(count)

    def after(self, tenant: str, customer_id: str | None, as_of: int, position: int, limit: int) -> Sequence[IssuedRow]:
        """Return those of them that were drafted behind another position, in their order."""
        wanted = {"tenant": tenant, "customer_id": customer_id, "as_of": as_of, "position": position, "limit": limit}
        return [IssuedRow(*row) for row in fetch_live(self.pool, NAME, tenant, _AFTER.encode(), wanted)]
