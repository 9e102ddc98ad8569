"""Follows the log and has every issued document archived, in a loop of its own: drawing keeps no read model waiting.

One process at a time works for a tenant. Killed at any moment, it or another one goes on from its checkpoint and finds
in the log what was archived already. A document that cannot be drawn stops the loop for its tenant, visibly
(`tallystick operations halts`), and is tried again when the service starts.
"""

import psycopg

from services.invoices.domain.events import Issued
from services.invoices.handlers.archiving import archive_document
from services.invoices.history import decode
from services.invoices.ports import Ports
from shared.eventstore.model import RecordedEvent

NAME = "archivist"
BATCH = 20
"""Events per checkpoint: a transaction stays open for as long as it takes to draw so many documents."""


class Archivist:
    """A follower whose only effect is in the log and the store of documents."""

    name = NAME

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def apply(self, cursor: psycopg.Cursor, event: RecordedEvent) -> None:  # noqa: ARG002 -- it has no rows
        """Archive the document if one was issued; doing it again changes nothing."""
        issued = decode(event)
        if isinstance(issued, Issued):
            archive_document(self._ports, event.tenant, issued.invoice_id)

    def reset(self, cursor: psycopg.Cursor) -> None:
        """Have nothing to empty: what is archived stays so."""
