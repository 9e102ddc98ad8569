"""age (https://age-encryption.org/v1) for data of any length, in constant memory.

Encrypting needs recipients only; whoever holds nothing but these functions and a list of recipients cannot read what
they wrote. age authenticates every 64 KiB chunk and marks the last one, so a cut or changed stream does not decrypt.
"""

from collections.abc import Sequence
from typing import Protocol

import pyrage

from shared.crypto.age import IdentityRefused, RecipientInvalid


class Source(Protocol):
    """Something to read bytes from."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes, none at the end."""
        ...


class Sink(Protocol):
    """Something to write bytes to."""

    def write(self, data: bytes, /) -> object:
        """Take all of `data`."""
        ...


class AgeBroken(Exception):
    """The data is not intact: changed, cut short, or never age-encrypted."""


def encrypt_stream(recipients: Sequence[str], source: Source, sink: Sink) -> None:
    """Encrypt all of `source` to each of the X25519 recipients (`age1...`) and write it to `sink`.

    Raises RecipientInvalid; an error raised by `source` or `sink` comes through as it was.
    """
    parsed = [_recipient(each) for each in recipients]
    remembering = _Remembering(source, sink)
    try:
        pyrage.encrypt_io(remembering, remembering, parsed)
    except (pyrage.EncryptError, OSError) as problem:
        raise remembering.error or problem from None
    remembering.check()


def decrypt_stream(identity_text: str, source: Source, sink: Sink) -> None:
    """Decrypt all of `source` with the identities in the text of an age identity file and write it to `sink`.

    Each chunk was authenticated before it is written; that the stream is complete is known only when this returns.
    Raises IdentityRefused, AgeBroken.
    """
    remembering = _Remembering(source, sink)
    try:
        pyrage.decrypt_io(remembering, remembering, _identities(identity_text))
    except (pyrage.DecryptError, OSError) as problem:
        if remembering.error:
            raise remembering.error from None
        if "No matching keys" in str(problem):  # the library has one type for both
            raise IdentityRefused("the identity does not open this") from None
        raise AgeBroken(f"age: {problem}") from problem
    remembering.check()


def _recipient(text: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise RecipientInvalid("not an age X25519 recipient") from None


def _identities(text: str) -> list[pyrage.x25519.Identity]:
    lines = (line.strip() for line in text.splitlines())
    try:
        return [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError:
        # Without the cause: the library's message may quote the identity.
        raise IdentityRefused("the identity file holds something that is not an X25519 age identity") from None


class _Remembering:
    """Passes reads and writes through and keeps the error that one of them raised.

    The library changes its type, and an error in its last write, which it does on its way out, it swallows: without
    `check` a full disk would look like success.
    """

    def __init__(self, source: Source, sink: Sink) -> None:
        self._source, self._sink = source, sink
        self.error: BaseException | None = None

    def read(self, size: int) -> bytes:
        try:
            return self._source.read(size)
        except BaseException as error:
            self.error = error
            raise

    def write(self, data: bytes) -> int:
        try:
            self._sink.write(data)
        except BaseException as error:
            self.error = error
            raise
        return len(data)

    def check(self) -> None:
        """Raise the error that the library kept to itself."""
        if self.error:
            raise self.error
