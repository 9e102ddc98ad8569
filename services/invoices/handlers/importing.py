"""Importing: a batch of complete documents gets its numbers in one append, each document judged by itself.

The ids of what is imported are derived from its key (`ImportedNames`), so that the streams themselves make an import
idempotent: a document whose stream is there was issued before, whoever sent it, in whatever batch; and of two batches
that race for one document, the append lets one through, and the other decides again and finds it. Hence the log
remembers no command for a batch: one that was cut off in the middle, or is cut in another way, goes on where it was.
"""

from services.invoices.commands.importing import ImportDocuments, ImportedDocument
from services.invoices.domain import refusals, refusals_of_sellers
from services.invoices.domain.series import INVOICES, Counter, series_stream
from services.invoices.handlers.deciding import deciding_again
from services.invoices.handlers.import_batch import Batch
from services.invoices.handlers.imported import ImportedNames
from services.invoices.history import load_seller
from services.invoices.ports import Ports
from services.invoices.replies import Outcome
from shared.contracts.decision import Allow
from shared.contracts.errors import PublicError
from shared.crypto.keyring import KeyShredded
from shared.eventstore.model import CommandId


def import_documents(
    ports: Ports, command: ImportDocuments, *, tenant: str, command_id: CommandId, allow: Allow
) -> list[Outcome]:
    """Issue what can be issued, and say of every document what became of it, in their order.

    Outcomes hold the refusals of `draft_invoice` and `issue_invoice`, and idempotency_conflict for a key that was
    used for other content. Raises PublicError seller_missing: that lies with no document.
    """
    ports.keyring.create_tenant(tenant)
    return _imported(ports, command, ImportedNames(tenant, ports.keyring.index_key(tenant)), command_id, allow)


@deciding_again
def _imported(
    ports: Ports, command: ImportDocuments, names: ImportedNames, command_id: CommandId, allow: Allow
) -> list[Outcome]:
    tenant = names.tenant
    # One series' turn only, though a batch may hold documents of both: waiting for two could be waiting for each other.
    with ports.turns.of(series_stream(tenant, Counter(INVOICES.name))):
        seller = load_seller(ports.log, tenant)[0].seller
        if seller is None:
            raise refusals_of_sellers.seller_missing()
        batch = Batch(ports, names, asked=command, seller=seller, command_id=command_id, allow=allow)
        batch.look_up(each for each in command.documents if isinstance(each, ImportedDocument))
        places = [_taken(batch, document) for document in command.documents]
        return batch.finish(places)


def _taken(batch: Batch, document: ImportedDocument | PublicError) -> Outcome | int:
    """Return what became of a document, or the place in the batch of the event that will issue it."""
    if isinstance(document, PublicError):
        return Outcome.refused(document)
    try:
        return batch.take(document)
    except PublicError as refusal:
        return Outcome.refused(refusal)
    except KeyShredded:
        return Outcome.refused(refusals.shredded())
