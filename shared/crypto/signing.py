"""Ed25519 signatures (RFC 8032) and the files their keys live in."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from shared.crypto.private_files import KeyFileRefused, read_private_file, write_private_file

PUBLIC_KEY_BYTES = 32


class SignatureInvalid(Exception):
    """The signature was not made by this key over these bytes."""


@dataclass(frozen=True, slots=True)
class VerifyKey:
    """A public Ed25519 key."""

    raw: bytes
    """32 bytes."""

    def __post_init__(self) -> None:
        if len(self.raw) != PUBLIC_KEY_BYTES:
            raise ValueError(f"a public key is {PUBLIC_KEY_BYTES} bytes, not {len(self.raw)}")

    def verify(self, signature: bytes, data: bytes) -> None:
        """Return when `signature` (64 bytes) is this key's over `data`; raises SignatureInvalid."""
        try:
            self.loaded().verify(signature, data)
        except (InvalidSignature, ValueError):  # ValueError: 32 bytes that are no point of the curve
            raise SignatureInvalid("the signature does not verify") from None

    def loaded(self) -> Ed25519PublicKey:
        """Return the key as the cryptography library knows it; for shared.crypto only."""
        return Ed25519PublicKey.from_public_bytes(self.raw)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private Ed25519 key. Two are equal when their public halves are."""

    private: Ed25519PrivateKey = field(repr=False, compare=False)
    """As the cryptography library knows it; for shared.crypto only."""
    public: VerifyKey = field(init=False)
    """The public half, worked out once: that takes as long as a signature."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "public", VerifyKey(self.private.public_key().public_bytes_raw()))

    @classmethod
    def generate(cls) -> Self:
        """Make a new random key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a PKCS#8 PEM file that only its owner can read; raises KeyFileRefused, or OSError."""
        try:
            private = load_pem_private_key(read_private_file(path), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: the file is encrypted
            raise KeyFileRefused(f"{path} does not hold an unencrypted PKCS#8 key") from None
        if not isinstance(private, Ed25519PrivateKey):
            raise KeyFileRefused(f"{path} holds a key that is not Ed25519")
        return cls(private)

    def save(self, path: Path) -> None:
        """Write a PKCS#8 PEM file with mode 0600; FileExistsError when there is one: keys are not replaced."""
        pem = self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_private_file(path, pem)

    def sign(self, data: bytes) -> bytes:
        """Return the 64-byte signature over `data`; the same data gives the same signature."""
        return self.private.sign(data)
