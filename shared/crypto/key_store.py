"""Wrapped keys at rest, and the port through which the keyring keeps them."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

ALGORITHM = "AES-256-GCM"
TENANT_KEY_SUBJECT = "tenant-key"
"""The subject of the tenant key itself; the DEK for the tenant's own data has the subject `tenant`."""


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A key as the database and a backup hold it: of no use without the key that wraps it."""

    key_id: str
    """UUIDv7."""
    tenant: str
    subject: str
    """Opaque: `tenant`, `customer-<uuid>`, `user-<uuid>`; `tenant-key` for the tenant key. Never a name."""
    wrapped_by: str
    """Id of the wrapping key: the KEK's for a tenant key, the tenant key's `key_id` for a DEK."""
    algorithm: str
    wrapped: bytes = field(repr=False)
    """Empty once the key is shredded."""
    created_at: str
    """RFC 3339 UTC, microseconds."""
    shredded_at: str | None = None

    def aad(self) -> bytes:
        """Return what the wrapping is bound to: all other fields as canonical JSON, absent ones left out.

        A wrapped key that is moved to another tenant, subject or id therefore does not unwrap. Raises ValueError
        for a field that is not plain ASCII, because then there is more than one way to write the JSON.
        """
        fields = {
            "algorithm": self.algorithm,
            "created_at": self.created_at,
            "key_id": self.key_id,
            "subject": self.subject,
            "tenant": self.tenant,
            "wrapped_by": self.wrapped_by,
        }
        if self.shredded_at is not None:
            fields["shredded_at"] = self.shredded_at
        if not all(value.isascii() and value.isprintable() for value in fields.values()):
            raise ValueError("a wrapped key's fields are printable ASCII")
        return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode("ascii")


class KeyStore(Protocol):
    """Keeps wrapped keys; PostgreSQL and memory implement it, one contract suite runs on both."""

    def tenant_key(self, tenant: str) -> WrappedKey | None:
        """Return the tenant's key, or None."""
        ...

    def add_tenant_key(self, key: WrappedKey) -> WrappedKey:
        """Insert it unless the tenant has one; return the one that is stored, so that racing callers agree."""
        ...

    def dek_by_subject(self, tenant: str, subject: str) -> WrappedKey | None:
        """Return the subject's DEK, shredded or not, or None."""
        ...

    def dek(self, tenant: str, key_id: str) -> WrappedKey | None:
        """Return the DEK with this id, shredded or not, or None; never another tenant's."""
        ...

    def add_dek(self, key: WrappedKey) -> WrappedKey:
        """Insert it unless the subject has one (shredded counts); return the one that is stored."""
        ...

    def deks(self, tenant: str) -> Iterator[WrappedKey]:
        """Yield the tenant's DEKs, shredded ones too, by `key_id`."""
        ...


class InMemoryKeyStore:
    """A key store for tests and for reading an exported log."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tenant_keys: dict[str, WrappedKey] = {}
        self._deks: dict[tuple[str, str], WrappedKey] = {}

    def tenant_key(self, tenant: str) -> WrappedKey | None:
        """Return the tenant's key, or None."""
        return self._tenant_keys.get(tenant)

    def add_tenant_key(self, key: WrappedKey) -> WrappedKey:
        """Insert it unless the tenant has one; return the one that is stored."""
        with self._lock:
            return self._tenant_keys.setdefault(key.tenant, key)

    def dek_by_subject(self, tenant: str, subject: str) -> WrappedKey | None:
        """Return the subject's DEK, shredded or not, or None."""
        return self._deks.get((tenant, subject))

    def dek(self, tenant: str, key_id: str) -> WrappedKey | None:
        """Return the DEK with this id, or None; never another tenant's."""
        return next((key for key in self.deks(tenant) if key.key_id == key_id), None)

    def add_dek(self, key: WrappedKey) -> WrappedKey:
        """Insert it unless the subject has one; return the one that is stored."""
        with self._lock:
            return self._deks.setdefault((key.tenant, key.subject), key)

    def deks(self, tenant: str) -> Iterator[WrappedKey]:
        """Yield the tenant's DEKs by `key_id`."""
        with self._lock:
            keys = [key for key in self._deks.values() if key.tenant == tenant]
        yield from sorted(keys, key=lambda key: key.key_id)
