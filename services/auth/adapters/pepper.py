"""The pepper: 32 bytes in a file, never in a database, from which auth's own keys are derived.

Whoever takes the database, or is given every data key to audit the log, still lacks it: password hashes cannot be
tested against guesses, TOTP secrets do not open, invitations cannot be made.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from shared.crypto.envelope import derive_key
from shared.crypto.kek import decode_key


@dataclass(frozen=True, slots=True)
class Pepper:
    """The derived keys, 32 bytes each, one for each use."""

    password_key: bytes = field(repr=False)
    factor_key: bytes = field(repr=False)
    invitation_key: bytes = field(repr=False)
    recovery_key: bytes = field(repr=False)
    throttle_key: bytes = field(repr=False)
    passkey_key: bytes = field(repr=False)
    drill_key: bytes = field(repr=False)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read one line of base64 that only its owner can read; raises KeyFileRefused, or OSError."""
        return cls.of(decode_key(path))

    @classmethod
    def of(cls, pepper: bytes) -> Self:
        """Derive the keys from 32 uniformly random bytes."""
        return cls(
            password_key=derive_key(pepper, b"tallystick/v1/auth/password"),
            factor_key=derive_key(pepper, b"tallystick/v1/auth/factor"),
            invitation_key=derive_key(pepper, b"tallystick/v1/auth/invitation"),
            recovery_key=derive_key(pepper, b"tallystick/v1/auth/recovery"),
            throttle_key=derive_key(pepper, b"tallystick/v1/auth/throttle"),
            passkey_key=derive_key(pepper, b"tallystick/v1/auth/passkey"),
            drill_key=derive_key(pepper, b"tallystick/v1/auth/drill"),
        )
