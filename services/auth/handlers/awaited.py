"""What other services have their owners told of: those services know no addresses."""

from services.auth.codec import encode
from services.auth.domain.events import ApprovalAwaited, RedirectHeard
from services.auth.domain.events.awaited import AwaitedEvent
from services.auth.ports import Ports
from shared.contracts.events import PublishedEvent
from shared.crypto.keyring import TENANT_SUBJECT, KeyUnknown
from shared.eventstore.model import Author
from shared.eventstore.store import VersionConflict


def note_awaited(ports: Ports, event: PublishedEvent) -> None:
    """Record that an approval is awaited."""
    _note(ports, event, f"awaited-{event.id}", ApprovalAwaited(event.source, event.id, event.type))


def note_redirect(ports: Ports, event: PublishedEvent) -> None:
    """Record that a customer's documents go elsewhere; the stream of the event names the customer."""
    customer_id = event.stream.partition("-")[2]
    _note(ports, event, f"redirect-{event.id}", RedirectHeard(event.source, event.id, customer_id))


def _note(ports: Ports, event: PublishedEvent, stream: str, heard: AwaitedEvent) -> None:
    """Record what was heard; the second time changes nothing, so the log serves as the inbox.

    An event of a business that there is not is dropped: nobody is there to be told.
    """
    try:
        new = encode(stream, TENANT_SUBJECT, heard)
        ports.log.append(event.tenant, [new], {stream: 0}, by=Author("service", event.source))
    except (VersionConflict, KeyUnknown):
        return
