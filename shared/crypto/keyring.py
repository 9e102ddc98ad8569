"""The keyring: KEK -> tenant key -> one DEK per data subject, created on first use, kept wrapped.

Shredding destroys a DEK's wrapped bytes: what it sealed is unreadable everywhere, and the subject never gets
another key, so that nothing new can be written in the name of somebody who was forgotten.
"""

import os
from dataclasses import dataclass, field, replace
from datetime import timedelta

from shared.crypto.cache import ExpiringCache
from shared.crypto.envelope import KEY_BYTES, derive_key
from shared.crypto.kek import AesKek, FileKek, KeyEncryptionKey, UnwrapFailed
from shared.crypto.key_store import ALGORITHM, TENANT_KEY_SUBJECT, InMemoryKeyStore, KeyStore, WrappedKey
from shared.kernel.clock import Clock, to_rfc3339
from shared.kernel.ids import new_id

__all__ = [
    "TENANT_SUBJECT",
    "Dek",
    "FileKek",
    "InMemoryKeyStore",
    "KeyEncryptionKey",
    "KeyShredded",
    "KeyStore",
    "KeyUnknown",
    "Keyring",
    "UnwrapFailed",
    "WrappedKey",
]

TENANT_SUBJECT = "tenant"
"""The subject of data that belongs to the tenant itself and to no person."""

_CACHED_KEYS = 4096
_CACHED_FOR = timedelta(minutes=5)


class KeyUnknown(Exception):
    """There is no such tenant key or DEK; names ids only."""


class KeyShredded(Exception):
    """The DEK was destroyed on purpose: what it sealed cannot be read again; names ids only."""


@dataclass(frozen=True, slots=True)
class Dek:
    """An unwrapped data key. Its bytes stay out of every representation."""

    key_id: str
    key: bytes = field(repr=False)
    """32 bytes."""


class Keyring:
    """Hands out unwrapped DEKs.

    Unwrapped keys stay in memory for at most five minutes, so a key that is shredded elsewhere is refused here five
    minutes later at the latest.
    """

    def __init__(self, kek: KeyEncryptionKey, store: KeyStore, clock: Clock) -> None:
        self._kek, self._store, self._clock = kek, store, clock
        self._tenant_keys: ExpiringCache[str, AesKek] = ExpiringCache(clock, _CACHED_KEYS, _CACHED_FOR)
        self._by_id: ExpiringCache[tuple[str, str], Dek] = ExpiringCache(clock, _CACHED_KEYS, _CACHED_FOR)
        self._by_subject: ExpiringCache[tuple[str, str], Dek] = ExpiringCache(clock, _CACHED_KEYS, _CACHED_FOR)

    def create_tenant(self, tenant: str) -> None:
        """Give the tenant its key; a tenant that has one keeps it, so a repeated call changes nothing."""
        if self._store.tenant_key(tenant) is None:
            self._store.add_tenant_key(self._wrap(os.urandom(KEY_BYTES), tenant, TENANT_KEY_SUBJECT, self._kek))

    def dek_for(self, tenant: str, subject: str) -> Dek:
        """Return the subject's DEK, made on first use.

        Raises KeyUnknown when the tenant has no key, KeyShredded, UnwrapFailed.
        """
        cached = self._by_subject.get((tenant, subject))
        if cached is not None:
            return cached
        stored = self._store.dek_by_subject(tenant, subject)
        if stored is None:
            wrapping = self._tenant_key(tenant)
            # Two workers may get here at once; the store keeps one key, and both use that one.
            stored = self._store.add_dek(self._wrap(os.urandom(KEY_BYTES), tenant, subject, wrapping))
        return self._unwrap(stored)

    def dek(self, tenant: str, key_id: str) -> bytes:
        """Return the 32 bytes of the DEK with this id. Raises KeyUnknown, KeyShredded, UnwrapFailed."""
        cached = self._by_id.get((tenant, key_id))
        if cached is not None:
            return cached.key
        stored = self._store.dek(tenant, key_id)
        if stored is None:
            raise KeyUnknown(f"tenant {tenant} has no key {key_id}")
        return self._unwrap(stored).key

    def index_key(self, tenant: str) -> bytes:
        """Return the tenant's 32-byte key for `blind_index`; raises as `dek_for`."""
        return derive_key(self.dek_for(tenant, TENANT_SUBJECT).key, b"tallystick/v1/blind-index")

    def _tenant_key(self, tenant: str) -> AesKek:
        cached = self._tenant_keys.get(tenant)
        if cached is not None:
            return cached
        stored = self._store.tenant_key(tenant)
        if stored is None:
            raise KeyUnknown(f"tenant {tenant} has no key")
        key = AesKek(stored.key_id, self._open(stored, self._kek))
        self._tenant_keys.put(tenant, key)
        return key

    def _unwrap(self, stored: WrappedKey) -> Dek:
        dek = Dek(stored.key_id, self._open(stored, self._tenant_key(stored.tenant)))
        self._by_id.put((stored.tenant, stored.key_id), dek)
        self._by_subject.put((stored.tenant, stored.subject), dek)
        return dek

    def _wrap(self, key: bytes, tenant: str, subject: str, wrapping: KeyEncryptionKey) -> WrappedKey:
        blank = WrappedKey(
            key_id=new_id(),
            tenant=tenant,
            subject=subject,
            wrapped_by=wrapping.id,
            algorithm=ALGORITHM,
            wrapped=b"",
            created_at=to_rfc3339(self._clock.now()),
        )
        return replace(blank, wrapped=wrapping.wrap(key, blank.aad()))

    @staticmethod
    def _open(stored: WrappedKey, wrapping: KeyEncryptionKey) -> bytes:
        if stored.shredded_at is not None:
            raise KeyShredded(f"key {stored.key_id} of tenant {stored.tenant} was shredded at {stored.shredded_at}")
        if stored.algorithm != ALGORITHM or stored.wrapped_by != wrapping.id:
            raise UnwrapFailed(f"key {stored.key_id} is wrapped by {stored.wrapped_by} ({stored.algorithm})")
        return wrapping.unwrap(stored.wrapped, stored.aad())
