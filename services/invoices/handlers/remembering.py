"""Nothing is decided about a customer who is forgotten at the same moment."""

from services.invoices.domain.shredding import require_not_shredded
from services.invoices.history import (
    load_shredding,
    shredding_stream,
)
from services.invoices.ports import Ports
from shared.eventstore.log import Streams


def still_remembered(ports: Ports, tenant: str, customer_id: str, seen: Streams | None = None) -> dict[str, int]:
    """Return what the append has to expect, so that nothing is decided about a customer while they are forgotten.

    `seen`: what was read of the log already, the stream that tells of it among the rest.

    Raises PublicError key_shredded from the moment that it was decided, before the keys are gone.
    """
    shredding, version = load_shredding(seen or ports.log, tenant, customer_id)
    require_not_shredded(shredding)
    return {shredding_stream(customer_id): version}
