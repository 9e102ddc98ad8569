"""A keyring in memory, with keys that are made for the test."""

from datetime import UTC, datetime

from shared.crypto.kek import MemoryKek
from shared.crypto.key_store import KeyStore
from shared.crypto.keyring import Keyring
from shared.crypto.memory_key_store import InMemoryKeyStore
from shared.kernel.clock import Clock, FixedClock

CLOCK = FixedClock(datetime(2026, 11, 22, 9, tzinfo=UTC))
KEK = MemoryKek.of(bytes(range(32)))


def keyring_over(store: KeyStore | None = None, clock: Clock = CLOCK) -> Keyring:
    """Return a keyring whose KEK is the same for every call."""
    return Keyring(KEK, store or InMemoryKeyStore(), clock)
