r"""Signed notes (c2sp.org/signed-note): a text that a person can read and a program can check.

    text \n\n U+2014 <name> <base64(key id | signature)> \n

The signature covers the text through its last newline, not the blank line after it. Several may sign one note, with
keys of several kinds: this module knows the plain Ed25519 signature, `cosignature` the one that witnesses make.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from shared.crypto.signing import PUBLIC_KEY_BYTES, SignatureInvalid, SigningKey, VerifyKey
from shared.merkle.encoding import from_base64, to_base64

ED25519 = 0x01
"""The signature type of a plain Ed25519 signature over the text."""

_KEY_ID_BYTES = 4
_DASH = "\u2014 "
_MOST_SIGNATURES = 100
_VERIFIER = re.compile(r"([^+]+)\+([0-9a-f]{8})\+(.+)", re.DOTALL)


class NoteInvalid(Exception):
    """A note or verifier key that is malformed, or a note that none of the given keys signed."""


class Verifier(Protocol):
    """Somebody whose signature lines can be checked."""

    @property
    def name(self) -> str:
        """The name in the signature line."""
        ...

    @property
    def key_id(self) -> bytes:
        """Four bytes by which a signature line is matched to a key; a hint, not a proof."""
        ...

    def verify(self, text: str, signature: bytes) -> None:
        """Return when this key signed `text`; raises NoteInvalid."""
        ...


@dataclass(frozen=True, slots=True)
class NoteVerifier:
    """A name and the Ed25519 key that signs under it; as text: the verifier key `name+key id+key`."""

    name: str
    key: VerifyKey

    def __post_init__(self) -> None:
        require_name(self.name)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a verifier key; raises NoteInvalid, also when its key id does not belong to it."""
        return cls(*parse_verifier_key(text, ED25519))

    @property
    def key_id(self) -> bytes:
        """Four bytes by which a signature line is matched to a key; a hint, not a proof."""
        return key_id(self.name, ED25519, self.key)

    def verify(self, text: str, signature: bytes) -> None:
        """Return when this key signed `text`; raises NoteInvalid."""
        try:
            self.key.verify(signature, text.encode())
        except SignatureInvalid:
            raise NoteInvalid(f"the signature of {self.name} does not verify") from None

    def __str__(self) -> str:
        return verifier_key(self.name, ED25519, self.key)


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """A signature that was verified, and whose it is."""

    verifier: Verifier
    signature: bytes
    """What follows the key id; for a plain Ed25519 key 64 bytes."""

    @property
    def line(self) -> str:
        """The signature as it stands in a note."""
        return signature_line(self.verifier, self.signature)


@dataclass(frozen=True, slots=True)
class VerifiedNote:
    """A note's text and who, of those that were asked about, signed it: each key once, in the order of the lines."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def by(self, verifier: Verifier) -> NoteSignature | None:
        """Return the signature of this very key, None when it did not sign."""
        return next((each for each in self.signatures if each.verifier == verifier), None)

    def __str__(self) -> str:
        """Write the note anew, with the verified lines and no others."""
        return f"{self.text}\n{''.join(each.line for each in self.signatures)}"


def sign_note(text: str, name: str, key: SigningKey) -> str:
    """Return the note: `text`, which must end in a newline, signed by `key` under `name`. Raises NoteInvalid."""
    require_text(text)
    return f"{text}\n{signature_line(NoteVerifier(name, key.public), key.sign(text.encode()))}"


def signature_line(verifier: Verifier, signature: bytes) -> str:
    """Return the line that ends a note, newline included."""
    return f"{_DASH}{verifier.name} {to_base64(verifier.key_id + signature)}\n"


def open_note(note: str, verifiers: Iterable[Verifier]) -> VerifiedNote:
    """Return the text of a note and who signed it: at least one of the verifiers, else NoteInvalid.

    Signature lines of others are ignored, so that witnesses and later algorithms can be added without breaking old
    readers; a wrong signature under a known key makes the whole note invalid. Whose signature is needed is the
    caller's policy: look at `signatures`.
    """
    text, lines = _split(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    signatures: dict[tuple[str, bytes], NoteSignature] = {}
    for name, blob in lines:
        identity, signature = (name, blob[:_KEY_ID_BYTES]), blob[_KEY_ID_BYTES:]
        verifier = known.get(identity)
        if verifier is not None:
            verifier.verify(text, signature)
            signatures.setdefault(identity, NoteSignature(verifier, signature))
    if not signatures:
        raise NoteInvalid("not signed by a known key")
    return VerifiedNote(text, tuple(signatures.values()))


def verify_note(note: str, verifiers: Iterable[Verifier]) -> str:
    """Return the text of a note that at least one of the verifiers signed; raises NoteInvalid like `open_note`."""
    return open_note(note, verifiers).text


def key_id(name: str, algorithm: int, key: VerifyKey) -> bytes:
    """Return the four bytes that stand for a key of this name and signature type."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([algorithm]) + key.raw).digest()[:_KEY_ID_BYTES]


def verifier_key(name: str, algorithm: int, key: VerifyKey) -> str:
    """Write a verifier key: `name+hex(key id)+base64(signature type | public key)`."""
    return f"{name}+{key_id(name, algorithm, key).hex()}+{to_base64(bytes([algorithm]) + key.raw)}"


def parse_verifier_key(text: str, algorithm: int) -> tuple[str, VerifyKey]:
    """Read a verifier key of this signature type; raises NoteInvalid, also when its key id does not belong to it."""
    match = _VERIFIER.fullmatch(text)
    if match is None:
        raise NoteInvalid("not a verifier key")
    name, identity, encoded = match.groups()
    require_name(name)
    raw = _decoded(encoded)
    if raw[:1] != bytes([algorithm]) or len(raw) != 1 + PUBLIC_KEY_BYTES:
        raise NoteInvalid(f"not an Ed25519 verifier key of signature type {algorithm:02x}")
    key = VerifyKey(raw[1:])
    if key_id(name, algorithm, key).hex() != identity:
        raise NoteInvalid("the key id does not belong to the key")
    return name, key


def require_name(name: str) -> None:
    """Refuse a key name that a signature line could not hold; raises NoteInvalid."""
    if not name or not _is_utf8(name) or any(char.isspace() or char == "+" for char in name):
        raise NoteInvalid("a key name is not empty and has no white space and no plus")


def require_text(text: str) -> None:
    """Refuse what the format refuses: control characters (a terminal might obey them) and a missing last newline."""
    if not text.endswith("\n") or any(char < " " and char != "\n" for char in text):
        raise NoteInvalid("a note's text ends in a newline and has no control characters")
    if not _is_utf8(text):
        raise NoteInvalid("a note is UTF-8")


def _split(note: str) -> tuple[str, Sequence[tuple[str, bytes]]]:
    """Return the text and the signature lines (name, blob) of a well-formed note."""
    text, blank, signatures = note.rpartition("\n\n")
    text += "\n"
    if not blank or not signatures.endswith("\n"):
        raise NoteInvalid("a note is a text, a blank line and signatures")
    require_text(text)
    lines = signatures.removesuffix("\n").split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise NoteInvalid(f"more than {_MOST_SIGNATURES} signatures")
    return text, [_parse_line(line) for line in lines]


def _parse_line(line: str) -> tuple[str, bytes]:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise NoteInvalid("a malformed signature line")
    require_name(name)
    blob = _decoded(encoded)
    if len(blob) <= _KEY_ID_BYTES:
        raise NoteInvalid("a signature line without a signature")
    return name, blob


def _decoded(encoded: str) -> bytes:
    try:
        return from_base64(encoded)
    except ValueError as problem:
        raise NoteInvalid(str(problem)) from None


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True
