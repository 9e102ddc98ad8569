"""The key store in PostgreSQL: schema `keyring`, which the service's role reads, and changes by functions only."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import LiteralString

import psycopg
from psycopg.rows import args_row

from shared.crypto.key_store import TenantKeyOutdated, WrappedKey
from shared.eventstore.pool import Pool
from shared.eventstore.session import fetch_bound

PAGE = 500
_OUTDATED = "TK001"

_COLUMNS = """
    SELECT key_id::text, tenant::text, subject, version, wrapped_by, algorithm, wrapped, created_at, shredded_at
"""
_TENANTS = "SELECT tenant::text FROM keyring.tenants ORDER BY tenant"
_TENANT_KEYS = _COLUMNS + "FROM keyring.tenant_keys WHERE tenant = %s ORDER BY version DESC"
_DEKS = _COLUMNS + "FROM keyring.deks WHERE tenant = %s "
_DEK_VERSIONS = _DEKS + "AND subject = %s ORDER BY version"
_DEKS_BY_ID = _DEKS + "AND key_id = ANY(%s::uuid[])"
_NEWEST_DEK = _DEKS + "AND subject = %s ORDER BY version DESC LIMIT 1"
_NEWEST_DEKS = (
    _COLUMNS.replace("SELECT", "SELECT DISTINCT ON (subject)")
    + "FROM keyring.deks WHERE tenant = %s AND subject = ANY(%s) ORDER BY subject, version DESC"
)
_DEK = _DEKS + "AND key_id = %s"
_DEKS_AFTER = _DEKS + "AND key_id > %s ORDER BY key_id LIMIT %s"
# Not `<>`: two ranges of the index, which are empty when a rotation is over.
_OUTDATED_DEKS = (
    _DEKS
    + """
    AND shredded_at IS NULL
    AND (wrapped_by < keyring.newest_reference(%s) OR wrapped_by > keyring.newest_reference(%s)) LIMIT %s
"""
)
_ADD_TENANT_KEY = "SELECT keyring.add_tenant_key(%s, %s, %s, %s, %s, %s, %s, %s)"
_ADD_DEK = "SELECT keyring.add_dek(%s, %s, %s, %s, %s, %s, %s, %s)"
_REWRAP_TENANT_KEY = "SELECT keyring.rewrap_tenant_key(%s, %s, %s, %s, %s)"
_REWRAP_DEKS = "SELECT keyring.rewrap_deks(%s, %s::uuid[], %s, %s, %s)"
_RETIRE_TENANT_KEYS = "SELECT keyring.retire_tenant_keys(%s, %s)"
_SHRED = "SELECT keyring.shred(%s, %s, %s)"
_TAKE_KEK_TURN = "SELECT pg_advisory_lock(hashtextextended('tallystick kek turn', 0))"
_END_KEK_TURN = "SELECT pg_advisory_unlock(hashtextextended('tallystick kek turn', 0))"
_KEEP_KEKS = "SELECT keyring.keep_keks()"
_KEKS_IN_USE = "SELECT * FROM keyring.keks_in_use()"
_BEFORE_ALL = "00000000-0000-0000-0000-000000000000"


class PostgresKeyStore:
    """A `KeyStore` over one service's database."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def tenants(self) -> Sequence[str]:
        """Return the tenants that have a key, sorted."""
        with self._pool.connection() as connection:
            return [tenant for (tenant,) in connection.execute(_TENANTS)]

    def tenant_keys(self, tenant: str) -> Sequence[WrappedKey]:
        """Return all versions of the tenant's key, shredded ones too, the newest first."""
        return self._keys(_TENANT_KEYS, tenant)

    def add_tenant_key(self, make: Callable[[], WrappedKey]) -> WrappedKey:
        """Make a key and add it if its version is the next one; return the tenant's newest."""
        with self._pool.connection() as connection, connection.transaction():
            connection.execute(_KEEP_KEKS)
            key = make()
            connection.execute(_ADD_TENANT_KEY, _values(key))
        return self.tenant_keys(key.tenant)[0]

    @contextmanager
    def kek_turn(self) -> Iterator[None]:
        """Wait for the turn to change the KEK's versions, or to wrap tenant keys again, and keep it.

        It belongs to a session, which it takes out of the pool, and ends with it: a killed rotation holds up nobody.
        """
        with self._pool.connection() as connection:
            connection.execute(_TAKE_KEK_TURN)
            try:
                yield
            finally:
                connection.execute(_END_KEK_TURN)

    def destroy_unused_keks(self, destroy: Callable[[Collection[str]], int]) -> int:
        """Call `destroy` with the references of the KEK's versions that live tenant keys name; return what it gives."""
        with self._pool.connection() as connection, connection.transaction():
            return destroy({reference for (reference,) in connection.execute(_KEKS_IN_USE)})

    def newest_dek(self, tenant: str, subject: str) -> WrappedKey | None:
        """Return the subject's DEK of the highest version, shredded or not, or None."""
        return _first(self._keys(_NEWEST_DEK, tenant, subject))

    def dek(self, tenant: str, key_id: str) -> WrappedKey | None:
        """Return the DEK with this id, or None; never another tenant's."""
        return _first(self._keys(_DEK, tenant, key_id))

    def deks_by_id(self, tenant: str, key_ids: Sequence[str]) -> Sequence[WrappedKey]:
        """Return those of these DEKs that the tenant has, shredded or not, in any order."""
        return self._keys(_DEKS_BY_ID, tenant, list(key_ids))

    def dek_versions(self, tenant: str, subject: str) -> Sequence[WrappedKey]:
        """Return all the subject's DEKs, shredded ones too, the oldest first."""
        return self._keys(_DEK_VERSIONS, tenant, subject)

    def add_dek(self, key: WrappedKey) -> WrappedKey:
        """Add one key, as `add_deks`; return its subject's newest. Raises TenantKeyOutdated."""
        (newest,) = self.add_deks(key.tenant, [key])
        return newest

    def newest_deks(self, tenant: str, subjects: Sequence[str]) -> Sequence[WrappedKey]:
        """Return for each of the subjects that has one its DEK of the highest version, in any order."""
        return self._keys(_NEWEST_DEKS, tenant, list(subjects))

    def add_deks(self, tenant: str, keys: Sequence[WrappedKey]) -> Sequence[WrappedKey]:
        """Add each whose version is its subject's next one; return the newest of all. Raises TenantKeyOutdated."""
        with _told_when_outdated(), self._pool.connection() as connection, connection.transaction():
            connection.cursor().executemany(_ADD_DEK, [_values(key) for key in keys])
        return self.newest_deks(tenant, [key.subject for key in keys])

    def deks(self, tenant: str) -> Iterator[WrappedKey]:
        """Yield the tenant's DEKs by `key_id`."""
        after = _BEFORE_ALL
        while page := self._keys(_DEKS_AFTER, tenant, after, PAGE):
            yield from page
            after = page[-1].key_id

    def outdated_deks(self, tenant: str, limit: int) -> Sequence[WrappedKey]:
        """Return at most `limit` of the tenant's DEKs that are not shredded and not wrapped by its newest key."""
        return self._keys(_OUTDATED_DEKS, tenant, tenant, tenant, limit)

    def rewrap_tenant_key(self, before: WrappedKey, after: WrappedKey) -> bool:
        """Replace the wrapping of a tenant key; False when it is not as `before` any more."""
        values = (before.tenant, before.key_id, before.wrapped_by, after.wrapped_by, after.wrapped)
        return bool(self._change(_REWRAP_TENANT_KEY, *values))

    def rewrap_deks(self, tenant: str, changes: Sequence[tuple[WrappedKey, WrappedKey]]) -> int:
        """Replace the wrapping of DEKs that are still as before; return how many were. Raises TenantKeyOutdated."""
        if not changes:
            return 0
        (wrapped_by,) = {after.wrapped_by for _, after in changes}
        ids = [before.key_id for before, _ in changes]
        wrapped_before = [before.wrapped_by for before, _ in changes]
        wrapped = [after.wrapped for _, after in changes]
        with _told_when_outdated():
            return self._change(_REWRAP_DEKS, tenant, ids, wrapped_before, wrapped_by, wrapped)

    def retire_tenant_keys(self, tenant: str, at: str) -> int:
        """Shred the tenant keys before the newest one that wrap no DEK any more; return how many."""
        return self._change(_RETIRE_TENANT_KEYS, tenant, at)

    def shred(self, tenant: str, subject: str, at: str) -> int:
        """Destroy the wrapped bytes of all the subject's DEKs; return how many were still there."""
        return self._change(_SHRED, tenant, subject, at)

    def _change(self, call: str, *values: object) -> int:
        """Call a function that changes keys, in a transaction of its own; return the number that it gives."""
        with self._pool.connection() as connection:
            row = connection.execute(call, values).fetchone()
        return (row and row[0]) or 0

    def _keys(self, query: LiteralString, tenant: str, *values: object) -> list[WrappedKey]:
        return fetch_bound(self._pool, tenant, query, (tenant, *values), args_row(WrappedKey))


def _values(key: WrappedKey) -> tuple[object, ...]:
    """Return what the functions that add a key take."""
    return (
        key.tenant,
        key.key_id,
        key.subject,
        key.version,
        key.wrapped_by,
        key.algorithm,
        key.wrapped,
        key.created_at,
    )


def _first(keys: Sequence[WrappedKey]) -> WrappedKey | None:
    return keys[0] if keys else None


@contextmanager
def _told_when_outdated() -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        if error.sqlstate != _OUTDATED:
            raise
        raise TenantKeyOutdated(error.diag.message_primary) from None
