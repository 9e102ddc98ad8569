"""New wrapped keys, and wrapped keys opened: the one place where key bytes and the fields around them meet."""

import os
from dataclasses import replace

from shared.crypto.envelope import KEY_BYTES
from shared.crypto.kek import UnwrapFailed, WrappingKey
from shared.crypto.key_store import ALGORITHM, WrappedKey
from shared.kernel.clock import Clock, to_rfc3339
from shared.kernel.ids import new_id


class KeyShredded(Exception):
    """The key was destroyed on purpose: what it sealed or wrapped cannot be read again; names ids only."""


def new_wrapped_key(tenant: str, subject: str, version: int, *, by: WrappingKey, clock: Clock) -> WrappedKey:
    """Make a random key that nobody has seen, wrapped by `by`. Raises ValueError for a subject that is not ASCII."""
    blank = WrappedKey(
        key_id=new_id(),
        tenant=tenant,
        subject=subject,
        version=version,
        wrapped_by=by.reference,
        algorithm=ALGORITHM,
        wrapped=b"",
        created_at=to_rfc3339(clock.now()),
    )
    return replace(blank, wrapped=by.wrap(os.urandom(KEY_BYTES), blank.aad()))


def refuse_shredded(stored: WrappedKey) -> None:
    """Raise KeyShredded when there is nothing left to unwrap."""
    if stored.shredded_at is not None:
        raise KeyShredded(f"key {stored.key_id} of tenant {stored.tenant} was shredded at {stored.shredded_at}")


def unwrapped(stored: WrappedKey, by: WrappingKey) -> bytes:
    """Return the 32 bytes of a wrapped key. Raises KeyShredded, UnwrapFailed."""
    refuse_shredded(stored)
    if stored.algorithm != ALGORITHM or stored.wrapped_by != by.reference:
        raise UnwrapFailed(f"key {stored.key_id} is wrapped by {stored.wrapped_by} ({stored.algorithm})")
    return by.unwrap(stored.wrapped, stored.aad())


def rewrapped(stored: WrappedKey, *, old: WrappingKey, new: WrappingKey) -> WrappedKey:
    """Return the same key wrapped by `new`: nothing that it sealed changes. Raises KeyShredded, UnwrapFailed."""
    blank = replace(stored, wrapped_by=new.reference, wrapped=b"")
    return replace(blank, wrapped=new.wrap(unwrapped(stored, old), blank.aad()))
