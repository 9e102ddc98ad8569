"""What the handlers need from the world; adapters provide it."""

from dataclasses import dataclass, field
from typing import Protocol

from services.invoices.domain.events import InvoiceDrafted, Issued
from services.invoices.turns import Turns
from shared.crypto.keyring import Keyring
from shared.eventstore.log import TenantLog
from shared.kernel.clock import Clock

RETENTION_YEARS = 10
"""How long documents have to be kept where nothing else is set: the longest that is usual in the EU."""


class Renderer(Protocol):
    """Draws a document: the same events give the same bytes."""

    def __call__(self, draft: InvoiceDrafted, issued: Issued) -> bytes:
        """Return a PDF."""
        ...


class Documents(Protocol):
    """Keeps documents sealed, by the SHA-256 of what is in them."""

    def put(self, tenant: str, subject: str, content: bytes) -> str:
        """Store a document for good under its digest (64 hex characters), which is returned; again: no change."""
        ...

    def get(self, tenant: str, digest: str) -> bytes | None:
        """Return the document; None when it is not there. Raises KeyShredded, SealBroken."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything that handlers reach the world through."""

    log: TenantLog
    keyring: Keyring
    clock: Clock
    render: Renderer
    documents: Documents
    retention_years: int = RETENTION_YEARS
    turns: Turns = field(default_factory=Turns)
