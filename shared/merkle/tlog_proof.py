r"""Offline proofs (c2sp.org/tlog-proof): that an entry is in a log, for whoever has nothing but this text and the keys.

    c2sp.org/tlog-proof@v1 \n extra <base64 of the log entry> \n index <position> \n <base64 hash> ... \n\n <checkpoint>

The extra data is the log entry itself. The format does not authenticate it; the proof does, because the leaf that is
proved is the hash of it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from shared.merkle.checkpoint import Checkpoint, CheckpointInvalid
from shared.merkle.cosignature import CosignatureVerifier
from shared.merkle.encoding import from_base64, to_base64
from shared.merkle.note import NoteInvalid, NoteSignature, NoteVerifier, open_note
from shared.merkle.tree import HASH_BYTES, ProofInvalid, leaf_hash, verify_inclusion

MEDIA_TYPE = "application/octet-stream"
"""The format has no type of its own, and mail programs rewrap what is called text."""

_FIRST_LINE = "c2sp.org/tlog-proof@v1"
_LONGEST = 1 << 20
_MOST_HASHES = 63
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")


class TlogProofInvalid(Exception):
    """A text that is no proof, or a proof that does not hold; the message says which part of it."""


@dataclass(frozen=True, slots=True)
class VerifiedEntry:
    """What a proof showed: this entry is at this position of the log that signed this checkpoint."""

    entry: bytes
    position: int
    checkpoint: Checkpoint
    cosignatures: tuple[NoteSignature, ...]
    """Of the witnesses that were asked about, those that cosigned."""


@dataclass(frozen=True, slots=True)
class TlogProof:
    """An inclusion proof and the checkpoint it leads to."""

    entry: bytes
    """The log entry, which is the extra data."""
    index: int
    hashes: tuple[bytes, ...]
    """The audit path, from the leaf upwards."""
    checkpoint: str
    """A signed note, as the log and its witnesses signed it."""

    def to_text(self) -> str:
        """Return the proof as it is stored in a `.tlog-proof` file."""
        lines = [_FIRST_LINE, f"extra {to_base64(self.entry)}", f"index {self.index}", *map(to_base64, self.hashes)]
        return "\n".join(lines) + "\n\n" + self.checkpoint

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read a proof, in its one spelling. Raises TlogProofInvalid; whether it holds is for `verify` to say.

        Proofs without extra data are refused: without its entry there is nothing that a proof of ours could show.
        """
        if len(text) > _LONGEST:
            raise TlogProofInvalid("longer than any proof")
        head, blank, checkpoint = text.partition("\n\n")
        first, *lines = head.split("\n")
        if first != _FIRST_LINE:
            raise TlogProofInvalid(f"the first line is not {_FIRST_LINE}")
        if not blank or not checkpoint:
            raise TlogProofInvalid("there is no checkpoint after an empty line")
        if not lines or not lines[0].startswith("extra "):
            raise TlogProofInvalid("there is no log entry in an extra line")
        entry = _bytes(lines[0].removeprefix("extra "), "the extra line")
        if not entry:
            raise TlogProofInvalid("the extra line is empty")
        index = _INDEX.fullmatch(lines[1]) if len(lines) > 1 else None
        if index is None:
            raise TlogProofInvalid("there is no index line")
        return cls(entry, int(index.group(1)), _path(lines[2:]), checkpoint)

    def verify(
        self, logs: Iterable[NoteVerifier], origin: str, witnesses: Iterable[CosignatureVerifier] = ()
    ) -> VerifiedEntry:
        """Return what the proof shows about the log `origin`; raises TlogProofInvalid.

        One of `logs` must have signed the checkpoint. Witnesses are looked for, not demanded: which of them are
        needed is the caller's policy. A wrong signature under any of the given keys refuses the proof.
        """
        logs = tuple(logs)
        try:
            note = open_note(self.checkpoint, [*logs, *witnesses])
            checkpoint = Checkpoint.from_text(note.text)
        except (NoteInvalid, CheckpointInvalid) as problem:
            raise TlogProofInvalid(f"checkpoint: {problem}") from None
        if not any(note.by(log) for log in logs):
            raise TlogProofInvalid("checkpoint: not signed by the log")
        if checkpoint.origin != origin:
            raise TlogProofInvalid(f"checkpoint: of {checkpoint.origin}, not of {origin}")
        try:
            verify_inclusion(leaf_hash(self.entry), self.index, checkpoint.size, self.hashes, checkpoint.root)
        except ProofInvalid as problem:
            raise TlogProofInvalid(f"inclusion: {problem}") from None
        cosignatures = tuple(each for each in note.signatures if isinstance(each.verifier, CosignatureVerifier))
        return VerifiedEntry(self.entry, self.index, checkpoint, cosignatures)


def _path(lines: Sequence[str]) -> tuple[bytes, ...]:
    if len(lines) > _MOST_HASHES:
        raise TlogProofInvalid(f"more than {_MOST_HASHES} hashes")
    hashes = tuple(_bytes(line, "a hash line") for line in lines)
    if any(len(each) != HASH_BYTES for each in hashes):
        raise TlogProofInvalid(f"a hash line is not {HASH_BYTES} bytes")
    return hashes


def _bytes(text: str, what: str) -> bytes:
    try:
        return from_base64(text)
    except ValueError as problem:
        raise TlogProofInvalid(f"{what}: {problem}") from None
