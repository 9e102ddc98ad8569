"""A key store in memory."""

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from shared.crypto.key_store import TenantKeyOutdated, WrappedKey


class InMemoryKeyStore:
    """A `KeyStore` for tests and for reading an exported log."""

    def __init__(self) -> None:
        self._turn = threading.RLock()
        self._kek_turn = threading.Lock()
        self._tenant_keys: dict[str, list[WrappedKey]] = {}
        self._deks: dict[tuple[str, str], WrappedKey] = {}

    def tenants(self) -> Sequence[str]:
        """Return the tenants that have a key, sorted."""
        return sorted(self._tenant_keys)

    def tenant_keys(self, tenant: str) -> Sequence[WrappedKey]:
        """Return all versions of the tenant's key, shredded ones too, the newest first."""
        with self._turn:
            return self._tenant_keys.get(tenant, [])[::-1]

    def add_tenant_key(self, make: Callable[[], WrappedKey]) -> WrappedKey:
        """Make a key and add it if its version is the next one; return the tenant's newest."""
        with self._turn:
            key = make()
            versions = self._tenant_keys.setdefault(key.tenant, [])
            if key.version == len(versions) + 1:
                versions.append(key)
            return versions[-1]

    def kek_turn(self) -> AbstractContextManager[object]:
        """Wait for the turn to change the KEK's versions, or to wrap tenant keys again, and keep it."""
        return self._kek_turn

    def destroy_unused_keks(self, destroy: Callable[[Collection[str]], int]) -> int:
        """Call `destroy` with the references of the KEK's versions that live tenant keys name; return what it gives."""
        with self._turn:
            keys = (key for tenant in self._tenant_keys for key in self._tenant_keys[tenant])
            return destroy({key.wrapped_by for key in keys if key.shredded_at is None})

    def newest_dek(self, tenant: str, subject: str) -> WrappedKey | None:
        """Return the subject's DEK of the highest version, shredded or not, or None."""
        return next(reversed(self.dek_versions(tenant, subject)), None)

    def dek(self, tenant: str, key_id: str) -> WrappedKey | None:
        """Return the DEK with this id, or None; never another tenant's."""
        return self._deks.get((tenant, key_id))

    def deks_by_id(self, tenant: str, key_ids: Sequence[str]) -> Sequence[WrappedKey]:
        """Return those of these DEKs that the tenant has, shredded or not, in any order."""
        return [key for key in self.deks(tenant) if key.key_id in key_ids]

    def dek_versions(self, tenant: str, subject: str) -> Sequence[WrappedKey]:
        """Return all the subject's DEKs, shredded ones too, the oldest first."""
        return sorted((key for key in self.deks(tenant) if key.subject == subject), key=lambda key: key.version)

    def add_dek(self, key: WrappedKey) -> WrappedKey:
        """Add one key, as `add_deks`; return its subject's newest. Raises TenantKeyOutdated."""
        (newest,) = self.add_deks(key.tenant, [key])
        return newest

    def newest_deks(self, tenant: str, subjects: Sequence[str]) -> Sequence[WrappedKey]:
        """Return for each of the subjects that has one its DEK of the highest version."""
        return [key for each in subjects if (key := self.newest_dek(tenant, each)) is not None]

    def add_deks(self, tenant: str, keys: Sequence[WrappedKey]) -> Sequence[WrappedKey]:
        """Add each whose version is its subject's next one; return the newest of all. Raises TenantKeyOutdated."""
        with self._turn:
            for key in keys:
                self._require_newest(key)
            for key in keys:
                newest = self.newest_dek(tenant, key.subject)
                if newest is None or (newest.shredded_at is None and key.version == newest.version + 1):
                    self._deks[(tenant, key.key_id)] = key
            return self.newest_deks(tenant, [key.subject for key in keys])

    def deks(self, tenant: str) -> Iterator[WrappedKey]:
        """Yield the tenant's DEKs by `key_id`."""
        with self._turn:
            keys = [key for key in self._deks.values() if key.tenant == tenant]
        yield from sorted(keys, key=lambda key: key.key_id)

    def outdated_deks(self, tenant: str, limit: int) -> Sequence[WrappedKey]:
        """Return at most `limit` of the tenant's DEKs that are not shredded and not wrapped by its newest key."""
        with self._turn:
            newest = self._tenant_keys[tenant][-1].reference
            return [key for key in self.deks(tenant) if key.shredded_at is None and key.wrapped_by != newest][:limit]

    def rewrap_tenant_key(self, before: WrappedKey, after: WrappedKey) -> bool:
        """Replace the wrapping of a tenant key; False when it is not as `before` any more."""
        with self._turn:
            versions = self._tenant_keys[before.tenant]
            if versions[before.version - 1] != before:
                return False
            versions[before.version - 1] = after
            return True

    def rewrap_deks(self, tenant: str, changes: Sequence[tuple[WrappedKey, WrappedKey]]) -> int:
        """Replace the wrapping of DEKs that are still as before; return how many were. Raises TenantKeyOutdated."""
        with self._turn:
            for _, after in changes:
                self._require_newest(after)
            fitting = [after for before, after in changes if self._deks.get((tenant, before.key_id)) == before]
            self._deks |= {(tenant, after.key_id): after for after in fitting}
            return len(fitting)

    def retire_tenant_keys(self, tenant: str, at: str) -> int:
        """Shred the tenant keys before the newest one that wrap no DEK any more; return how many."""
        with self._turn:
            used = {key.wrapped_by for key in self.deks(tenant) if key.shredded_at is None}
            *older, _ = self._tenant_keys[tenant]
            retired = [key for key in older if key.shredded_at is None and key.reference not in used]
            for key in retired:
                self._tenant_keys[tenant][key.version - 1] = replace(key, wrapped=b"", shredded_at=at)
            return len(retired)

    def shred(self, tenant: str, subject: str, at: str) -> int:
        """Destroy the wrapped bytes of all the subject's DEKs; return how many were still there."""
        with self._turn:
            there = [key for key in self.dek_versions(tenant, subject) if key.shredded_at is None]
            for key in there:
                self._deks[(tenant, key.key_id)] = replace(key, wrapped=b"", shredded_at=at)
            return len(there)

    def _require_newest(self, dek: WrappedKey) -> None:
        if dek.wrapped_by != self._tenant_keys[dek.tenant][-1].reference:
            raise TenantKeyOutdated(f"{dek.wrapped_by} is not the newest key of tenant {dek.tenant}")
