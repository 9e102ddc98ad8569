"""What an auditor trusts before looking: the log's key, perhaps a witness's, perhaps a checkpoint kept from earlier."""

from dataclasses import dataclass

from shared.eventstore.faults import FaultKind, Faults
from shared.eventstore.tree_walk import CopyUnreadable
from shared.merkle.checkpoint import Checkpoint, CheckpointInvalid, verify_checkpoint
from shared.merkle.cosignature import CosignatureVerifier, cosigned_at
from shared.merkle.note import NoteInvalid, NoteVerifier, open_note


@dataclass(frozen=True, slots=True)
class Trust:
    """Keys from a source other than the log itself.

    Without `log` nothing is believed to be signed: hashes are compared with the checkpoint as it stands.
    """

    log: NoteVerifier | None = None
    witness: CosignatureVerifier | None = None
    """Must have cosigned the checkpoint."""
    earlier: str | None = None
    """A checkpoint of this log that was kept: the present one must continue it."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What the checkpoint says, and what is known of who signed it."""

    checkpoint: Checkpoint
    by_log: bool
    """True when the log's own key signed it."""
    cosigned_at: int | None = None
    """When the witness cosigned it, in seconds since 1970; None when that was not asked, or is not so."""
    earlier: Checkpoint | None = None

    @property
    def tenant(self) -> str:
        """The tenant whose log it is: the end of the origin."""
        return self.checkpoint.origin.rpartition("/")[2]

    @property
    def earlier_size(self) -> int | None:
        """The size whose root must be the one that was kept."""
        return None if self.earlier is None else self.earlier.size

    def compare(self, root: bytes | None, earlier_root: bytes | None, found: Faults) -> None:
        """Compare the roots that were computed with those that were signed."""
        if root is not None and root != self.checkpoint.root:
            found.add(FaultKind.ROOT_DIFFERS, None, "the tree over these leaves has not the root that was signed")
        if self.earlier is None:
            return
        if self.earlier.size > self.checkpoint.size:
            # Which of the two came first, their sizes do not say: an old copy looks as a log looks that was cut.
            found.add(
                FaultKind.CHECKPOINT_LARGER,
                self.checkpoint.size,
                f"the kept checkpoint is of {self.earlier.size} events, this log of {self.checkpoint.size}: either this"
                " copy is older than the checkpoint, and a newer one has to be compared, or the log was cut",
            )
        elif earlier_root is not None and earlier_root != self.earlier.root:
            found.add(
                FaultKind.HISTORY_REWRITTEN,
                None,
                f"the first {self.earlier.size} events are not those that the earlier checkpoint was signed for",
            )


def read_signed(note: str, trust: Trust, found: Faults) -> Signed:
    """Return what the checkpoint says, noting once when it is not signed as it should be; CopyUnreadable.

    A wrong key is one fault and no reason to stop: everything else is still compared with what the checkpoint claims.
    """
    checkpoint = claimed_checkpoint(note)
    by_log = trust.log is not None and _is_signed(note, trust.log, found)
    cosigned = None if trust.witness is None else _cosigned_at(note, trust.witness, found)
    earlier = None if trust.earlier is None else _read_earlier(trust.earlier, checkpoint, trust.log, found)
    return Signed(checkpoint, by_log, cosigned, earlier)


def _is_signed(note: str, log: NoteVerifier, found: Faults) -> bool:
    try:
        verify_checkpoint(note, [log], log.name)
    except (NoteInvalid, CheckpointInvalid) as error:
        found.add(FaultKind.CHECKPOINT_INVALID, None, f"the log's key does not confirm the checkpoint: {error}")
        return False
    return True


def _cosigned_at(note: str, witness: CosignatureVerifier, found: Faults) -> int | None:
    try:
        [cosignature] = open_note(note, [witness]).signatures
    except NoteInvalid as error:
        found.add(FaultKind.WITNESS_MISSING, None, f"the witness's key does not confirm the checkpoint: {error}")
        return None
    return cosigned_at(cosignature)


def _read_earlier(note: str, now: Checkpoint, log: NoteVerifier | None, found: Faults) -> Checkpoint | None:
    """Return the checkpoint that was kept; None, and a fault, when it is not one of this log."""
    earlier = claimed_checkpoint(note)
    if earlier.origin != now.origin:
        found.add(FaultKind.CHECKPOINT_INVALID, None, f"the earlier checkpoint is one of {earlier.origin}")
        return None
    return earlier if log is None or _is_signed(note, log, found) else None


def claimed_checkpoint(note: str) -> Checkpoint:
    """Return what a note says, whoever signed it; raises CopyUnreadable when it says nothing readable."""
    text = note.rpartition("\n\n")[0] + "\n"
    try:
        return Checkpoint.from_text(text)
    except CheckpointInvalid as error:
        raise CopyUnreadable(f"the checkpoint cannot be read: {error}") from None
