"""The key that signs tokens now, read again when an operator has rotated it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shared.crypto.signing import SigningKey, VerifyKey
from shared.crypto.tokens import KeySet


class KeyNotPublished(Exception):
    """The signing key is not in the published key set: nobody could check what it signs."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A signing key and the name by which the published key set knows it."""

    key: SigningKey
    kid: str

    @classmethod
    def published(cls, key: SigningKey, keys: Mapping[str, VerifyKey]) -> "Signer":
        """Find the key's name; KeyNotPublished."""
        names = [kid for kid, public in keys.items() if public == key.public]
        if not names:
            raise KeyNotPublished("the token signing key is not in the published set of token keys")
        return cls(key, names[0])

    def current(self) -> "Signer":
        """Return itself: this one is not in a file that changes."""
        return self


@dataclass(slots=True)
class SignerFiles:
    """The signer that two files name; when the key's file becomes another, the next token is signed with what it has.

    A rotation publishes a key before it puts it there, so there is no moment at which nobody could check a token.
    """

    key_file: Path
    keys_file: Path
    _signer: Signer = field(init=False)
    _read_at: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        """Read both files. Raises KeyNotPublished, and what SigningKey.load and KeySet.load raise."""
        self._read()

    def current(self) -> Signer:
        """Return the signer; raises as the first reading did when the files no longer fit together."""
        if self._state() != self._read_at:
            self._read()
        return self._signer

    def _read(self) -> None:
        state = self._state()
        self._signer = Signer.published(SigningKey.load(self.key_file), KeySet.load(self.keys_file))
        self._read_at = state

    def _state(self) -> tuple[int, int]:
        status = self.key_file.stat()
        return status.st_mtime_ns, status.st_ino
