"""Rotation of every level of the keyring while the system runs. No event is touched: only wrappings change.

    KEK         the newest version wraps all tenant keys again
    tenant key  a new version wraps all the tenant's DEKs again, then the old ones are destroyed
    DEK         a new version seals from now on; older versions stay, because they open what they sealed

Everything here may be killed at any moment and run again: each wrapping is replaced by itself, only if it still is what
was read, and what is left to do is found in the store, not remembered.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.crypto.kek import AesWrappingKey, KeyEncryptionKey, UnwrapFailed
from shared.crypto.key_store import TENANT_KEY_SUBJECT, KeyStore, TenantKeyOutdated, WrappedKey
from shared.crypto.keyring import INDEX_SUBJECT, KeyUnknown
from shared.crypto.wrapping import new_wrapped_key, refuse_shredded, rewrapped, unwrapped
from shared.kernel.clock import Clock, to_rfc3339

BATCH = 200
"""How many DEKs are wrapped again in one transaction."""

Progress = Callable[[int], object]
"""Is told how many keys a step has done."""


class IndexKeyFixed(Exception):
    """The key under blind indexes does not change: recorded events and read models are found by what it made."""


def _silent(_: int) -> None:
    pass


@dataclass(frozen=True)
class KeyRotation:
    """Rotates the keys in `store`."""

    kek: KeyEncryptionKey
    store: KeyStore
    clock: Clock

    def rotate_kek(self, tenant: str) -> int:
        """Wrap the tenant's keys by the newest version of the KEK; return how many were wrapped by another.

        Inside `KeyStore.kek_turn`, as everything that adds or removes a version. Raises KeyUnknown, UnwrapFailed.
        """
        newest = self.kek.newest()
        outdated = [key for key in self._live_tenant_keys(tenant) if key.wrapped_by != newest.reference]
        return sum(
            self.store.rewrap_tenant_key(key, rewrapped(key, old=self.kek.version(key.wrapped_by), new=newest))
            for key in outdated
        )

    def rotate_tenant_key(self, tenant: str, progress: Progress = _silent) -> int:
        """Give the tenant key a new version, wrap every DEK by it, destroy the old ones; return how many DEKs.

        When an earlier run did not come to its end, this one finishes it and makes no version of its own. DEKs that
        are made meanwhile are wrapped by the new version already: the store takes no others. Raises KeyUnknown,
        UnwrapFailed.
        """
        newest, *older = self._live_tenant_keys(tenant)
        if not older:
            version = newest.version + 1
            self.store.add_tenant_key(
                lambda: new_wrapped_key(tenant, TENANT_KEY_SUBJECT, version, by=self.kek.newest(), clock=self.clock)
            )
        done = self._rewrap_deks(tenant, progress)
        self.store.retire_tenant_keys(tenant, to_rfc3339(self.clock.now()))
        return done

    def rotate_dek(self, tenant: str, subject: str) -> str:
        """Give the subject a new DEK, which seals from now on; return its id.

        Of two who do it at once, both get the same. Raises KeyUnknown, KeyShredded, IndexKeyFixed, UnwrapFailed.
        """
        if subject == INDEX_SUBJECT:
            raise IndexKeyFixed("index keys keep their version")
        newest = self.store.newest_dek(tenant, subject)
        if newest is None:
            raise KeyUnknown(f"tenant {tenant} has no key for {subject}")
        refuse_shredded(newest)
        while True:
            wrapping = self._opened(self._live_tenant_keys(tenant)[0])
            fresh = new_wrapped_key(tenant, subject, newest.version + 1, by=wrapping, clock=self.clock)
            try:
                added = self.store.add_dek(fresh)
            except TenantKeyOutdated:
                continue
            refuse_shredded(added)
            return added.key_id

    def _rewrap_deks(self, tenant: str, progress: Progress) -> int:
        done, before = 0, None
        while batch := self.store.outdated_deks(tenant, BATCH):
            if batch == before:  # nothing could be done about them, and nobody else did anything either
                raise UnwrapFailed(f"key {batch[0].key_id} is wrapped by {batch[0].wrapped_by}, which is not there")
            before = batch
            try:
                changed = self.store.rewrap_deks(tenant, self._rewrapped(tenant, batch))
            except TenantKeyOutdated:  # another rotation began: go on under its key
                before = None
                continue
            done += changed
            progress(changed)
        return done

    def _rewrapped(self, tenant: str, deks: Sequence[WrappedKey]) -> list[tuple[WrappedKey, WrappedKey]]:
        """Return the DEKs with what they become; without those that another rotation has wrapped meanwhile."""
        live = {key.reference: self._opened(key) for key in self._live_tenant_keys(tenant)}
        newest = next(iter(live.values()))
        return [
            (dek, rewrapped(dek, old=live[dek.wrapped_by], new=newest))
            for dek in deks
            if dek.wrapped_by in live and dek.wrapped_by != newest.reference
        ]

    def _live_tenant_keys(self, tenant: str) -> list[WrappedKey]:
        keys = [key for key in self.store.tenant_keys(tenant) if key.shredded_at is None]
        if not keys:
            raise KeyUnknown(f"tenant {tenant} has no key")
        return keys

    def _opened(self, stored: WrappedKey) -> AesWrappingKey:
        return AesWrappingKey(stored.reference, unwrapped(stored, self.kek.version(stored.wrapped_by)))
