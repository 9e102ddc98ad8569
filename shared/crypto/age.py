"""Encryption to people: age (age-encryption.org/v1) with X25519 recipients, so that stock tools can open it."""

from collections.abc import Sequence

import pyrage

_OPENS_NOTHING = "the identity does not open this"
_NOT_ENCRYPTED_TO_THIS = "No matching keys found"


class RecipientInvalid(Exception):
    """A text that is no age recipient (`age1...`), or no recipient at all."""


class IdentityRefused(Exception):
    """The identity is malformed or opens nothing here. Shows neither the identity nor the data."""


def require_recipient(text: str) -> None:
    """Return when something can be encrypted to this text as it stands; RecipientInvalid otherwise."""
    if text != str(_recipient(text)):
        raise RecipientInvalid("not an age X25519 recipient as it is written")


def new_identity() -> tuple[str, str]:
    """Make a key pair: the identity (`AGE-SECRET-KEY-1...`, secret) and its recipient (`age1...`)."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def recipient_of(identity_text: str) -> str:
    """Return the recipient that an identity belongs to. Raises IdentityRefused."""
    try:
        return str(pyrage.x25519.Identity.from_str(identity_text.strip()).to_public())
    except pyrage.IdentityError:
        # Without the cause: the library's message may quote the identity.
        raise IdentityRefused("not an age X25519 identity") from None


def encrypt_to(recipients: Sequence[str], data: bytes) -> bytes:
    """Encrypt to every recipient: each alone can open it. Raises RecipientInvalid."""
    if not recipients:
        raise RecipientInvalid("there is no recipient")
    return bytes(pyrage.encrypt(data, [_recipient(text) for text in recipients]))


def decrypt_with(identity_text: str, data: bytes) -> bytes:
    """Open with the identities of an age identity file (one a line, `#` comments). Raises IdentityRefused."""
    lines = (line.strip() for line in identity_text.splitlines())
    try:
        identities = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
        return bytes(pyrage.decrypt(data, identities))
    except pyrage.IdentityError:
        raise IdentityRefused(_OPENS_NOTHING) from None
    except pyrage.DecryptError as error:
        # The library tells these apart by its sentence alone, which quotes nothing.
        if str(error) == _NOT_ENCRYPTED_TO_THIS:
            raise IdentityRefused(_OPENS_NOTHING) from None
        raise IdentityRefused("this was changed or cut short: no identity opens it") from None


def _recipient(text: str) -> object:
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError:
        raise RecipientInvalid("not an age X25519 recipient") from None
