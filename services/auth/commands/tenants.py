"""Commands about a business and its people."""

from dataclasses import dataclass


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
    role: str
    """A `Role`, or the id of a role of the business's own."""
