"""Log checkpoints (c2sp.org/tlog-checkpoint): the signed statement that a log of this size has this root."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from shared.crypto.signing import SigningKey
from shared.merkle.encoding import from_base64, to_base64
from shared.merkle.note import Verifier, sign_note, verify_note
from shared.merkle.tree import EMPTY_ROOT, HASH_BYTES

_ORIGIN = re.compile(r"[^\s+]+")
_TEXT = re.compile(r"([^\s+]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n((?:[^\n]+\n)*)")
_MOST_LEAVES = 2**63 - 1


class CheckpointInvalid(Exception):
    """A checkpoint that is malformed, or another log's."""


def service_domain(service: str, log_domain: str) -> str:
    """Return the log domain of one service: each keeps a log of its own for a tenant, and no two may share a name."""
    return f"{service}.{log_domain}"


def origin_for(log_domain: str, tenant: str) -> str:
    """Return the name of a tenant's log, which is also the name of the key that signs it."""
    return f"{log_domain}/tallystick/{tenant}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A tree head: whose log, how many leaves, which root (32 bytes); an impossible one raises CheckpointInvalid."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()
    """Further lines that the log signed. They mean nothing here, and our logs write none: nobody could audit them."""

    def __post_init__(self) -> None:
        if _ORIGIN.fullmatch(self.origin) is None:
            raise CheckpointInvalid("an origin is not empty and has no white space and no plus")
        if not 0 <= self.size <= _MOST_LEAVES or len(self.root) != HASH_BYTES:
            raise CheckpointInvalid("a tree size is a count of leaves and a root is 32 bytes")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise CheckpointInvalid("a log without leaves has one possible root")
        if any(not line or "\n" in line for line in self.extensions):
            raise CheckpointInvalid("an extension is one line that is not empty")

    def to_text(self) -> str:
        """Return origin, size, root and extensions, a line each: what the signature covers."""
        lines = (self.origin, str(self.size), to_base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read what `to_text` wrote, in that one spelling. Raises CheckpointInvalid."""
        match = _TEXT.fullmatch(text)
        if match is None:
            raise CheckpointInvalid("not a checkpoint")
        origin, size, root, extensions = match.groups()
        try:
            return cls(origin, int(size), from_base64(root), tuple(extensions.split("\n")[:-1]))
        except ValueError:
            raise CheckpointInvalid("not the one spelling of this root") from None


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> str:
    """Return the checkpoint as a signed note; the key's name is the origin."""
    return sign_note(checkpoint.to_text(), checkpoint.origin, key)


def verify_checkpoint(note: str, verifiers: Iterable[Verifier], origin: str) -> Checkpoint:
    """Return the checkpoint of a signed note about the log `origin`. Raises NoteInvalid, CheckpointInvalid.

    The origin is compared because one key may sign for many logs.
    """
    checkpoint = Checkpoint.from_text(verify_note(note, verifiers))
    if checkpoint.origin != origin:
        raise CheckpointInvalid(f"a checkpoint of {checkpoint.origin}, not of {origin}")
    return checkpoint
