"""What answers questions about auth's log; disposable, replayed from it."""

from collections.abc import Sequence

from services.auth.read_models.addresses import AddressProjection
from services.auth.read_models.sessions import SessionProjection
from shared.eventstore.following import Projection


def projections() -> Sequence[Projection]:
    """Return what feeds the read models, but for `revocations`, which has a runner of its own."""
    return (AddressProjection(), SessionProjection())
