"""What a witness knows of a log, and what makes it believe more: that the log only grew."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.merkle.tree import EMPTY_ROOT, ProofInvalid, verify_consistency


class LogInconsistent(Exception):
    """The log is not a continuation of what the witness saw before; the message holds sizes only."""


@dataclass(frozen=True, slots=True)
class Head:
    """A tree head of one log."""

    size: int
    root: bytes
    """32 bytes."""


def check_growth(known: Head | None, head: Head, proof: Sequence[bytes]) -> None:
    """Return when `head` continues `known`, as the RFC 6962 consistency proof shows; raises LogInconsistent.

    A log that is seen for the first time (None) is believed: what it was before, nobody here can tell.
    """
    known = known or Head(0, EMPTY_ROOT)
    if head.size < known.size:
        raise LogInconsistent(f"the log shrank from {known.size} to {head.size} events")
    try:
        verify_consistency(known.size, known.root, head.size, head.root, proof)
    except ProofInvalid as problem:
        raise LogInconsistent(f"{head.size} events do not continue the {known.size} seen: {problem}") from None
