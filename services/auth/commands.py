"""What can be asked of auth, in the imperative."""

from dataclasses import dataclass, field

from services.auth.domain.roles import Role


@dataclass(frozen=True, slots=True)
class CreateTenant:
    """Take in a business and invite its owner."""

    name: str
    owner_name: str
    owner_email: str


@dataclass(frozen=True, slots=True)
class InviteUser:
    """Ask a person to enrol."""

    email: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class BeginEnrolment:
    """Choose a password and ask for a second factor."""

    invitation: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CompleteEnrolment:
    """Prove the second factor."""

    enrolment: str = field(repr=False)
    code: str = field(repr=False)


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
    """Answer a challenge with a code, ask for a token."""

    challenge: str = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class IssueServiceToken:
    """Show a signed assertion, ask for a service's token."""

    assertion: str = field(repr=False)
