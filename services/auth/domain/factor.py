"""What a person proves to hold besides knowing the password."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class FactorKind(StrEnum):
    """The kinds of second factors."""

    TOTP = "totp"
    PASSKEY = "passkey"


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor that was proved when it was added and may prove its holder since."""

    id: str
    kind: FactorKind
    name: str
    """As its holder calls it, e.g. the name of a phone."""
    added_at: datetime
    material: str = field(repr=False)
    """What proofs are checked against, in the form of the adapter of this kind; secrets in it are sealed."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A factor that is not proved yet and so proves nothing; its bearer's ticket and the first proof make it one."""

    factor_id: str
    kind: FactorKind
    name: str
    ticket_hash: str
    ends: datetime
    material: str = field(repr=False)
    """What the first proof is checked against; empty for a passkey, whose authenticator makes it by the first proof."""
    proofs_refused: int = 0
