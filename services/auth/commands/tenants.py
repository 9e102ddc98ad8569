"""Commands about a business and its people."""

from dataclasses import dataclass

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
