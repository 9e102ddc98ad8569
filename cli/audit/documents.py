"""A document and the proof that it is the one that was issued: made from a bundle, checked by anybody, offline."""

from dataclasses import dataclass
from hashlib import sha256

from cli.audit.bundle import Bundle
from cli.audit.entries import parse_entry
from shared.eventstore.entry import log_entry
from shared.eventstore.model import StoredEvent
from shared.eventstore.store import EntryRefused
from shared.eventstore.tree_walk import CopyUnreadable
from shared.merkle.cosignature import CosignatureVerifier, cosigned_at
from shared.merkle.note import NoteVerifier
from shared.merkle.tiles import inclusion_proof_from_tiles
from shared.merkle.tlog_proof import TlogProof, TlogProofInvalid

_BINDING = ("DocumentArchived", "XmlArchived", "QuoteArchived")
"""The types of the events that bind a document's bytes: as PDF, and as UBL; quotes as PDF."""


class DocumentDiffers(Exception):
    """The document is not the one that the proof is about, or the proof does not hold; the message says which."""


@dataclass(frozen=True, slots=True)
class Proved:
    """What a document and its proof showed."""

    at: str
    """When it was archived, RFC 3339 UTC."""
    position: int
    origin: str
    size: int
    cosigned_at: int | None
    """When the witness cosigned, in seconds since 1970; None when it did not, or none was asked about."""


def prove(bundle: Bundle, position: int) -> TlogProof:
    """Return the proof of the event at a position, made from the bundle's own tiles; raises CopyUnreadable."""
    [event] = bundle.events(position, position)
    if not isinstance(event, StoredEvent):
        raise CopyUnreadable(f"position {position}: {event.reason}")
    try:
        entry = log_entry(event)
    except EntryRefused as error:
        raise CopyUnreadable(f"position {position}: {error}") from None
    hashes = tuple(inclusion_proof_from_tiles(bundle, position, bundle.size))
    return TlogProof(entry, position, hashes, bundle.note())


def check(document: bytes, proof: str, log: NoteVerifier, witness: CosignatureVerifier | None) -> Proved:
    """Return what is proved about a document: SHA-256 -> `digest` of the entry -> leaf -> root -> signature.

    Whether a missing cosignature is a reason to doubt is the caller's to say; a wrong one refuses the proof.
    Raises DocumentDiffers.
    """
    try:
        verified = TlogProof.from_text(proof).verify([log], log.name, [] if witness is None else [witness])
        fields = parse_entry(verified.entry)
    except TlogProofInvalid as error:
        raise DocumentDiffers(f"the proof does not hold: {error}") from None
    except EntryRefused as error:
        raise DocumentDiffers(f"the proof is about something else than an event: {error}") from None
    if fields["type"] not in _BINDING or "digest" not in fields:
        raise DocumentDiffers("the proof holds, but the event it proves is not the archiving of a document")
    if sha256(document).hexdigest() != fields["digest"]:
        raise DocumentDiffers("the proof holds, but this file is not the document that was issued: its bytes differ")
    return Proved(
        at=fields["at"],
        position=verified.position,
        origin=verified.checkpoint.origin,
        size=verified.checkpoint.size,
        cosigned_at=cosigned_at(verified.cosignatures[0]) if verified.cosignatures else None,
    )
