"""Sealing to the holder of a private key: HPKE (RFC 9180), base mode, one message for each encapsulation.

DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; the result is `enc (32) | ciphertext | tag (16)`. What a message
is bound to goes into `info`, which every key is derived from; the AAD is empty. Base mode says nothing about who
sealed: anybody who knows the public key can. It does not commit to its key either, so a reader looks a key up by name
and never tries several.
"""

import hashlib
import os
from dataclasses import dataclass, field
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from shared.crypto.envelope import SealBroken

KEY_BYTES = 32
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class SealingKey:
    """A public X25519 key: seals what the holder of the private one opens."""

    raw: bytes
    """32 bytes."""
    _loaded: X25519PublicKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Raises ValueError for any other length than 32 bytes.
        object.__setattr__(self, "_loaded", X25519PublicKey.from_public_bytes(self.raw))

    @property
    def id(self) -> str:
        """What the key is called: 16 hex digits of its SHA-256, so that another key has another name by itself."""
        return hashlib.sha256(self.raw).hexdigest()[:16]

    def seal(self, plaintext: bytes, info: bytes) -> bytes:
        """Seal `plaintext`, bound to `info`; raises ValueError for a public key of small order."""
        return _SUITE.encrypt(plaintext, self._loaded, info)


@dataclass(frozen=True, slots=True)
class OpeningKey:
    """A private X25519 key."""

    raw: bytes = field(repr=False)
    """32 bytes."""
    _loaded: X25519PrivateKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Raises ValueError for any other length than 32 bytes.
        object.__setattr__(self, "_loaded", X25519PrivateKey.from_private_bytes(self.raw))

    @classmethod
    def generate(cls) -> Self:
        """Make a new random key: any 32 bytes are one (RFC 7748 section 5)."""
        return cls(os.urandom(KEY_BYTES))

    @property
    def public(self) -> SealingKey:
        """The public half."""
        return SealingKey(self._loaded.public_key().public_bytes_raw())

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """Return what was sealed to this key under the same `info`; raises SealBroken for every failure alike."""
        try:
            return _SUITE.decrypt(sealed, self._loaded, info)
        except (InvalidTag, ValueError):
            raise SealBroken from None
