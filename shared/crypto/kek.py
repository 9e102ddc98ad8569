"""Keys that wrap keys: the port of the KEK, and the file that is the simplest thing behind it.

A KEK has versions. The newest wraps, all that are still held unwrap; `wrapped_by` of a wrapped key names which one did:
`<id>/<version>`.
"""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.crypto.envelope import KEY_BYTES
from shared.crypto.private_files import (
    KeyFileRefused,
    changing,
    read_private_file,
    replace_private_file,
    write_private_file,
)

NONCE_BYTES = 12


class UnwrapFailed(Exception):
    """A wrapped key does not open: another wrapping key made it, or its bytes or the fields around it changed."""


class WrappingKey(Protocol):
    """One version of a key that wraps keys; its own bytes may never leave the device that holds it."""

    @property
    def reference(self) -> str:
        """Id and version, `<id>/<version>`, printable ASCII: what `wrapped_by` holds."""
        ...

    def wrap(self, key: bytes, aad: bytes) -> bytes:
        """Encrypt `key`, bound to `aad`: AES-256-GCM, `nonce (12) | ciphertext | tag (16)`."""
        ...

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """Return the key; raises UnwrapFailed."""
        ...


class KeyEncryptionKey(Protocol):
    """Gives out the versions of the KEK: a file, a token, a KMS. One contract suite runs on all of them."""

    def newest(self) -> WrappingKey:
        """Return the version that wraps from now on."""
        ...

    def version(self, reference: str) -> WrappingKey:
        """Return the version of this name; raises UnwrapFailed when it is not held (any more)."""
        ...

    def add_version(self) -> None:
        """Make a new version, which wraps from now on; the old ones go on unwrapping."""
        ...

    def remove_old_versions(self, in_use: Collection[str]) -> int:
        """Destroy all versions but the newest and those of these references; return how many.

        What they wrapped is closed for good. Which ones are in use, the key store knows: `destroy_unused_keks`.
        """
        ...


@dataclass(frozen=True, slots=True)
class AesWrappingKey:
    """AES-256-GCM under a 32-byte key in memory: `nonce (12) | ciphertext | tag (16)`.

    Nonces are random: safe for 2^32 wraps under one key (NIST SP 800-38D 8.3), and one is made per data subject.
    """

    reference: str
    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) != KEY_BYTES:
            raise ValueError(f"a key is {KEY_BYTES} bytes, not {len(self.key)}")

    def wrap(self, key: bytes, aad: bytes) -> bytes:
        """Encrypt `key`, bound to `aad`."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(self.key).encrypt(nonce, key, aad)

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """Return the key; raises UnwrapFailed."""
        try:
            return AESGCM(self.key).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], aad)
        except (InvalidTag, ValueError):  # ValueError: too short to hold a nonce
            raise UnwrapFailed(f"{self.reference} does not unwrap this key") from None


class MemoryKek:
    """A KEK whose versions are in this process, the newest first."""

    def __init__(self, versions: Sequence[AesWrappingKey]) -> None:
        if not versions:
            raise ValueError("a KEK has at least one version")
        self._versions = versions

    @classmethod
    def of(cls, *keys: bytes) -> Self:
        """Make one from keys of 32 bytes, the newest first."""
        return cls([_named(key) for key in keys])

    def newest(self) -> AesWrappingKey:
        """Return the version that wraps from now on."""
        return self._held()[0]

    def version(self, reference: str) -> AesWrappingKey:
        """Return the version of this name; raises UnwrapFailed when it is not held (any more)."""
        for key in self._held():
            if key.reference == reference:
                return key
        raise UnwrapFailed(f"this KEK does not hold {reference}")

    def add_version(self) -> None:
        """Make a new version, which wraps from now on; the old ones go on unwrapping."""
        self._versions = [_named(os.urandom(KEY_BYTES)), *self._versions]

    def remove_old_versions(self, in_use: Collection[str]) -> int:
        """Drop all versions but the newest and those of these references; return how many."""
        before, self._versions = self._versions, _without_unused(self._versions, in_use)
        return len(before) - len(self._versions)

    def _held(self) -> Sequence[AesWrappingKey]:
        return self._versions


class FileKek(MemoryKek):
    """The KEK from a file that only its owner can read: a version a line, base64 of 32 random bytes, newest first.

    The file is looked at before each use and read again when it changed, so that a version may be added and a retired
    one removed while services run. A file that became unusable is an error at the next use and not at the next start.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = _state_of(path)
        super().__init__([_named(key) for key in decode_keys(path)])

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the file; raises KeyFileRefused, or OSError when it cannot be read."""
        return cls(path)

    @staticmethod
    def create(path: Path) -> None:
        """Write a new KEK; FileExistsError when there is one: losing a KEK loses everything under it."""
        write_private_file(path, _line(os.urandom(KEY_BYTES)))

    def add_version(self) -> None:
        """Put a new version first; the old ones go on unwrapping. Raises KeyFileRefused, OSError."""
        with changing(self._path):
            self._write([os.urandom(KEY_BYTES), *decode_keys(self._path)])

    def remove_old_versions(self, in_use: Collection[str]) -> int:
        """Keep the newest version and those of these references; return how many went. Raises as `add_version`."""
        with changing(self._path):
            before = [_named(key) for key in decode_keys(self._path)]
            kept = _without_unused(before, in_use)
            self._write([version.key for version in kept])
        return len(before) - len(kept)

    def _write(self, keys: Sequence[bytes]) -> None:
        replace_private_file(self._path, b"".join(_line(key) for key in keys))

    def _held(self) -> Sequence[AesWrappingKey]:
        found = _state_of(self._path)
        if found != self._read:
            self._versions, self._read = [_named(key) for key in decode_keys(self._path)], found
        return self._versions


def decode_keys(path: Path) -> list[bytes]:
    """Return the keys, 32 bytes each, that a private file holds as lines of base64; raises KeyFileRefused."""
    lines = read_private_file(path).split()
    try:
        keys = [base64.b64decode(line, validate=True) for line in lines]
    except binascii.Error:
        keys = []
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise KeyFileRefused(f"{path} does not hold base64 of {KEY_BYTES} bytes")
    return keys


def decode_key(path: Path) -> bytes:
    """Return the 32 bytes that a private file holds as one line of base64; raises KeyFileRefused."""
    key, *others = decode_keys(path)
    if others:
        raise KeyFileRefused(f"{path} holds more than one key")
    return key


def _without_unused(versions: Sequence[AesWrappingKey], in_use: Collection[str]) -> Sequence[AesWrappingKey]:
    newest, *old = versions
    return [newest, *(version for version in old if version.reference in in_use)]


def _named(key: bytes) -> AesWrappingKey:
    """Name a key after a one-way fingerprint, so that another key is another version without further care."""
    fingerprint = hmac.digest(key, b"tallystick/v1/kek-id", hashlib.sha256).hex()[:16]
    return AesWrappingKey(f"file/{fingerprint}", key)


def _line(key: bytes) -> bytes:
    return base64.b64encode(key) + b"\n"


def _state_of(path: Path) -> tuple[int, int, int]:
    """Return what changes when a file is written or replaced."""
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns
