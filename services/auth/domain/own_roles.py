"""Roles that a business makes itself: named permissions with conditions, among those that are an owner's to give."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from services.auth.domain.events import AuthEvent, RoleDefined, RoleRetired
from services.auth.domain.roles import ROLE_PERMISSIONS, Role
from shared.contracts.conditions import OF_THE_CALL, Condition, GrantMalformed
from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.grants import Grant, from_claims, plain, to_claims
from shared.contracts.permissions import Permission

MOST_ROLES = 100

GIVABLE: Mapping[Permission, frozenset[Condition]] = MappingProxyType(
    {
        Permission.CUSTOMER_WRITE: frozenset({Condition.OWN_CUSTOMERS}),
        Permission.ITEM_WRITE: frozenset(),
        Permission.ITEM_READ: frozenset(),
        Permission.INVOICE_DRAFT: frozenset({Condition.OWN_CUSTOMERS, Condition.AMOUNT}),
        Permission.INVOICE_ISSUE: frozenset({Condition.OWN_CUSTOMERS, Condition.AMOUNT}),
        Permission.INVOICE_IMPORT: frozenset({Condition.OWN_CUSTOMERS, Condition.AMOUNT}),
        Permission.INVOICE_READ: frozenset({Condition.OWN_CUSTOMERS, Condition.STATES}),
        Permission.PAYMENT_RECORD: frozenset({Condition.OWN_CUSTOMERS}),
        Permission.PAYMENT_READ: frozenset({Condition.OWN_CUSTOMERS}),
        Permission.REGISTER_READ: frozenset(),
        Permission.QUOTE_WRITE: frozenset({Condition.OWN_CUSTOMERS, Condition.AMOUNT}),
        Permission.QUOTE_READ: frozenset({Condition.OWN_CUSTOMERS}),
        Permission.REPORT_READ: frozenset(),
        Permission.DOCUMENT_READ: frozenset({Condition.OWN_CUSTOMERS}),
        Permission.DELIVERY_READ: frozenset(),
        Permission.LOG_READ: frozenset(),
    }
)
"""What an own role may give, and the conditions that its endpoints judge besides hours and training.

A list of what is allowed, so that a permission that is new is reserved until somebody thinks about it. Not on it:
what services do for all businesses; what decides over people, roles, bank account and keys, which is the owners'; what
gives money away (`payment:refund`, `invoice:write_off`), claims some (`reminder:send`), or issues by itself
(`plan:manage`); and `log:export` and `document:export`, which open everything, whatever the conditions of other grants.
"""


@dataclass(frozen=True, slots=True)
class OwnRole:
    """A role of the business's own."""

    id: str
    name: str
    grants: tuple[Grant, ...]
    retired: bool = False


@dataclass(frozen=True, slots=True)
class RoleBook:
    """The fold of a stream `roles-<tenant>`: all roles that a business ever made."""

    version: int = 0
    roles: Mapping[str, OwnRole] = field(default_factory=dict)

    def grants_of(self, role: str) -> tuple[Grant, ...]:
        """Return what a role gives; nothing when it was retired or is not known."""
        if role in BUILT_IN:
            return plain(ROLE_PERMISSIONS[Role(role)])
        own = self.roles.get(role)
        return () if own is None or own.retired else own.grants

    def name_of(self, role: str) -> str:
        """Return what people call it."""
        own = self.roles.get(role)
        return role if own is None else own.name

    def require(self, role: str) -> str:
        """Return the role when somebody may be given it; `role_unknown` otherwise, for a retired one too."""
        if role not in BUILT_IN and self._current(role) is None:
            raise role_unknown()
        return role

    def define(self, role_id: str, name: str, grants: Sequence[Grant], *, new: bool) -> RoleDefined:
        """Make a role or change one; `role_unknown`, `role_name_taken`, `grant_not_givable`, `too_many_roles`."""
        if not new and self._current(role_id) is None:
            raise role_unknown()
        current = [role for role in self.roles.values() if not role.retired]
        taken = {role.name.casefold() for role in current if role.id != role_id} | set(BUILT_IN)
        if name.casefold() in taken:
            raise PublicError(ErrorCode.ROLE_NAME_TAKEN, "Another role has this name.")
        if new and len(current) >= MOST_ROLES:
            raise PublicError(ErrorCode.TOO_MANY_ROLES, f"A business has at most {MOST_ROLES} roles of its own.")
        for grant in grants:
            require_givable(grant)
        return RoleDefined(role_id=role_id, name=name, grants=json.dumps(to_claims(grants), separators=(",", ":")))

    def retire(self, role_id: str) -> RoleRetired:
        """Take a role out of use; `role_unknown`. Whoever has it keeps the account and loses what the role gave."""
        if self._current(role_id) is None:
            raise role_unknown()
        return RoleRetired(role_id=role_id)

    def _current(self, role_id: str) -> OwnRole | None:
        own = self.roles.get(role_id)
        return None if own is None or own.retired else own


BUILT_IN = frozenset(role.value for role in Role)


def require_givable(grant: Grant) -> None:
    """Return when an own role may hold the grant; `grant_not_givable` otherwise."""
    judged = {permission.value: conditions | OF_THE_CALL for permission, conditions in GIVABLE.items()}
    if grant.permission not in judged:
        raise _not_givable(grant.permission, "No role of a business's own may give this permission.")
    unjudged = sorted(grant.conditions.kinds - judged[grant.permission])
    if unjudged:
        raise _not_givable(grant.permission, f"This permission cannot be limited by {', '.join(unjudged)}.")


def read_grants(claims: object) -> tuple[Grant, ...]:
    """Read the grants of a request; `grant_not_givable` with what is wrong."""
    try:
        return from_claims(claims)
    except GrantMalformed as malformed:
        raise PublicError(ErrorCode.GRANT_NOT_GIVABLE, f"The grants cannot be read: {malformed}.") from None


def role_unknown() -> PublicError:
    """Return the answer to a role that is not, or not any more."""
    return PublicError(ErrorCode.ROLE_UNKNOWN, "This business has no such role.")


def _not_givable(permission: str, why: str) -> PublicError:
    return PublicError(ErrorCode.GRANT_NOT_GIVABLE, why, {"permission": permission})


def roles_after(book: RoleBook, event: AuthEvent) -> RoleBook:
    """Return the roles after one more event; ValueError for one that cannot follow."""
    match event:
        case RoleDefined():
            changed = OwnRole(event.role_id, event.name, from_claims(json.loads(event.grants)))
        case RoleRetired() if event.role_id in book.roles:
            changed = replace(book.roles[event.role_id], retired=True)
        case _:
            raise ValueError(f"{type(event).__name__} cannot follow in the history of these roles")
    return RoleBook(book.version + 1, {**book.roles, changed.id: changed})


def fold_roles(events: Iterable[AuthEvent]) -> RoleBook:
    """Return the roles after their events; version 0 when there are none. ValueError for an impossible history."""
    book = RoleBook()
    for event in events:
        book = roles_after(book, event)
    return book
