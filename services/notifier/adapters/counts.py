"""How many deliveries of a tenant are in which state."""

from typing import Final

from psycopg.rows import tuple_row

from services.notifier.domain.delivery import DeliveryState
from shared.eventstore.pool import Pool
from shared.eventstore.session import fetch_bound

DEAD: Final = "dead"
"""Given up after days of trying; waits for a person."""

# Every event is counted once: from the moment it is in the inbox, whether or not its delivery has begun.
_COUNT: Final = """
    SELECT CASE WHEN i.state = 'dead' THEN 'dead' ELSE coalesce(d.state, 'pending') END, count(*)
      FROM app.inbox i LEFT JOIN app.deliveries d USING (event_id)
     WHERE i.tenant = %s AND i.source = %s GROUP BY 1"""


def delivery_counts(pool: Pool, tenant: str, source: str) -> dict[str, int]:
    """Return for each state, and `dead`, the number of deliveries about events of one service."""
    rows = fetch_bound(pool, tenant, _COUNT, [tenant, source], tuple_row)
    counted = {str(state): int(number) for state, number in rows}
    return {**dict.fromkeys([*(state.value for state in DeliveryState), DEAD], 0), **counted}
