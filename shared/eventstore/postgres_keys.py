"""The key store in PostgreSQL: schema `keyring`, which the service's role may read and add to."""

from collections.abc import Iterator

from psycopg.rows import args_row

from shared.crypto.keyring import WrappedKey
from shared.eventstore.pool import Pool

PAGE = 500

_TENANT_KEYS = """
    SELECT key_id::text, tenant::text, subject, wrapped_by, algorithm, wrapped, created_at, shredded_at
    FROM keyring.tenant_keys
"""
_DEKS = """
    SELECT key_id::text, tenant::text, subject, wrapped_by, algorithm, wrapped, created_at, shredded_at
    FROM keyring.deks
"""
_TENANT_KEY = _TENANT_KEYS + "WHERE tenant = %s"
_DEK_BY_SUBJECT = _DEKS + "WHERE tenant = %s AND subject = %s"
_DEK = _DEKS + "WHERE tenant = %s AND key_id = %s"
_DEKS_AFTER = _DEKS + "WHERE tenant = %s AND key_id > %s ORDER BY key_id LIMIT %s"
_ADD_TENANT_KEY = """
    INSERT INTO keyring.tenant_keys
        (key_id, tenant, subject, wrapped_by, algorithm, wrapped, created_at, shredded_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (tenant) DO NOTHING
"""
_ADD_DEK = """
    INSERT INTO keyring.deks
        (key_id, tenant, subject, wrapped_by, algorithm, wrapped, created_at, shredded_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (tenant, subject) DO NOTHING
"""
_BEFORE_ALL = "00000000-0000-0000-0000-000000000000"


class PostgresKeyStore:
    """A `KeyStore` over one service's database."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def tenant_key(self, tenant: str) -> WrappedKey | None:
        """Return the tenant's key, or None."""
        return self._one(_TENANT_KEY, tenant)

    def add_tenant_key(self, key: WrappedKey) -> WrappedKey:
        """Insert it unless the tenant has one; return the one that is stored."""
        self._insert(_ADD_TENANT_KEY, key)
        return _stored(self.tenant_key(key.tenant))

    def dek_by_subject(self, tenant: str, subject: str) -> WrappedKey | None:
        """Return the subject's DEK, shredded or not, or None."""
        return self._one(_DEK_BY_SUBJECT, tenant, subject)

    def dek(self, tenant: str, key_id: str) -> WrappedKey | None:
        """Return the DEK with this id, or None; never another tenant's."""
        return self._one(_DEK, tenant, key_id)

    def add_dek(self, key: WrappedKey) -> WrappedKey:
        """Insert it unless the subject has one; return the one that is stored.

        `DO NOTHING` waits for a transaction that is inserting the same subject's key, and the read that follows is a
        statement of its own, so racing callers return the same key.
        """
        self._insert(_ADD_DEK, key)
        return _stored(self.dek_by_subject(key.tenant, key.subject))

    def deks(self, tenant: str) -> Iterator[WrappedKey]:
        """Yield the tenant's DEKs by `key_id`."""
        after = _BEFORE_ALL
        while page := self._rows(_DEKS_AFTER, tenant, after, PAGE):
            yield from page
            after = page[-1].key_id

    def _insert(self, statement: str, key: WrappedKey) -> None:
        values = (
            key.key_id,
            key.tenant,
            key.subject,
            key.wrapped_by,
            key.algorithm,
            key.wrapped,
            key.created_at,
            key.shredded_at,
        )
        with self._pool.connection() as connection:
            connection.execute(statement, values)

    def _one(self, query: str, *values: object) -> WrappedKey | None:
        rows = self._rows(query, *values)
        return rows[0] if rows else None

    def _rows(self, query: str, *values: object) -> list[WrappedKey]:
        with self._pool.connection() as connection, connection.cursor(row_factory=args_row(WrappedKey)) as cursor:
            return cursor.execute(query, values).fetchall()


def _stored(key: WrappedKey | None) -> WrappedKey:
    # Nothing deletes keys, so a key that was just inserted or found to exist is there.
    if key is None:
        raise RuntimeError("a key vanished from the keyring")
    return key
