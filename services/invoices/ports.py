"""What the handlers need from the world; adapters provide it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from services.invoices.domain.document.issued import Document
from services.invoices.domain.document.rule import BrokenRule
from services.invoices.domain.events.reminders import ReminderWritten
from services.invoices.turns import Turns
from shared.crypto.keyring import Keyring
from shared.eventstore.log import TenantLog
from shared.kernel.clock import Clock

RETENTION_YEARS = 10
"""How long documents have to be kept where nothing else is set: the longest that is usual in the EU."""


@dataclass(frozen=True, slots=True)
class Printed:
    """The final forms of an issued document."""

    pdf: bytes
    """PDF/A-3 with the CII form (Factur-X) inside."""
    ubl: bytes
    """UBL 2.1: Peppol BIS Billing 3.0, or XRechnung for a customer who asks for it."""


@dataclass(frozen=True, slots=True)
class Files:
    """What goes into a document beside its words."""

    logo: bytes | None = None
    """A PNG or JPEG of the seller."""
    attachments: Mapping[str, bytes] = field(default_factory=dict)
    """Contents of its supporting documents (BG-24) by digest."""


class Press(Protocol):
    """Makes the final forms of a document: equal documents give equal bytes."""

    def print(self, document: Document, files: Files) -> Printed:
        """Return the forms; PublicError document_breaks_rule for a document that breaks an official rule."""
        ...

    def offer(self, document: Document, logo: bytes | None) -> bytes:
        """Return a quote as PDF: for people alone, as there is no form of it for machines."""
        ...

    def letter(self, written: ReminderWritten, logo: bytes | None) -> bytes:
        """Return the PDF of a reminder."""
        ...

    def broken(self, document: Document) -> Sequence[BrokenRule]:
        """Return the official rules that a document breaks."""
        ...

    def cii_in(self, pdf: bytes) -> bytes:
        """Return the CII form that one of its PDFs carries, byte for byte."""
        ...


class Documents(Protocol):
    """Keeps documents sealed, by the SHA-256 of what is in them."""

    def put(self, tenant: str, subject: str, content: bytes) -> str:
        """Store a document for good under its digest (64 hex characters), which is returned; again: no change."""
        ...

    def get(self, tenant: str, subject: str, digest: str) -> bytes | None:
        """Return what was stored for the subject; None when it is not there. Raises KeyShredded, SealBroken."""
        ...


class Recogniser(Protocol):
    """Tells by its bytes whether a file is what it is said to be."""

    def require(self, media_type: str, content: bytes) -> None:
        """Refuse a file of another kind, or that nobody should be sent; PublicError file_refused."""
        ...

    def require_logo(self, content: bytes) -> None:
        """Refuse what cannot be drawn as a logo; PublicError file_refused."""
        ...


@dataclass(frozen=True, slots=True)
class NotArchived:
    """Why an issued document has no bytes yet."""

    why: str
    """The kind of error, and the ids of the rules that the document breaks."""
    attempts: int
    retry_at: str
    """When it is tried again; RFC 3339 UTC."""


class Failures(Protocol):
    """What is known about documents that could not be archived."""

    def of(self, tenant: str, position: int) -> NotArchived | None:
        """Return why the document that was issued at a position is not archived; None when nothing is known."""
        ...


class NoFailures:
    """Knows of none."""

    def of(self, tenant: str, position: int) -> NotArchived | None:  # noqa: ARG002 - the port's signature
        """Return None."""
        return None


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything that handlers reach the world through."""

    log: TenantLog
    keyring: Keyring
    clock: Clock
    press: Press
    documents: Documents
    recogniser: Recogniser
    retention_years: int = RETENTION_YEARS
    turns: Turns = field(default_factory=Turns)
    failures: Failures = field(default_factory=NoFailures)
