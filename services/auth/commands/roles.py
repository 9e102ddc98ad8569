"""Commands about roles."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.contracts.decision import Facts
from shared.contracts.grants import Grant


@dataclass(frozen=True, slots=True)
class DefineRole:
    """Make a role of the business's own, or change one."""

    name: str
    grants: Sequence[Grant]
    role_id: str | None = None
    """None: a new one."""


@dataclass(frozen=True, slots=True)
class RetireRole:
    """Take a role out of use."""

    role_id: str


@dataclass(frozen=True, slots=True)
class AssignRole:
    """Give a user a role instead of the one they have."""

    user_id: str
    role: str


@dataclass(frozen=True, slots=True)
class ExplainAccess:
    """Ask whether a user may do something, and why."""

    user_id: str
    permission: str
    facts: Facts
