"""Each revision of a quote gets its final bytes, and the log binds them, as those of invoices (archiving.py)."""

from contextlib import suppress

from services.invoices.domain import refusals_of_files, refusals_of_quotes
from services.invoices.domain.events.quotes import Offered, QuoteArchived
from services.invoices.domain.quote import paper_of
from services.invoices.handlers.deciding import deciding_again
from services.invoices.handlers.quotes import get_quote
from services.invoices.history import (
    customer_stream,
    decode,
    encode,
    load_shredding,
    paper_stream,
    quote_stream,
    shredding_stream,
)
from services.invoices.mailed import Document, offer_of
from services.invoices.ports import Ports
from shared.contracts.decision import Allow
from shared.crypto.keyring import TENANT_SUBJECT, KeyShredded
from shared.eventstore.model import Author, RecordedEvent

_BY = Author("service", "invoices")


def archive_quote(ports: Ports, tenant: str, quote_id: str, revision: int) -> None:
    """Draw a revision, store it and bind it, once: what is archived, or forgotten by now, is left alone."""
    with suppress(KeyShredded):
        _archive(ports, tenant, quote_id, revision)


@deciding_again
def _archive(ports: Ports, tenant: str, quote_id: str, revision: int) -> None:
    stream = paper_stream(quote_id)
    drawn = ports.log.load(tenant, stream)
    offered = _revision(ports.log.load(tenant, quote_stream(quote_id)), revision)
    if offered is None or _bound(drawn, revision) is not None:
        return
    customer_id = offered.content.customer_id
    shredding, version = load_shredding(ports.log, tenant, customer_id)
    if shredding.shredded is not None:  # decided, and the key not destroyed yet
        return
    logo, subject = offered.seller.logo, customer_stream(customer_id)
    pdf = ports.press.offer(
        paper_of(offered), None if logo is None else ports.documents.get(tenant, TENANT_SUBJECT, logo)
    )
    # Stored before the event that names it (ADR 0004).
    digest = ports.documents.put(tenant, subject, pdf)
    event = encode(stream, subject, QuoteArchived(quote_id, revision), digest)
    ports.log.append(tenant, [event], {stream: len(drawn), shredding_stream(customer_id): version}, by=_BY)


def get_quote_document(
    ports: Ports, *, tenant: str, quote_id: str, allow: Allow, revision: int | None = None, position: int | None = None
) -> Document:
    """Return a drawn revision and how to send it: the one of this number, the one bound at a position, or the latest.

    Raises PublicError quote_unknown (for a revision that is not, too), document_pending, document_unknown,
    key_shredded, permission_denied.
    """
    quote, _ = get_quote(ports, tenant=tenant, quote_id=quote_id, allow=allow)
    drawn = ports.log.load(tenant, paper_stream(quote_id))
    wanted = quote.offered.revision if revision is None else revision
    if position is not None:
        wanted = next((int(str(each.payload["revision"])) for each in drawn if each.position == position), 0)
    offered = _revision(ports.log.load(tenant, quote_stream(quote_id)), wanted)
    if offered is None:
        raise refusals_of_quotes.quote_unknown()
    bound = _bound(drawn, wanted)
    if bound is None:
        raise refusals_of_files.document_pending()
    content = ports.documents.get(tenant, customer_stream(quote.content.customer_id), str(bound.digest))
    if content is None:
        raise refusals_of_files.document_unknown()
    return offer_of(offered, bound, content)


def _revision(recorded: list[RecordedEvent], revision: int) -> Offered | None:
    events = (decode(event) for event in recorded)
    return next((each for each in events if isinstance(each, Offered) and each.revision == revision), None)


def _bound(drawn: list[RecordedEvent], revision: int) -> RecordedEvent | None:
    """Return the event that binds a revision; None as long as it is not drawn."""
    return next((each for each in drawn if each.payload["revision"] == revision), None)
