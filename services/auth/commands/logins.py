"""Commands of whoever logs in: a person, or a service."""

from dataclasses import dataclass, field

from services.auth.domain.proof import Proof


@dataclass(frozen=True, slots=True)
class BeginLogin:
    """Show address and password, ask for a challenge."""

    tenant: str
    email: str = field(repr=False)
    password: str = field(repr=False)
    source: str | None = None
    """Where the caller says to be, e.g. a host name."""


@dataclass(frozen=True, slots=True)
class CompleteLogin:
    """Answer a challenge with a proof, ask for a token."""

    challenge: str = field(repr=False)
    proof: Proof


@dataclass(frozen=True, slots=True)
class IssueServiceToken:
    """Show a signed assertion, ask for a service's token."""

    assertion: str = field(repr=False)
