"""Which TOTP steps were used, decided by PostgreSQL, so that two processes cannot both accept one code."""

from psycopg.rows import scalar_row

from shared.eventstore.pool import Pool
from shared.eventstore.session import fetch_bound

# One statement: of two transactions that come with the same step, the second waits for the first one's row lock,
# then sees its last_step and changes nothing.
_ACCEPT = """
    INSERT INTO app.code_uses AS known (tenant, factor_id, last_step) VALUES (%(tenant)s, %(factor)s, %(step)s)
    ON CONFLICT (tenant, factor_id) DO UPDATE SET last_step = EXCLUDED.last_step
    WHERE known.last_step < EXCLUDED.last_step
    RETURNING last_step
"""


class PostgresCodeUses:
    """One row a factor in `app.code_uses`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def accept(self, tenant: str, factor_id: str, step: int) -> bool:
        """Use a factor's step up; False when it, or a later one, was used before."""
        values = {"tenant": tenant, "factor": factor_id, "step": step}
        return len(fetch_bound(self._pool, tenant, _ACCEPT, values, scalar_row)) == 1
