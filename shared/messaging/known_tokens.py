"""Tokens that were verified before: a person's five minutes are many calls, and a signature costs each a third of a ms.

What may be remembered of a token is what cannot change while it lives: that one of these keys signed it, and what it
says. So an entry counts only for the very same text (it is found by the token's SHA-256; the token itself is not kept),
under the very same set of keys (a file that was read again is another one: a removed key counts no more), and before
the token's own end. Whatever can change is looked at in each call: whether it was revoked, and what it permits.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Generic, TypeVar

from shared.crypto.cache import ExpiringCache
from shared.crypto.tokens import KeySet
from shared.kernel.clock import Clock

_CAPACITY = 4096
_LIFETIME = timedelta(minutes=5)
"""After which a token is verified again, however long it lives."""

_Said = TypeVar("_Said")


@dataclass(slots=True)
class KnownTokens(Generic[_Said]):
    """What good tokens say; at most 4096, those that were shown longest ago dropped first."""

    clock: Clock
    _known: ExpiringCache[bytes, tuple[KeySet, int, _Said]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._known = ExpiringCache(self.clock, _CAPACITY, _LIFETIME)

    def find(self, token: str, keys: KeySet) -> _Said | None:
        """Return what a token says that these keys verified and that is alive; None: it has to be verified."""
        found = self._known.get(_digest(token))
        if found is None:
            return None
        verified_by, expires, said = found
        return said if verified_by is keys and expires > self.clock.now().timestamp() else None

    def keep(self, token: str, keys: KeySet, expires: int, said: _Said) -> None:
        """Remember what a token says that these keys have verified just now; `expires` in seconds since 1970."""
        self._known.put(_digest(token), (keys, expires, said))


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
