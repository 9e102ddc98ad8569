"""Wrapped keys at rest, and the port through which the keyring keeps them."""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
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
    version: int
    """1 for the subject's first key; the highest one wraps and seals, all of them open."""
    wrapped_by: str
    """Reference of the wrapping key: of a version of the KEK, or of a version of the tenant key."""
    algorithm: str
    wrapped: bytes = field(repr=False)
    """Empty once the key is shredded."""
    created_at: str
    """RFC 3339 UTC, microseconds."""
    shredded_at: str | None = None

    @property
    def reference(self) -> str:
        """Id and version, as `wrapped_by` of the keys that this one wraps."""
        return f"{self.key_id}/{self.version}"

    def aad(self) -> bytes:
        """Return what the wrapping is bound to: all other fields as canonical JSON, absent ones left out.

        A wrapped key that is moved to another tenant, subject, version or id therefore does not unwrap. Raises
        ValueError for a text that is not plain ASCII, because then there is more than one way to write the JSON.
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
        return json.dumps({**fields, "version": self.version}, sort_keys=True, separators=(",", ":")).encode("ascii")


class TenantKeyOutdated(Exception):
    """A DEK comes wrapped by a tenant key that has a newer version by now: wrap it by that one."""


class KeyStore(Protocol):
    """Keeps wrapped keys; PostgreSQL and memory implement it, one contract suite runs on both.

    Changes of one tenant's keys take turns. No key is ever deleted: a shredded one stays as a row without bytes.
    """

    def tenants(self) -> Sequence[str]:
        """Return the tenants that have a key, sorted."""
        ...

    def tenant_keys(self, tenant: str) -> Sequence[WrappedKey]:
        """Return all versions of the tenant's key, shredded ones too, the newest first."""
        ...

    def add_tenant_key(self, make: Callable[[], WrappedKey]) -> WrappedKey:
        """Make a key and add it if its version is the next one; return the tenant's newest: racing callers agree.

        From before `make` looks which version of the KEK wraps until the key is in the store, none is destroyed.
        """
        ...

    def kek_turn(self) -> AbstractContextManager[object]:
        """Wait for the turn to change the KEK's versions, or to wrap tenant keys again, and keep it.

        Whoever rotates the KEK of this store takes turns, from whatever machine, with a file as with a token. The
        others are not held up, whoever adds a tenant's key neither.
        """
        ...

    def destroy_unused_keks(self, destroy: Callable[[Collection[str]], int]) -> int:
        """Call `destroy` with the references of the KEK's versions that live tenant keys name; return what it gives.

        No tenant key is added meanwhile, so that those are all until `destroy` is done. Inside `kek_turn`.
        """
        ...

    def newest_dek(self, tenant: str, subject: str) -> WrappedKey | None:
        """Return the subject's DEK of the highest version, shredded or not, or None."""
        ...

    def dek(self, tenant: str, key_id: str) -> WrappedKey | None:
        """Return the DEK with this id, shredded or not, or None; never another tenant's."""
        ...

    def deks_by_id(self, tenant: str, key_ids: Sequence[str]) -> Sequence[WrappedKey]:
        """Return those of these DEKs that the tenant has, shredded or not, in any order."""
        ...

    def dek_versions(self, tenant: str, subject: str) -> Sequence[WrappedKey]:
        """Return all the subject's DEKs, shredded ones too, the oldest first."""
        ...

    def add_dek(self, key: WrappedKey) -> WrappedKey:
        """Add one key, as `add_deks`; return its subject's newest. Raises TenantKeyOutdated."""
        ...

    def newest_deks(self, tenant: str, subjects: Sequence[str]) -> Sequence[WrappedKey]:
        """Return for each of the subjects that has one its DEK of the highest version, in any order."""
        ...

    def add_deks(self, tenant: str, keys: Sequence[WrappedKey]) -> Sequence[WrappedKey]:
        """Add each whose version is its subject's next one; return the newest of all their subjects, in any order.

        So racing callers agree. A subject whose keys were shredded gets no other. Raises TenantKeyOutdated, adding
        nothing, unless the tenant's newest key wraps all of them: otherwise a rotation of it could miss one.
        """
        ...

    def deks(self, tenant: str) -> Iterator[WrappedKey]:
        """Yield the tenant's DEKs, shredded ones too, by `key_id`."""
        ...

    def outdated_deks(self, tenant: str, limit: int) -> Sequence[WrappedKey]:
        """Return at most `limit` of the tenant's DEKs that are not shredded and not wrapped by its newest key."""
        ...

    def rewrap_tenant_key(self, before: WrappedKey, after: WrappedKey) -> bool:
        """Replace the wrapping of a tenant key; False when it is not as `before` any more. Inside `kek_turn`."""
        ...

    def rewrap_deks(self, tenant: str, changes: Sequence[tuple[WrappedKey, WrappedKey]]) -> int:
        """Replace the wrapping of DEKs (before, after) that are still as before; return how many were.

        Raises TenantKeyOutdated, changing nothing, unless the tenant's newest key wraps all of them.
        """
        ...

    def retire_tenant_keys(self, tenant: str, at: str) -> int:
        """Shred the tenant keys before the newest one that wrap no DEK any more; return how many."""
        ...

    def shred(self, tenant: str, subject: str, at: str) -> int:
        """Destroy the wrapped bytes of all the subject's DEKs; return how many were still there."""
        ...
