"""Events as the store gets them. The store never opens a payload, so here it is any bytes."""

from collections.abc import Sequence

from msgspec import structs

from shared.eventstore.model import SealedEvent
from shared.kernel.ids import new_id

AT = "2026-11-22T09:00:00.000000Z"
KEY = "019aa0e5-0000-7000-8000-00000000000a"


def sealed_event(tenant: str, stream: str, version: int, **changes: object) -> SealedEvent:
    """Make an event that a store takes; `changes` overrides fields."""
    event = SealedEvent(
        tenant=tenant,
        stream=stream,
        version=version,
        id=new_id(),
        type="InvoiceDrafted",
        schema=1,
        at=AT,
        key=KEY,
        digest=None,
        sealed=f"payload {version} of {stream}".encode(),
    )
    return structs.replace(event, **changes)


def sealed_events(tenant: str, stream: str, versions: Sequence[int]) -> list[SealedEvent]:
    """Make one event for each version."""
    return [sealed_event(tenant, stream, version) for version in versions]
