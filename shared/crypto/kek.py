"""Keys that wrap keys. The KEK is a small port, so that a KMS or Vault transit can take the file's place."""

import base64
import binascii
import hashlib
import hmac
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.crypto.envelope import KEY_BYTES
from shared.crypto.private_files import KeyFileRefused, read_private_file, write_private_file

_NONCE_BYTES = 12


class UnwrapFailed(Exception):
    """A wrapped key does not open: another wrapping key made it, or its bytes or the fields around it changed."""


class KeyEncryptionKey(Protocol):
    """Wraps and unwraps keys; its own bytes may never leave the device that holds it."""

    @property
    def id(self) -> str:
        """Name and version in one: a new version has a new id."""
        ...

    def wrap(self, key: bytes, aad: bytes) -> bytes:
        """Encrypt `key`, bound to `aad`."""
        ...

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """Return the key; raises UnwrapFailed."""
        ...


@dataclass(frozen=True, slots=True)
class AesKek:
    """AES-256-GCM under a 32-byte key: `nonce (12) | ciphertext | tag (16)`.

    Nonces are random: safe for 2^32 wraps under one key (NIST SP 800-38D 8.3), and one is made per data subject.
    """

    id: str
    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) != KEY_BYTES:
            raise ValueError(f"a key is {KEY_BYTES} bytes, not {len(self.key)}")

    def wrap(self, key: bytes, aad: bytes) -> bytes:
        """Encrypt `key`, bound to `aad`."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + AESGCM(self.key).encrypt(nonce, key, aad)

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """Return the key; raises UnwrapFailed."""
        try:
            return AESGCM(self.key).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], aad)
        except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
            raise UnwrapFailed(f"{self.id} does not unwrap this key") from None


class FileKek(AesKek):
    """The KEK from a file of one line, base64 of 32 random bytes, that only its owner can read."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the file; raises KeyFileRefused, or OSError when it cannot be read."""
        return cls.from_bytes(decode_key(path))

    @classmethod
    def from_bytes(cls, key: bytes) -> Self:
        """Name the key after a one-way fingerprint, so that another file is another version without further care."""
        fingerprint = hmac.digest(key, b"tallystick/v1/kek-id", hashlib.sha256).hex()[:16]
        return cls(f"file-{fingerprint}", key)

    @staticmethod
    def create(path: Path) -> None:
        """Write a new KEK; FileExistsError when there is one: losing a KEK loses everything under it."""
        write_private_file(path, base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")


def decode_key(path: Path) -> bytes:
    """Return the 32 bytes that a private file holds as one line of base64; raises KeyFileRefused."""
    try:
        key = base64.b64decode(read_private_file(path).strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise KeyFileRefused(f"{path} does not hold base64 of {KEY_BYTES} bytes")
    return key
