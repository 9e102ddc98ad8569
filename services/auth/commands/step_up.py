"""Commands of whoever proves a factor for one sensitive command."""

from dataclasses import dataclass, field

from services.auth.domain.proof import Proof
from services.auth.domain.step_up import Deed


@dataclass(frozen=True, slots=True)
class BeginStepUp:
    """Name the command, ask for a challenge."""

    deed: Deed


@dataclass(frozen=True, slots=True)
class CompleteStepUp:
    """Answer the challenge with a proof of a factor, ask for the proof that goes with the command."""

    challenge: str = field(repr=False)
    proof: Proof
