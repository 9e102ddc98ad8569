"""Streams as they were when the log ended with a position."""

from services.invoices.domain import refusals
from services.invoices.ports import Ports
from shared.eventstore.model import RecordedEvent


def recorded_until(ports: Ports, tenant: str, stream: str, as_of: int | None) -> list[RecordedEvent]:
    """Return a stream's events up to a position, or all of them without one.

    Raises PublicError position_unknown for a position that the log has not reached, and as `TenantLog.load`.
    """
    if as_of is not None and as_of >= (size := ports.log.head(tenant).size):
        raise refusals.position_unknown(size)
    return [event for event in ports.log.load(tenant, stream) if as_of is None or event.position <= as_of]
