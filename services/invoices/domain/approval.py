"""A person's word on what needs two."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Approval:
    """A person who wants something that takes two, and what they had proved to be who they are."""

    user_id: str
    factors: tuple[str, ...]
    """RFC 8176."""
