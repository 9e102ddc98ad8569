"""Which TOTP steps were used, decided by PostgreSQL, so that two processes cannot both accept one code."""

from datetime import datetime

from psycopg.rows import scalar_row

from services.auth.domain.proof import ATTEMPT_LIMIT, ATTEMPT_WINDOW
from shared.eventstore.pool import Pool
from shared.eventstore.session import fetch_bound

_ATTEMPT = """
    INSERT INTO app.code_uses AS known (tenant, factor_id, last_step, attempts, window_began)
    VALUES (%(tenant)s, %(factor)s, -1, 1, %(now)s)
    ON CONFLICT (tenant, factor_id) DO UPDATE SET
        attempts = CASE WHEN known.window_began <= %(now)s - %(window)s THEN 1 ELSE known.attempts + 1 END,
        window_began = CASE WHEN known.window_began <= %(now)s - %(window)s THEN %(now)s
                            ELSE known.window_began END
    RETURNING attempts
"""
# One statement: of two transactions that come with the same step, the second waits for the first one's row lock,
# then sees its last_step and changes nothing.
_ACCEPT = """
    UPDATE app.code_uses SET last_step = %(step)s, attempts = 0
    WHERE tenant = %(tenant)s AND factor_id = %(factor)s AND last_step < %(step)s
    RETURNING last_step
"""


class PostgresCodeUses:
    """One row a factor in `app.code_uses`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def attempt(self, tenant: str, factor_id: str, now: datetime) -> bool:
        """Count one more attempt before it is judged; False when more than ten came within an hour."""
        values = {"tenant": tenant, "factor": factor_id, "now": now, "window": ATTEMPT_WINDOW}
        (attempts,) = fetch_bound(self._pool, tenant, _ATTEMPT, values, scalar_row)
        return bool(attempts <= ATTEMPT_LIMIT)

    def accept(self, tenant: str, factor_id: str, step: int) -> bool:
        """Use a factor's step up; False when it, or a later one, was used before."""
        values = {"tenant": tenant, "factor": factor_id, "step": step}
        return len(fetch_bound(self._pool, tenant, _ACCEPT, values, scalar_row)) == 1
