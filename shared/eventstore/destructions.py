"""Evidence that keys were destroyed, for a copy that does not reach as far as the event which says so.

A customer may be forgotten after a range ends, or after the checkpoint that a copy was made at. The keys are missing
from the copy then, and the `SubjectShredded` that says why stands behind its end. So a copy carries that event beside
its range: the sealed payload, and the proof that the log signed for it, in whatever larger tree.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.crypto.envelope import Opener, SealBroken
from shared.eventstore.entry import entry_and_aad
from shared.eventstore.event_walk import SHREDDING, keys_destroyed
from shared.eventstore.faults import FaultKind, Faults
from shared.eventstore.model import StoredEvent
from shared.eventstore.payload import PayloadRefused, decode_content
from shared.eventstore.store import EntryRefused
from shared.eventstore.tree_walk import CopyUnreadable
from shared.eventstore.trust import Signed, Trust, claimed_checkpoint
from shared.merkle.tlog_proof import TlogProof, TlogProofInvalid
from shared.merkle.tree import ProofInvalid, leaf_hash, verify_inclusion


@dataclass(frozen=True, slots=True)
class Destruction:
    """A `SubjectShredded` that stands behind the end of a copy."""

    event: StoredEvent
    proof: TlogProof


class _Unproved(Exception):
    """The message says why."""


def destroyed_by(
    destruction: Destruction, trust: Trust, signed: Signed, keys: Mapping[str, bytes], found: Faults
) -> frozenset[str]:
    """Return the ids of the keys that were destroyed; none, and a fault, when the evidence does not hold.

    Its checkpoint must be signed by the key that signed the copy's. That its tree continues the copy's is not proved:
    it shows that this log said so, not that it says so in the same history.
    """
    event = destruction.event
    try:
        aad = _proved(destruction, trust, signed)
        payload, _ = decode_content(_opener(event, keys).open(event.sealed, aad))
    except (SealBroken, PayloadRefused):
        reason = "its payload does not open"
    except (EntryRefused, TlogProofInvalid, ProofInvalid, CopyUnreadable, _Unproved) as error:
        reason = str(error)
    else:
        return keys_destroyed(payload)
    found.add(FaultKind.DESTRUCTION_UNPROVED, event.position, f"the evidence of destroyed keys does not hold: {reason}")
    return frozenset()


def _opener(event: StoredEvent, keys: Mapping[str, bytes]) -> Opener:
    if event.key not in keys:
        raise _Unproved("the key that opens it is not there")
    return Opener(keys[event.key])


def _proved(destruction: Destruction, trust: Trust, signed: Signed) -> bytes:
    """Check that the event is in the log; return the associated data of its seal."""
    event, proof = destruction.event, destruction.proof
    entry, aad = entry_and_aad(event)
    if entry != proof.entry or event.position != proof.index:
        raise _Unproved("the payload is not that of the entry that is proved")
    if event.type != SHREDDING or event.tenant != signed.tenant:
        raise _Unproved("it is not the destruction of a key of this log")
    origin = signed.checkpoint.origin
    if trust.log is not None and signed.by_log:
        proof.verify([trust.log], origin)
        return aad
    # Nobody's signature was checked on the copy itself either: as there, the hashes are compared with what is claimed.
    checkpoint = claimed_checkpoint(proof.checkpoint)
    if checkpoint.origin != origin:
        raise _Unproved(f"its checkpoint is one of {checkpoint.origin}")
    verify_inclusion(leaf_hash(entry), proof.index, checkpoint.size, proof.hashes, checkpoint.root)
    return aad
