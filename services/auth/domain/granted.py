"""What somebody may do: worked out when a token is made, and good until something takes it away."""

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.grants import Grant


@dataclass(frozen=True, slots=True)
class Granted:
    """The grants of a user's role."""

    grants: tuple[Grant, ...]
    position: int
    """Size of the tenant's log before they were worked out: what takes something away later revokes the token."""
    training_until: datetime | None = None
    """Until when the user's training is current; None when the business asks for none."""
