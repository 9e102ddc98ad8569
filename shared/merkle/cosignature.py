r"""Cosignatures (c2sp.org/tlog-cosignature): a witness says that it saw this log only ever grow.

A cosignature is a line in the note of a checkpoint, under a key of signature type 04. It covers

    cosignature/v1 \n time <seconds since 1970> \n <the note's text>

so one made at another time, or a plain signature by the same key, can never pass for it. The line's blob is the time
as eight bytes, big-endian, and the Ed25519 signature.
"""

from dataclasses import dataclass
from typing import Self

from shared.crypto.signing import SignatureInvalid, SigningKey, VerifyKey
from shared.merkle.note import (
    NoteInvalid,
    NoteSignature,
    NoteVerifier,
    key_id,
    parse_verifier_key,
    require_name,
    require_text,
    verifier_key,
)

COSIGNATURE = 0x04
"""The signature type of a timestamped Ed25519 cosignature."""

_TIME_BYTES = 8
_LATEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class CosignatureVerifier:
    """A witness's name and Ed25519 key; as text: the verifier key `name+key id+key` of signature type 04."""

    name: str
    key: VerifyKey

    def __post_init__(self) -> None:
        require_name(self.name)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a verifier key; raises NoteInvalid, also when its key id does not belong to it."""
        return cls(*parse_verifier_key(text, COSIGNATURE))

    @property
    def key_id(self) -> bytes:
        """Four bytes by which a signature line is matched to a key; a hint, not a proof."""
        return key_id(self.name, COSIGNATURE, self.key)

    def verify(self, text: str, signature: bytes) -> None:
        """Return when this witness cosigned `text`; raises NoteInvalid.

        That the moment is not in the future is not checked: the format leaves it open and a reader's clock may be off.
        """
        moment = int.from_bytes(signature[:_TIME_BYTES], "big")
        if moment > _LATEST:
            raise NoteInvalid(f"the cosignature of {self.name} has no possible time")
        try:
            self.key.verify(signature[_TIME_BYTES:], _message(text, moment))
        except SignatureInvalid:
            raise NoteInvalid(f"the cosignature of {self.name} does not verify") from None

    def __str__(self) -> str:
        return verifier_key(self.name, COSIGNATURE, self.key)


def parse_verifier(text: str) -> NoteVerifier | CosignatureVerifier:
    """Read a verifier key of either kind: a log's (signature type 01) or a witness's (04). Raises NoteInvalid."""
    try:
        return NoteVerifier.parse(text)
    except NoteInvalid:
        return CosignatureVerifier.parse(text)


def cosign(text: str, name: str, key: SigningKey, moment: int) -> NoteSignature:
    """Return the cosignature of a checkpoint's text; `moment` in whole seconds since 1970, above 0.

    The caller has made sure that the checkpoint continues every one it cosigned before. The key signs nothing else
    under another name: the signed message does not hold the witness's name. Raises NoteInvalid, ValueError.
    """
    require_text(text)
    if not 0 < moment <= _LATEST:
        raise ValueError("a cosignature has a time")
    verifier = CosignatureVerifier(name, key.public)
    return NoteSignature(verifier, moment.to_bytes(_TIME_BYTES, "big") + key.sign(_message(text, moment)))


def cosigned_at(signature: NoteSignature) -> int:
    """Return when a verified cosignature was made, in seconds since 1970; TypeError for a plain signature."""
    if not isinstance(signature.verifier, CosignatureVerifier):
        raise TypeError("only a cosignature has a time")
    return int.from_bytes(signature.signature[:_TIME_BYTES], "big")


def _message(text: str, moment: int) -> bytes:
    return f"cosignature/v1\ntime {moment}\n{text}".encode()
