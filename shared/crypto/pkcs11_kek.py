"""The KEK inside a PKCS#11 token (an HSM; SoftHSM2 in tests): its bytes never enter this process.

AES-256-GCM runs in the token (PKCS#11 2.40, CKM_AES_GCM), so what it wraps has the format of every other wrapped key:
`nonce (12) | ciphertext | tag (16)`. Versions are keys of one label; CKA_ID is the number of the version.

Calls wait for the device in C. Under a green hub they belong into native threads: see `off_the_hub`.
"""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pkcs11
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, ObjectClass

from shared.crypto.kek import NONCE_BYTES, UnwrapFailed
from shared.crypto.private_files import read_private_file

_TAG_BITS = 128
_KEY_BITS = 256


class TokenRefused(Exception):
    """The token cannot be used: no such module, token, key or login. Never shows the PIN."""


@dataclass(frozen=True, slots=True)
class TokenKey:
    """One version of the KEK in the token."""

    token: Any  # pkcs11.Token: the library types its attributes and not this
    label: str
    number: bytes
    """CKA_ID, one byte or more, big-endian."""

    @property
    def reference(self) -> str:
        """Label and version, `<label>/<hex of CKA_ID>`."""
        return f"{self.label}/{self.number.hex()}"

    def wrap(self, key: bytes, aad: bytes) -> bytes:
        """Encrypt `key`, bound to `aad`, in the token."""
        nonce = os.urandom(NONCE_BYTES)
        with self._key() as handle:
            sealed: bytes = handle.encrypt(key, mechanism=Mechanism.AES_GCM, mechanism_param=_params(nonce, aad))
        return nonce + sealed

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """Return the key; raises UnwrapFailed."""
        nonce, sealed = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        if len(sealed) * 8 < _TAG_BITS:
            raise UnwrapFailed(f"{self.reference} does not unwrap this key")
        with self._key() as handle:
            try:
                key: bytes = handle.decrypt(sealed, mechanism=Mechanism.AES_GCM, mechanism_param=_params(nonce, aad))
            # Tokens differ in what they call a wrong tag; SoftHSM2 says no more than CKR_GENERAL_ERROR.
            except (pkcs11.EncryptedDataInvalid, pkcs11.EncryptedDataLenRange, pkcs11.GeneralError):
                raise UnwrapFailed(f"{self.reference} does not unwrap this key") from None
        return key

    @contextmanager
    def _key(self) -> Iterator[Any]:
        # A session of this call's own: sessions are not for sharing between threads. The login belongs to them all.
        with self.token.open() as session:
            yield session.get_key(object_class=ObjectClass.SECRET_KEY, label=self.label, id=self.number)


class Pkcs11Kek:
    """A KEK whose versions are keys of one label in a token. The login lasts as long as this object."""

    def __init__(self, module: Path, token_label: str, key_label: str, pin: str) -> None:
        if not (key_label.isascii() and key_label.isprintable()) or "/" in key_label:
            raise TokenRefused("the label of the key must be printable ASCII without '/'")
        self._label = key_label
        try:
            self._token: Any = pkcs11.lib(str(module)).get_token(token_label=token_label)
            # A login belongs to the process: another object like this one may have done it.
            with suppress(pkcs11.UserAlreadyLoggedIn):
                self._login = self._token.open(user_pin=pin)
        except (pkcs11.PKCS11Error, RuntimeError) as error:
            raise TokenRefused(f"the token {token_label} cannot be used: {type(error).__name__}") from None

    @classmethod
    def load(cls, module: Path, token_label: str, key_label: str, pin_file: Path) -> "Pkcs11Kek":
        """Log in with the PIN from a private file. Raises TokenRefused, KeyFileRefused, OSError."""
        pin = read_private_file(pin_file).decode("utf-8", errors="replace").strip()
        kek = cls(module, token_label, key_label, pin)
        kek.newest()  # a token without the key is told at the start, not at the first call
        return kek

    def newest(self) -> TokenKey:
        """Return the version of the highest number; raises TokenRefused when the token holds none."""
        numbers = self._numbers()
        if not numbers:
            raise TokenRefused(f"the token holds no key of the label {self._label}")
        return TokenKey(self._token, self._label, numbers[-1])

    def version(self, reference: str) -> TokenKey:
        """Return the version of this name; raises UnwrapFailed when the token does not hold it (any more)."""
        for number in self._numbers():
            key = TokenKey(self._token, self._label, number)
            if key.reference == reference:
                return key
        raise UnwrapFailed(f"this KEK does not hold {reference}")

    def add_version(self) -> None:
        """Make the next version inside the token, never to leave it.

        Tokens have no lock and take two keys of one number: callers take turns (`KeyStore.kek_turn`).
        """
        with self._token.open(rw=True) as session:
            newest = max((int.from_bytes(number, "big") for number in self._numbers()), default=0)
            following = newest + 1
            session.generate_key(
                KeyType.AES,
                _KEY_BITS,
                id=following.to_bytes((following.bit_length() + 7) // 8, "big"),
                label=self._label,
                store=True,
                template={Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
            )

    def remove_old_versions(self, in_use: Collection[str]) -> int:
        """Destroy in the token all versions but the newest and those of these references; return how many."""
        *old, _ = (TokenKey(self._token, self._label, number) for number in self._numbers())
        unused = [version.number for version in old if version.reference not in in_use]
        with self._token.open(rw=True) as session:
            for number in unused:
                session.get_key(object_class=ObjectClass.SECRET_KEY, label=self._label, id=number).destroy()
        return len(unused)

    def _numbers(self) -> list[bytes]:
        """Return the CKA_IDs of the versions, the oldest first."""
        wanted = {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.LABEL: self._label}
        with self._token.open() as session:
            numbers: list[bytes] = [key.id for key in session.get_objects(wanted)]
        return sorted(numbers, key=lambda number: int.from_bytes(number, "big"))


def _params(nonce: bytes, aad: bytes) -> GCMParams:
    return GCMParams(nonce, aad, _TAG_BITS)
