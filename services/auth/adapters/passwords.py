"""Argon2id (RFC 9106) over peppered passwords."""

import hmac

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from services.auth.domain.identity import normal_password

# OWASP Password Storage Cheat Sheet, the first of its equivalent settings: 46 MiB, one pass, one lane.
_MEMORY_KIB = 46 * 1024


class Argon2Passwords:
    """Blocks for tens of milliseconds and 46 MiB a call: the edge runs it outside the event loop."""

    def __init__(self, password_key: bytes, *, memory_kib: int = _MEMORY_KIB) -> None:
        self._key = password_key
        self._hasher = PasswordHasher(time_cost=1, memory_cost=memory_kib, parallelism=1, type=Type.ID)
        # Stands in for accounts that do not exist; its parameters, and so its cost, are those of real ones.
        self._dummy = self._hasher.hash(self._peppered("nobody's password"))

    def hash(self, password: str) -> str:
        """Return a PHC string with a fresh salt."""
        return self._hasher.hash(self._peppered(password))

    def matches(self, password: str, stored: str | None) -> bool:
        """Compare with a PHC string; None costs the same work and never matches."""
        try:
            self._hasher.verify(self._dummy if stored is None else stored, self._peppered(password))
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    def outdated(self, stored: str) -> bool:
        """Tell whether a PHC string has other parameters than those of today."""
        return self._hasher.check_needs_rehash(stored)

    def _peppered(self, password: str) -> bytes:
        """Return HMAC-SHA256 of the password: without the key, the hash cannot be tested against guesses."""
        return hmac.digest(self._key, normal_password(password).encode(), "sha256")
