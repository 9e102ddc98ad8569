"""What is remembered about roles that a business makes itself, and about who has which role."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RoleDefined:
    """A role was made, or got another name or other grants; the last one counts."""

    role_id: str
    name: str
    grants: str
    """JSON of a list of grants, as tokens carry them."""


@dataclass(frozen=True, slots=True)
class RoleRetired:
    """A role gives nothing any more; its name may be used again."""

    role_id: str


@dataclass(frozen=True, slots=True)
class RoleAssigned:
    """A user has this role from here on, and no other. In the user's stream."""

    role: str
    """The name of a built-in role, or the id of the business's own."""
    assigned_by: str
    """User id."""


RoleEvent = RoleDefined | RoleRetired
