"""A bounded cache whose entries expire: what keeps unwrapped keys in memory for a while and not for ever."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from shared.kernel.clock import Clock

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class ExpiringCache(Generic[K, V]):
    """At most `capacity` entries, the least recently used dropped first, none returned after `lifetime`."""

    def __init__(self, clock: Clock, capacity: int, lifetime: timedelta) -> None:
        self._clock, self._capacity, self._lifetime = clock, capacity, lifetime
        self._lock = threading.Lock()
        self._entries: OrderedDict[K, tuple[datetime, V]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Return the value, or None when it is absent or too old; reading does not prolong its life."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                return None
            expires, value = entry
            if expires <= self._clock.now():
                del self._entries[key]
                return None
            self._entries.move_to_end(key)
            return value

    def put(self, key: K, value: V) -> None:
        """Keep the value for `lifetime` from now."""
        with self._lock:
            self._entries[key] = (self._clock.now() + self._lifetime, value)
            self._entries.move_to_end(key)
            while len(self._entries) > self._capacity:
                self._entries.popitem(last=False)

    def drop(self, doomed: Callable[[K], bool]) -> None:
        """Forget every entry whose key is `doomed`."""
        with self._lock:
            for key in [key for key in self._entries if doomed(key)]:
                del self._entries[key]

    def __len__(self) -> int:
        return len(self._entries)
