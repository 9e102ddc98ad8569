"""What is remembered about proving a factor for one command."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StepUpBegun:
    """Somebody who is logged in is about to have one command carried out that needs a fresh proof."""

    user_id: str
    session: str
    deed: str
    """Service and method, e.g. `invoices.configure_seller`."""
    command_hash: str
    """SHA-256 in lower-case hex, see shared/messaging/command_hash.py."""
    challenge_hash: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class StepUpRefused:
    """A proof of a factor was wrong or used before; `reason` is a `ProofOutcome`."""

    reason: str


@dataclass(frozen=True, slots=True)
class StepUpProved:
    """A factor was proved for this command, whether or not it was then carried out."""

    user_id: str
    deed: str
    command_hash: str
    method: str
    """RFC 8176 name of what was shown."""
    factor_id: str
    """Empty for a recovery code."""
    step: int
    """The TOTP time step of the accepted code; -1 for another kind of proof."""


StepUpEvent = StepUpBegun | StepUpRefused | StepUpProved
