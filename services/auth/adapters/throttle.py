"""The counts of failures, kept by PostgreSQL, so that all processes count together."""

import hmac
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection, Cursor

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
# One statement: of two attempts at once the second waits for the first one's row lock, then sees its count and when it
# closed the row. A row that is closed is left as it is, and nothing comes back.
_COUNT = """
    INSERT INTO app.throttle AS known (key, failures, open_at, last_at)
    VALUES (%(key)s, 1, %(now)s + (%(delays)s::interval[])[1], %(now)s)
    ON CONFLICT (key) DO UPDATE SET (failures, open_at, last_at) = (
        SELECT counted, %(now)s + (%(delays)s::interval[])[least(counted, cardinality(%(delays)s::interval[]))], %(now)s
        FROM (SELECT CASE WHEN known.last_at <= %(now)s - %(memory)s THEN 1 ELSE known.failures + 1 END AS counted) AS c
    )
    WHERE known.open_at <= %(now)s
    RETURNING failures
"""
# Reopened only when no later failure has closed it meanwhile.
_TAKE_BACK = """
    UPDATE app.throttle SET
        failures = failures - 1,
        open_at = CASE WHEN failures = %(counted)s THEN %(now)s ELSE open_at END
    WHERE key = %(key)s AND failures > 0
"""
# A few at a time, and none that somebody else is counting on: this must neither wait nor be waited for.
_FORGET = """
    DELETE FROM app.throttle WHERE key IN (
        SELECT key FROM app.throttle WHERE last_at <= %(now)s - %(memory)s ORDER BY last_at LIMIT 10
        FOR UPDATE SKIP LOCKED
    )
"""


class PostgresThrottle:
    """One row an account or source with failures in `app.throttle`; the keys are hashes under a key of auth's own."""

    def __init__(self, throttle_key: bytes, pool: Pool) -> None:
        self._key, self._pool = throttle_key, pool

    def attempt(self, tenant: str, email: str, source: str | None, now: datetime) -> Attempt | Closed:
        """Count an attempt on an account from a source, or say until when one of them is closed."""
        account = self._row("account", tenant, address_key(email))
        # A source that says nothing is one too; it cannot be spelled otherwise, because a source is not empty.
        origin = self._row("source", tenant, source or "")
        with self._pool.connection() as connection, connection.pipeline(), connection.transaction() as transaction:
            counts = (
                _counting(connection, account, ACCOUNT_DELAYS, LOCK_LIFETIME, now),
                _counting(connection, origin, SOURCE_DELAYS, SOURCE_MEMORY, now),
            )
            connection.execute(_FORGET, {"now": now, "memory": LOCK_LIFETIME})
            failures, source_failures = (cursor.fetchone() for cursor in counts)
            if failures is None or source_failures is None:
                transaction.force_rollback = True  # whoever is kept from trying did nothing that counts
                return _closed(connection, account if failures is None else origin, now)
        return Attempt(account, origin, failures[0], source_failures[0])

    def take_back(self, attempt: Attempt, now: datetime) -> None:
        """Count it no more: it did not fail. Earlier failures stand."""
        with self._lenient() as connection:
            for key, counted in ((attempt.account, attempt.failures), (attempt.source, attempt.source_failures)):
                connection.execute(_TAKE_BACK, {"key": key, "counted": counted, "now": now})

    def succeed(self, attempt: Attempt, now: datetime) -> None:
        """Forget the account's failures: both factors were shown. The source's earlier ones stand."""
        with self._lenient() as connection:
            connection.execute("DELETE FROM app.throttle WHERE key = %s", (attempt.account,))
            values = {"key": attempt.source, "counted": attempt.source_failures, "now": now}
            connection.execute(_TAKE_BACK, values)

    def unlock(self, tenant: str, email: str) -> None:
        """Forget an account's failures."""
        with self._pool.connection() as connection:
            connection.execute(
                "DELETE FROM app.throttle WHERE key = %s", (self._row("account", tenant, address_key(email)),)
            )

    def failures(self, tenant: str, email: str, now: datetime) -> tuple[int, datetime | None]:
        """Return an account's failures in a row, and until when it is closed, if it is."""
        with self._pool.connection() as connection:
            row = connection.execute(
                "SELECT failures, open_at FROM app.throttle WHERE key = %s AND last_at > %s",
                (self._row("account", tenant, address_key(email)), now - LOCK_LIFETIME),
            ).fetchone()
        if row is None:
            return 0, None
        failures, opens_at = row
        return failures, opens_at if opens_at > now else None

    @contextmanager
    def _lenient(self) -> Iterator[Connection[Any]]:
        """Forget failures without waiting for the disk: what a crash of the server brings back is counted again."""
        with self._pool.connection() as connection, connection.pipeline(), connection.transaction():
            connection.execute("SET LOCAL synchronous_commit TO off")
            yield connection

    def _row(self, kind: str, tenant: str, value: str) -> bytes:
        place = f"{kind}/{tenant}/{value}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, place, "sha256")[:_KEY_BYTES]


def _counting(
    connection: Connection[Any], key: bytes, delays: Sequence[timedelta], memory: timedelta, now: datetime
) -> Cursor[Any]:
    """Count, and return the cursor of the count: a row, or none where the key is closed."""
    return connection.execute(_COUNT, {"key": key, "delays": list(delays), "memory": memory, "now": now})


def _closed(connection: Connection[Any], key: bytes, now: datetime) -> Closed:
    row = connection.execute("SELECT open_at FROM app.throttle WHERE key = %s", (key,)).fetchone()
    # Somebody may have lifted the lock a moment ago: then the next attempt gets through.
    return Closed(now if row is None else row[0])
