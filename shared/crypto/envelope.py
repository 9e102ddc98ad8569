"""The sealed payload: one record, one key, bound to its place in the log.

    01 | salt (32) | commitment (32) | ciphertext | tag (16)

Each record gets a key of its own, derived from its subject's DEK and a fresh salt, so that AES-GCM's nonce may stay
zero and no count of messages per DEK has to be kept. AES-GCM alone does not commit to its key (one ciphertext can be
made that opens under two keys); the commitment, the other half of the derivation, pins the key before anything opens.
"""

import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

KEY_BYTES = 32
_FORMAT = b"\x01"
_SALT_BYTES = 32
_COMMITMENT_BYTES = 32
_TAG_BYTES = 16
_HEADER_BYTES = len(_FORMAT) + _SALT_BYTES + _COMMITMENT_BYTES
# A nonce must not repeat under one key. Every record's key is used for one record, so one constant nonce is enough.
_NONCE = bytes(12)
_INDEX_BYTES = 16
_RECORD_PURPOSE = b"tallystick/v1/event"
# HKDF-Expand of no more than one block of the hash is one HMAC, over the purpose and the block's number.
_ONLY_BLOCK = b"\x01"


class SealBroken(Exception):
    """A sealed payload does not open: wrong key, wrong place or altered bytes. Says where, never what was inside."""

    def __init__(self, where: str = "the payload") -> None:
        super().__init__(f"the seal of {where} is broken")


def derive_key(key: bytes, purpose: bytes, length: int = KEY_BYTES) -> bytes:
    """HKDF-Expand (RFC 5869 section 2.3, SHA-512) of a uniformly random 32-byte key into `length` bytes.

    The extract step may be left out because the input is already uniformly random (RFC 5869 section 3.3).
    Raises ValueError for a key of any other length.
    """
    return HKDFExpand(algorithm=SHA512(), length=length, info=purpose).derive(_checked(key))


def seal(dek: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Encrypt `plaintext` for the place that `aad` describes; two calls never give the same bytes."""
    return _seal_with_salt(dek, plaintext, aad, os.urandom(_SALT_BYTES))


def seal_deterministic(dek: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Like `seal`, but the same key, plaintext and AAD give the same bytes, so that a replay rebuilds equal rows.

    The salt is a MAC over AAD and plaintext (a synthetic salt, as in SIV, RFC 5297): another message has another
    salt and so another record key. What it reveals is only that two rows with the same AAD hold the same text.
    """
    salt_key = derive_key(dek, b"tallystick/v1/synthetic-salt")
    # The length in front keeps (aad, plaintext) apart from every other way to cut the same bytes in two.
    message = len(aad).to_bytes(8, "big") + aad + plaintext
    return _seal_with_salt(dek, plaintext, aad, hmac.digest(salt_key, message, "sha256"))


def open_sealed(dek: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Return the plaintext of what `seal` or `seal_deterministic` made.

    Raises SealBroken for every failure alike: nothing tells a wrong key from altered bytes.
    """
    salt = _salt_of(sealed)
    return _open_with(hmac.digest(_checked(dek), _RECORD_PURPOSE + salt + _ONLY_BLOCK, "sha512"), sealed, aad)


class Opener:
    """Opens many records under one DEK: the part of each derivation that depends on the DEK alone is done once.

    It holds as much as the DEK itself, so it must not live longer than a cached DEK may.
    """

    __slots__ = ("_keyed",)

    def __init__(self, dek: bytes) -> None:
        """ValueError for a key that is not 32 bytes."""
        self._keyed = HMAC(_checked(dek), SHA512())
        self._keyed.update(_RECORD_PURPOSE)

    def open(self, sealed: bytes, aad: bytes) -> bytes:
        """Return what `open_sealed` returns; raises SealBroken."""
        derivation = self._keyed.copy()
        derivation.update(_salt_of(sealed) + _ONLY_BLOCK)
        return _open_with(derivation.finalize(), sealed, aad)


def blind_index(key: bytes, context: str, value: str) -> bytes:
    """Return 16 bytes by which equal values can be found without being read (HMAC-SHA256, truncated).

    `context` names the column: equal values in two columns do not give equal bytes. Normalise `value` first.
    """
    name = context.encode()
    message = len(name).to_bytes(8, "big") + name + value.encode()
    return hmac.digest(_checked(key), message, "sha256")[:_INDEX_BYTES]


def _seal_with_salt(dek: bytes, plaintext: bytes, aad: bytes, salt: bytes) -> bytes:
    okm = hmac.digest(_checked(dek), _RECORD_PURPOSE + salt + _ONLY_BLOCK, "sha512")
    return _FORMAT + salt + okm[KEY_BYTES:] + AESGCM(okm[:KEY_BYTES]).encrypt(_NONCE, plaintext, aad)


def _open_with(okm: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Open under the 64 bytes that were derived: the record's key and the commitment to it."""
    if not hmac.compare_digest(sealed[1 + _SALT_BYTES : _HEADER_BYTES], okm[KEY_BYTES:]):
        raise SealBroken
    try:
        return AESGCM(okm[:KEY_BYTES]).decrypt(_NONCE, sealed[_HEADER_BYTES:], aad)
    except InvalidTag:
        raise SealBroken from None


def _salt_of(sealed: bytes) -> bytes:
    if len(sealed) < _HEADER_BYTES + _TAG_BYTES or sealed[:1] != _FORMAT:
        raise SealBroken
    return sealed[1 : 1 + _SALT_BYTES]


def _checked(key: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key is {KEY_BYTES} bytes, not {len(key)}")
    return key
