"""The sign counters of passkeys, kept by PostgreSQL, so that all processes see one counter."""

from psycopg.rows import scalar_row

from services.auth.domain.passkey import CounterVerdict
from shared.eventstore.pool import Pool
from shared.eventstore.session import fetch_bound

# One statement: of two answers at once the second waits for the first one's row lock, then sees its count. Where
# neither counts, nothing can go backwards (WebAuthn level 3, 7.2 step 22).
_ACCEPT = """
    INSERT INTO app.passkey_counters AS known (tenant, factor_id, sign_count, challenge)
    VALUES (%(tenant)s, %(factor)s, %(count)s, %(challenge)s)
    ON CONFLICT (tenant, factor_id) DO UPDATE SET sign_count = EXCLUDED.sign_count, challenge = EXCLUDED.challenge
    WHERE known.challenge <> EXCLUDED.challenge
        AND (known.sign_count < EXCLUDED.sign_count OR (known.sign_count = 0 AND EXCLUDED.sign_count = 0))
    RETURNING true
"""
_SAME = """
    SELECT challenge = %(challenge)s FROM app.passkey_counters WHERE tenant = %(tenant)s AND factor_id = %(factor)s
"""


class PostgresPasskeyCounters:
    """One row a passkey in `app.passkey_counters`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def advance(self, tenant: str, factor_id: str, sign_count: int, challenge: bytes) -> CounterVerdict:
        """Keep the count of an answer, or say why it is not kept; of racing answers to one challenge one is."""
        values = {"tenant": tenant, "factor": factor_id, "count": sign_count, "challenge": challenge}
        if fetch_bound(self._pool, tenant, _ACCEPT, values, scalar_row):
            return CounterVerdict.ADVANCED
        (same,) = fetch_bound(self._pool, tenant, _SAME, values, scalar_row)
        return CounterVerdict.REPEATED if same else CounterVerdict.BACKWARDS
