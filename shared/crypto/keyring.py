"""The keyring: KEK -> tenant key -> one DEK per data subject, created on first use, kept wrapped.

Every key has versions: the newest wraps or seals, all of them open. Shredding destroys the wrapped bytes of all the
subject's DEKs: what they sealed is unreadable everywhere, and the subject never gets another key, so that nothing new
can be written in the name of somebody who was forgotten.
"""

import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import TypeVar

from shared.crypto.cache import ExpiringCache
from shared.crypto.envelope import Opener, derive_key
from shared.crypto.kek import AesWrappingKey, FileKek, KeyEncryptionKey, UnwrapFailed
from shared.crypto.key_store import TENANT_KEY_SUBJECT, KeyStore, TenantKeyOutdated, WrappedKey
from shared.crypto.memory_key_store import InMemoryKeyStore
from shared.crypto.wrapping import KeyShredded, new_wrapped_key, refuse_shredded, unwrapped
from shared.kernel.clock import Clock, to_rfc3339

__all__ = [
    "INDEX_SUBJECT",
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
INDEX_SUBJECT = "index"
"""The subject of the key under blind indexes. It seals nothing and keeps its one version."""

_Value = TypeVar("_Value")
_CACHED_KEYS = 4096
_CACHED_FOR = timedelta(minutes=5)


class KeyUnknown(Exception):
    """There is no such tenant key or DEK; names ids only."""


@dataclass(frozen=True)
class Dek:
    """An unwrapped data key. Its bytes stay out of every representation."""

    key_id: str
    key: bytes = field(repr=False)
    """32 bytes."""

    @cached_property
    def opener(self) -> Opener:
        """What opens records under this key; it lives as long as the key stays in memory, and no longer."""
        return Opener(self.key)


class Keyring:
    """Hands out unwrapped DEKs.

    Unwrapped keys stay in memory until `forget`, which every change of the tenant's keys makes all keyrings call (see
    shared/eventstore/wakeups.py), and for five minutes at most should that word be lost.
    """

    def __init__(self, kek: KeyEncryptionKey, store: KeyStore, clock: Clock) -> None:
        self._kek, self._store, self._clock = kek, store, clock
        # Tenant and reference, tenant and key id, tenant and subject: the tenant comes first in all of them.
        self._tenant_keys: ExpiringCache[tuple[str, str], AesWrappingKey] = _cache(clock)
        self._by_id: ExpiringCache[tuple[str, str], Dek] = _cache(clock)
        self._by_subject: ExpiringCache[tuple[str, str], Dek] = _cache(clock)
        self._shredded: ExpiringCache[tuple[str, str], WrappedKey] = _cache(clock)
        self._forgetting = threading.Lock()
        self._forgets = 0

    def create_tenant(self, tenant: str) -> None:
        """Give the tenant its key; a tenant that has one keeps it, so a repeated call changes nothing."""
        if not self._store.tenant_keys(tenant):
            self._store.add_tenant_key(
                lambda: new_wrapped_key(tenant, TENANT_KEY_SUBJECT, 1, by=self._kek.newest(), clock=self._clock)
            )

    def dek_for(self, tenant: str, subject: str) -> Dek:
        """Return the subject's newest DEK, made on first use.

        Raises KeyUnknown when the tenant has no key, KeyShredded, UnwrapFailed.
        """
        cached = self._by_subject.get((tenant, subject))
        if cached is not None:
            return cached
        forgets = self._forgets
        dek = self._unwrap(self._store.newest_dek(tenant, subject) or self._first_dek(tenant, subject))
        self._remember_newest(tenant, subject, dek, forgets)
        return dek

    def prepare(self, tenant: str, subjects: Iterable[str]) -> None:
        """Read the newest DEKs of these subjects and make those that are missing, in one go for all of them.

        A batch about many new subjects would wait for several looks and a durable write for each. What cannot be had
        is left for `dek_for` to refuse.
        """
        wanted = [each for each in dict.fromkeys(subjects) if self._by_subject.get((tenant, each)) is None]
        if not wanted:
            return
        forgets = self._forgets
        stored = list(self._store.newest_deks(tenant, wanted))
        if missing := sorted(set(wanted) - {each.subject for each in stored}):
            with suppress(TenantKeyOutdated, KeyUnknown, KeyShredded, UnwrapFailed):
                stored += self._first_deks(tenant, missing)
        for each in stored:
            with suppress(KeyShredded, UnwrapFailed):
                self._remember_newest(tenant, each.subject, self._unwrap(each), forgets)

    def dek(self, tenant: str, key_id: str) -> bytes:
        """Return the 32 bytes of the DEK with this id. Raises KeyUnknown, KeyShredded, UnwrapFailed."""
        return self._dek(tenant, key_id).key

    def opener(self, tenant: str, key_id: str) -> Opener:
        """Return what opens records under the DEK with this id, for use at once; raises as `dek`."""
        return self._dek(tenant, key_id).opener

    def load(self, tenant: str, key_ids: Iterable[str]) -> None:
        """Read the DEKs of these ids in one go, so that `dek` need not ask the store for each of them.

        A page of a log names as many keys as it has subjects. Keys that cannot be had are left for `dek` to refuse.
        """
        wanted = [each for each in key_ids if not self._knows(tenant, each)]
        if not wanted:
            return
        forgets = self._forgets
        for stored in self._store.deks_by_id(tenant, wanted):
            with suppress(KeyShredded, UnwrapFailed):
                self._remember(tenant, self._unwrap(stored), forgets)

    def index_key(self, tenant: str) -> bytes:
        """Return the tenant's 32-byte key for `blind_index`; raises as `dek_for`."""
        return derive_key(self.dek_for(tenant, INDEX_SUBJECT).key, b"tallystick/v1/blind-index")

    def key_ids(self, tenant: str, subject: str) -> list[str]:
        """Return the ids of all the subject's DEKs, shredded ones too, oldest first."""
        return [key.key_id for key in self._store.dek_versions(tenant, subject)]

    def shred(self, tenant: str, subject: str) -> int:
        """Destroy all the subject's DEKs; return how many were still there. Repeating it changes nothing.

        Whether it may be done, and who has to agree, is the caller's to know. What PostgreSQL keeps of the destroyed
        bytes for a while, and how to make that useless as well, is in docs/keys.md.
        """
        destroyed = self._store.shred(tenant, subject, to_rfc3339(self._clock.now()))
        self.forget(tenant)
        return destroyed

    def forget(self, tenant: str | None) -> None:
        """Drop the tenant's unwrapped keys from memory, everybody's for None; the next use reads them again."""
        with self._forgetting:
            self._forgets += 1
            for cache in (self._tenant_keys, self._by_id, self._by_subject):
                cache.drop(lambda key: tenant in {None, key[0]})

    def _dek(self, tenant: str, key_id: str) -> Dek:
        cached = self._by_id.get((tenant, key_id))
        if cached is not None:
            return cached
        forgets = self._forgets
        stored = self._shredded.get((tenant, key_id)) or self._store.dek(tenant, key_id)
        if stored is None:
            raise KeyUnknown(f"tenant {tenant} has no key {key_id}")
        dek = self._unwrap(stored)
        self._remember(tenant, dek, forgets)
        return dek

    def _first_dek(self, tenant: str, subject: str) -> WrappedKey:
        while True:
            with suppress(TenantKeyOutdated):  # the tenant key was rotated since it was read
                return self._first_deks(tenant, [subject])[0]

    def _first_deks(self, tenant: str, subjects: Sequence[str]) -> Sequence[WrappedKey]:
        newest = next(iter(self._store.tenant_keys(tenant)), None)
        if newest is None:
            raise KeyUnknown(f"tenant {tenant} has no key")
        wrapping = self._opened_tenant_key(newest)
        keys = [new_wrapped_key(tenant, each, 1, by=wrapping, clock=self._clock) for each in subjects]
        # Two workers may get here at once; the store keeps one key of each subject, and both use that one.
        return self._store.add_deks(tenant, keys)

    def _remember_newest(self, tenant: str, subject: str, dek: Dek, forgets: int) -> None:
        with self._forgetting:
            # What was read before a `forget` may be what had to be forgotten.
            if forgets == self._forgets:
                self._by_subject.put((tenant, subject), dek)
        self._remember(tenant, dek, forgets)

    def _knows(self, tenant: str, key_id: str) -> bool:
        place = (tenant, key_id)
        return self._by_id.get(place) is not None or self._shredded.get(place) is not None

    def _remember(self, tenant: str, dek: Dek, forgets: int) -> None:
        with self._forgetting:
            if forgets == self._forgets:
                self._by_id.put((tenant, dek.key_id), dek)

    def _unwrap(self, stored: WrappedKey) -> Dek:
        while True:
            if stored.shredded_at is not None:  # for good: it need not be asked for again, nor be forgotten
                self._shredded.put((stored.tenant, stored.key_id), stored)
            refuse_shredded(stored)
            wrapping = self._tenant_key(stored.tenant, stored.wrapped_by)
            if wrapping is not None:
                return Dek(stored.key_id, unwrapped(stored, wrapping))
            # The tenant key was rotated, and its old version retired, since the row was read: it says another by now.
            again = self._store.dek(stored.tenant, stored.key_id)
            if again is None or again.wrapped_by == stored.wrapped_by:
                raise UnwrapFailed(f"key {stored.key_id} is wrapped by {stored.wrapped_by} ({stored.algorithm})")
            stored = again

    def _tenant_key(self, tenant: str, reference: str) -> AesWrappingKey | None:
        """Return the tenant key of this reference, None when there is none or it was retired."""
        cached = self._tenant_keys.get((tenant, reference))
        if cached is not None:
            return cached
        stored = (key for key in self._store.tenant_keys(tenant) if key.reference == reference)
        found = next(stored, None)
        if found is None or found.shredded_at is not None:
            return None
        return self._opened_tenant_key(found)

    def _opened_tenant_key(self, stored: WrappedKey) -> AesWrappingKey:
        forgets = self._forgets
        key = AesWrappingKey(stored.reference, unwrapped(stored, self._kek.version(stored.wrapped_by)))
        with self._forgetting:
            if forgets == self._forgets:
                self._tenant_keys.put((stored.tenant, stored.reference), key)
        return key


def _cache(clock: Clock) -> ExpiringCache[tuple[str, str], _Value]:
    return ExpiringCache(clock, _CACHED_KEYS, _CACHED_FOR)
