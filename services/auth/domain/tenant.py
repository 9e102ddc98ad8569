"""The tenant: which addresses are taken. One small stream a tenant, so that two invitations at once cannot collide."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from services.auth.domain.events import AddressClaimed, AuthEvent, TenantCreated
from shared.contracts.errors import ErrorCode, PublicError


@dataclass(frozen=True, slots=True)
class Tenant:
    """The fold of a stream `tenant-<id>`."""

    version: int = 0
    name: str = ""
    addresses: frozenset[str] = frozenset()

    def claim(self, address_index: str, user_id: str) -> AddressClaimed:
        """Give an address to a user; `user_exists` when somebody has it."""
        if address_index in self.addresses:
            raise PublicError(ErrorCode.USER_EXISTS, "this address was invited before")
        return AddressClaimed(address_index=address_index, user_id=user_id)


def tenant_after(tenant: Tenant, event: AuthEvent) -> Tenant:
    """Return the tenant after one more event; TypeError for one that is not a tenant's."""
    match event:
        case TenantCreated():
            changed = replace(tenant, name=event.name)
        case AddressClaimed():
            changed = replace(tenant, addresses=tenant.addresses | {event.address_index})
        case _:
            raise TypeError(f"{type(event).__name__} does not belong to a tenant")
    return replace(changed, version=tenant.version + 1)


def fold_tenant(events: Iterable[AuthEvent]) -> Tenant:
    """Return the tenant after its events; version 0 when there are none."""
    tenant = Tenant()
    for event in events:
        tenant = tenant_after(tenant, event)
    return tenant
