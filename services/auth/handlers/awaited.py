"""Approvals that other services wait for, so that their owners hear of it: those services know no addresses."""

from services.auth.codec import encode
from services.auth.domain.events import ApprovalAwaited
from services.auth.ports import Ports
from shared.contracts.events import PublishedEvent
from shared.crypto.keyring import TENANT_SUBJECT, KeyUnknown
from shared.eventstore.model import Author
from shared.eventstore.store import VersionConflict


def note_awaited(ports: Ports, event: PublishedEvent) -> None:
    """Record that an approval is awaited; the second time changes nothing, so the log serves as the inbox.

    An event of a business that there is not is dropped: nobody is there to be told.
    """
    stream = f"awaited-{event.id}"
    awaited = ApprovalAwaited(event.source, event.id, event.type)
    try:
        new = encode(stream, TENANT_SUBJECT, awaited)
        ports.log.append(event.tenant, [new], {stream: 0}, by=Author("service", event.source))
    except (VersionConflict, KeyUnknown):
        return
