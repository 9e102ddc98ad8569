r"""Signed notes (c2sp.org/signed-note): a text that a person can read and a program can check.

    text \n\n U+2014 <name> <base64(key id | signature)> \n

The signature covers the text through its last newline, not the blank line after it.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from shared.crypto.signing import PUBLIC_KEY_BYTES, SignatureInvalid, SigningKey, VerifyKey

_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_DASH = "\u2014 "
_MOST_SIGNATURES = 100
_VERIFIER = re.compile(r"([^+]+)\+([0-9a-f]{8})\+(.+)", re.DOTALL)


class NoteInvalid(Exception):
    """A note or verifier key that is malformed, or a note that none of the given keys signed."""


@dataclass(frozen=True, slots=True)
class NoteVerifier:
    """A name and the Ed25519 key that signs under it; as text: the verifier key `name+key id+key`."""

    name: str
    key: VerifyKey

    def __post_init__(self) -> None:
        if not _is_name(self.name):
            raise NoteInvalid("a key name is not empty and has no white space and no plus")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a verifier key; raises NoteInvalid, also when its key id does not belong to it."""
        match = _VERIFIER.fullmatch(text)
        if match is None:
            raise NoteInvalid("not a verifier key")
        name, key_id, encoded = match.groups()
        raw = _from_base64(encoded)
        if raw[:1] != _ED25519 or len(raw) != 1 + PUBLIC_KEY_BYTES:
            raise NoteInvalid("not an Ed25519 verifier key")
        verifier = cls(name, VerifyKey(raw[1:]))
        if verifier.key_id.hex() != key_id:
            raise NoteInvalid("the key id does not belong to the key")
        return verifier

    @property
    def key_id(self) -> bytes:
        """Four bytes by which a signature line is matched to a key; a hint, not a proof."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.key.raw).digest()[:_KEY_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_to_base64(_ED25519 + self.key.raw)}"


def sign_note(text: str, name: str, key: SigningKey) -> str:
    """Return the note: `text`, which must end in a newline, signed by `key` under `name`. Raises NoteInvalid."""
    _require_text(text)
    verifier = NoteVerifier(name, key.public)
    blob = verifier.key_id + key.sign(text.encode())
    return f"{text}\n{_DASH}{name} {_to_base64(blob)}\n"


def verify_note(note: str, verifiers: Iterable[NoteVerifier]) -> str:
    """Return the text of a note that at least one of the verifiers signed.

    Signature lines of others are ignored, so that witnesses and later algorithms can be added without breaking old
    readers; a wrong signature under a known key makes the whole note invalid. Raises NoteInvalid.
    """
    text, lines = _split(note)
    known = {(verifier.name, verifier.key_id): verifier.key for verifier in verifiers}
    verified = False
    for name, blob in lines:
        key = known.get((name, blob[:_KEY_ID_BYTES]))
        if key is None:
            continue
        try:
            key.verify(blob[_KEY_ID_BYTES:], text.encode())
        except SignatureInvalid:
            raise NoteInvalid(f"the signature of {name} does not verify") from None
        verified = True
    if not verified:
        raise NoteInvalid("not signed by a known key")
    return text


def _split(note: str) -> tuple[str, Sequence[tuple[str, bytes]]]:
    """Return the text and the signature lines (name, blob) of a well-formed note."""
    text, blank, signatures = note.rpartition("\n\n")
    text += "\n"
    if not blank or not signatures.endswith("\n"):
        raise NoteInvalid("a note is a text, a blank line and signatures")
    _require_text(text)
    lines = signatures.removesuffix("\n").split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise NoteInvalid(f"more than {_MOST_SIGNATURES} signatures")
    return text, [_signature_line(line) for line in lines]


def _signature_line(line: str) -> tuple[str, bytes]:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space or not _is_name(name):
        raise NoteInvalid("a malformed signature line")
    blob = _from_base64(encoded)
    if len(blob) <= _KEY_ID_BYTES:
        raise NoteInvalid("a signature line without a signature")
    return name, blob


def _require_text(text: str) -> None:
    """Refuse what the format refuses: control characters (a terminal might obey them) and a missing last newline."""
    if not text.endswith("\n") or any(char < " " and char != "\n" for char in text):
        raise NoteInvalid("a note's text ends in a newline and has no control characters")
    if not _is_utf8(text):
        raise NoteInvalid("a note is UTF-8")


def _is_name(name: str) -> bool:
    return bool(name) and _is_utf8(name) and not any(char.isspace() or char == "+" for char in name)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def _to_base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _from_base64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):  # ValueError: not ASCII
        raise NoteInvalid("malformed base64") from None
    # Unused bits in the last character must be zero: one blob has one spelling, so no bit of a note is free to change.
    if _to_base64(data) != text:
        raise NoteInvalid("malformed base64")
    return data
