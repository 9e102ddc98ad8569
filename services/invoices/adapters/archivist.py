"""Follows the log and has every issued document and every reminder archived.

It runs in a process of its own (archivist_process.py). One process at a time works for a tenant. Killed at any moment,
it or another one goes on from its checkpoint and finds in the log what was archived already.

A document that cannot be archived is passed over, visibly (`tallystick operations halts`), and all later ones go on. It
is tried again after pauses that grow, and when an archivist starts, which may be a repaired one. That is written down
where read models are, which can be lost: an archivist that begins at the beginning finds it again.
"""

from dataclasses import dataclass

import psycopg
import structlog

from services.invoices.domain.events import Issued
from services.invoices.domain.events.quotes import Offered
from services.invoices.domain.events.reminders import ReminderWritten
from services.invoices.handlers.archiving import archive_document
from services.invoices.handlers.archiving_quotes import archive_quote
from services.invoices.handlers.letters import archive_letter
from services.invoices.history import decode
from services.invoices.ports import NotArchived, Ports
from shared.contracts.errors import PublicError
from shared.crypto.keyring import UnwrapFailed
from shared.eventstore import halts
from shared.eventstore.halts import Halt, Poison
from shared.eventstore.model import RecordedEvent
from shared.eventstore.pool import Pool
from shared.eventstore.projection import ProjectionRunner
from shared.eventstore.wakeups import Wakeups

NAME = "archivist"
BATCH = 20
"""Events per checkpoint: a transaction stays open for as long as it takes to draw so many documents."""
_DOCUMENT = "document"
_NOT_ABOUT_THE_DOCUMENT = (psycopg.OperationalError, UnwrapFailed, OSError)
"""What would meet the next document too: it halts the archivist, which goes on when it is over."""
_log = structlog.get_logger(__name__)


class Archivist:
    """A follower whose effects are in the log and the store of documents, and a note of each that failed."""

    name = NAME

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    def apply(self, cursor: psycopg.Cursor, event: RecordedEvent) -> None:
        """Archive what was issued, offered or written to remind, or write down why that cannot be done.

        Doing it again changes nothing. What was written down is forgotten when the document is archived after all, or
        its customer is forgotten.
        """
        name = halts.passed_over(_DOCUMENT, event.position)
        try:
            self._archive(event)
        except _NOT_ABOUT_THE_DOCUMENT:
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one document keeps no other from its turn
            poison = Poison(event.position, _kind(error))
            attempts = halts.write_down(cursor.connection, name, event.tenant, poison)
            _log.error(
                "document_not_archived",
                tenant=event.tenant,
                position=event.position,
                error=poison.kind,
                attempts=attempts,
            )
        else:
            halts.over(cursor, name, event.tenant, event.position)

    def _archive(self, event: RecordedEvent) -> None:
        match None if event.shredded else decode(event):
            case Issued() as issued:
                archive_document(self._ports, event.tenant, issued.invoice_id)
            case Offered() as offered:
                archive_quote(self._ports, event.tenant, offered.quote_id, offered.revision)
            case ReminderWritten() as written:
                archive_letter(self._ports, event.tenant, written.reminder.reminder_id)
            case _:
                pass

    def reset(self, cursor: psycopg.Cursor) -> None:
        """Have nothing to empty: what is archived stays so."""


class ArchivistRunner(ProjectionRunner):
    """Runs the archivist: follows the log, and tries again what was passed over."""

    def __init__(self, pool: Pool, ports: Ports, wakeups: Wakeups) -> None:
        self._archivist, self._documents = Archivist(ports), pool
        super().__init__(pool, ports.log, [self._archivist], wakeups, batch=BATCH)

    def begin(self) -> None:
        """Let everything that failed be tried at once, documents that were passed over too."""
        super().begin()
        halts.retry_passed_over(self._documents, _DOCUMENT)

    def run_once(self) -> int:
        """Bring every tenant up to date and try again what is due; return by how many positions that went on."""
        moved = super().run_once()
        for failed in halts.due(self._documents, _DOCUMENT):
            self._again(failed)
        return moved

    def _again(self, failed: Halt) -> None:
        with self._documents.connection() as connection:
            for event in self._log.read(failed.tenant, failed.position - 1, 1):
                self._archivist.apply(connection.cursor(), event)


@dataclass(frozen=True, slots=True)
class NotedFailures:
    """Tells callers who wait for a document that it failed."""

    pool: Pool

    def of(self, tenant: str, position: int) -> NotArchived | None:
        """Return why the document that was issued at a position is not archived; None: its turn has not come."""
        noted = halts.found(self.pool, halts.passed_over(_DOCUMENT, position), tenant)
        return None if noted is None else NotArchived(noted.kind, noted.attempts, noted.retry_at)


def _kind(error: Exception) -> str:
    """Name what went wrong without quoting the document: the kind of error, and the rules that are broken."""
    if not isinstance(error, PublicError):
        return type(error).__name__
    broken = error.details.get("rules")
    rules = [str(rule["id"]) for rule in broken if "id" in rule] if isinstance(broken, list) else []
    return " ".join([error.code.value, *rules])
