"""Which documents were issued: ids and states alone, which are not sealed."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.invoices.handlers.exporting import IssuedRow
from services.invoices.read_models.invoices import NAME
from shared.eventstore.copies import live_session
from shared.eventstore.pool import Pool
from shared.eventstore.projection import ProjectionRunner

_WAIT_SECONDS = 5.0
_ISSUED = """
    FROM invoices WHERE tenant = %(tenant)s AND issued IS NOT NULL AND until IS NULL
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

    def count(self, tenant: str, customer_id: str | None, known: int) -> int:
        """Return how many there are, once the read model holds a position; PublicError read_model_behind."""
        if known >= 0:
            self.runner.wait_for(tenant, NAME, known, _WAIT_SECONDS)
        with live_session(self.pool, NAME, tenant) as connection:
            wanted = {"tenant": tenant, "customer_id": customer_id}
            ((count,),) = connection.execute(_COUNT, wanted).fetchall()
        return int(count)

    def after(self, tenant: str, customer_id: str | None, position: int, limit: int) -> Sequence[IssuedRow]:
        """Return those that were drafted behind a position, in their order."""
        wanted = {"tenant": tenant, "customer_id": customer_id, "position": position, "limit": limit}
        with live_session(self.pool, NAME, tenant) as connection:
            return [IssuedRow(*row) for row in connection.execute(_AFTER, wanted).fetchall()]
