"""Grants: what a role gives and a token carries. A permission, and the conditions under which it counts.

In tokens and events a grant is a JSON array: `["invoice:read"]`, or `["invoice:issue", {"own_customers": true}]`.
Several grants may name the same permission; one of them that holds is enough.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.contracts.conditions import ALWAYS, Conditions, GrantMalformed

MOST_GRANTS = 200
_WITH_CONDITIONS = 2


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission by name, and when it counts.

    The name is not looked up: a token of a newer auth may grant what this program has no endpoint for.
    """

    permission: str
    conditions: Conditions = ALWAYS

    def to_claim(self) -> list[object]:
        """Return the JSON array of tokens and events."""
        claim = self.conditions.to_claim()
        return [str(self.permission), claim] if claim else [str(self.permission)]

    @classmethod
    def from_claim(cls, claim: object) -> "Grant":
        """Read what `to_claim` made; GrantMalformed for anything else."""
        if not isinstance(claim, list) or not 1 <= len(claim) <= _WITH_CONDITIONS:
            raise GrantMalformed("a grant is a permission, or a permission and its conditions")
        permission = claim[0]
        if not isinstance(permission, str) or not permission:
            raise GrantMalformed("a grant begins with the name of a permission")
        return cls(permission, Conditions.from_claim(claim[1]) if len(claim) == _WITH_CONDITIONS else ALWAYS)


def plain(permissions: Iterable[str]) -> tuple[Grant, ...]:
    """Return grants without conditions, sorted by name."""
    return tuple(Grant(str(permission)) for permission in sorted(permissions))


def to_claims(grants: Sequence[Grant]) -> list[list[object]]:
    """Return the JSON of a list of grants."""
    return [grant.to_claim() for grant in grants]


def from_claims(claims: object) -> tuple[Grant, ...]:
    """Read the JSON of a list of grants; GrantMalformed."""
    if not isinstance(claims, list) or len(claims) > MOST_GRANTS:
        raise GrantMalformed("grants are a list")
    return tuple(Grant.from_claim(claim) for claim in claims)
