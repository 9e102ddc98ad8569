"""The counts of failures, kept by PostgreSQL, so that all processes count together."""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import LiteralString

from psycopg import DataError
from psycopg.rows import TupleRow

from services.auth.domain.identity import address_key
from services.auth.domain.throttle import (
    ACCOUNT_DELAYS,
    LOCK_LIFETIME,
    SOURCE_DELAYS,
    SOURCE_MEMORY,
    Attempt,
    Closed,
)
from shared.eventstore.pool import Pool

_KEY_BYTES = 16
# The functions are in services/auth/schema/0004-throttle.sql: each call is one round trip and one transaction.
_COUNT = """
    SELECT account_failures, source_failures, opens_at
    FROM app.count_attempt(%s, %s::interval[], %s, %s, %s::interval[], %s, %s)
"""
_TAKE_BACK = "SELECT app.take_back_attempt(%s, %s, %s, %s, %s)"
_FORGET = "SELECT app.forget_failures(%s, %s, %s, %s)"
_UNLOCK = "DELETE FROM app.throttle WHERE key = %s RETURNING key"
_FAILURES = "SELECT failures, open_at FROM app.throttle WHERE key = %s AND last_at > %s"


def _written(delays: Sequence[timedelta]) -> str:
    """Write an array as PostgreSQL reads it: once, because sixty intervals take as long as a statement does."""
    return "{" + ",".join(f"{delay.total_seconds()} s" for delay in delays) + "}"


_ACCOUNT_RULE = _written(ACCOUNT_DELAYS), LOCK_LIFETIME
_SOURCE_RULE = _written(SOURCE_DELAYS), SOURCE_MEMORY


class PostgresThrottle:
    """One row an account or source with failures in `app.throttle`; the keys are hashes under a key of auth's own."""

    def __init__(self, throttle_key: bytes, pool: Pool) -> None:
        self._key, self._pool = throttle_key, pool

    def attempt(self, tenant: str, email: str, source: str | None, now: datetime) -> Attempt | Closed:
        """Count an attempt on an account from a source, or say until when one of them is closed."""
        account = self._key_of("account", tenant, address_key(email))
        # A source that says nothing is one too; it cannot be spelled otherwise, because a source is not empty.
        origin = self._key_of("source", tenant, source or "")
        row = self._row(_COUNT, account, *_ACCOUNT_RULE, origin, *_SOURCE_RULE, now)
        if row is None:
            raise DataError("the count returned no row")
        failures, source_failures, opens_at = row
        return Attempt(account, origin, failures, source_failures) if opens_at is None else Closed(opens_at)

    def take_back(self, attempt: Attempt, now: datetime) -> None:
        """Count it no more: it did not fail. Earlier failures stand."""
        self._row(_TAKE_BACK, attempt.account, attempt.failures, attempt.source, attempt.source_failures, now)

    def succeed(self, attempt: Attempt, now: datetime) -> None:
        """Forget the account's failures: both factors were shown. The source's earlier ones stand."""
        self._row(_FORGET, attempt.account, attempt.source, attempt.source_failures, now)

    def unlock(self, tenant: str, email: str) -> None:
        """Forget an account's failures."""
        self._row(_UNLOCK, self._key_of("account", tenant, address_key(email)))

    def failures(self, tenant: str, email: str, now: datetime) -> tuple[int, datetime | None]:
        """Return an account's failures in a row, and until when it is closed, if it is."""
        row = self._row(_FAILURES, self._key_of("account", tenant, address_key(email)), now - LOCK_LIFETIME)
        if row is None:
            return 0, None
        failures, opens_at = row
        return failures, opens_at if opens_at > now else None

    def _row(self, statement: LiteralString, *values: object) -> TupleRow | None:
        with self._pool.connection() as connection:
            return connection.execute(statement, values).fetchone()

    def _key_of(self, kind: str, tenant: str, value: str) -> bytes:
        place = f"{kind}/{tenant}/{value}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, place, "sha256")[:_KEY_BYTES]
