"""The tenant: which addresses are taken. One small stream a tenant, so that two invitations at once cannot collide."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from services.auth.domain.events import AddressClaimed, AuthEvent, TenantCreated
from shared.contracts.errors import ErrorCode, PublicError


@dataclass(frozen=True, slots=True)
class Tenant:
    """The fold of a stream `tenant-<id>`."""

    version: int = 0
    name: str = ""
    addresses: Mapping[str, str] = field(default_factory=dict)
    """User ids by blind index of their address."""

    def claim(self, address_index: str, user_id: str) -> AddressClaimed:
        """Give an address to a user; `user_exists` when somebody has it."""
        if address_index in self.addresses:
            raise PublicError(ErrorCode.USER_EXISTS, "this address was invited before")
        return AddressClaimed(address_index=address_index, user_id=user_id)


def decoy(tenant: Tenant, address_index: str) -> str | None:
    """Return a user to be loaded, and not used, for an address that nobody has: always the same one for an address.

    Loading what is not there would be quicker than loading what is, and so tell the two apart.
    """
    users = sorted(tenant.addresses.values())
    return users[int(address_index, 16) % len(users)] if users else None


def tenant_after(tenant: Tenant, event: AuthEvent) -> Tenant:
    """Return the tenant after one more event; TypeError for one that is not a tenant's."""
    match event:
        case TenantCreated():
            changed = replace(tenant, name=event.name)
        case AddressClaimed():
            changed = replace(tenant, addresses={**tenant.addresses, event.address_index: event.user_id})
        case _:
            raise TypeError(f"{type(event).__name__} does not belong to a tenant")
    return replace(changed, version=tenant.version + 1)


def fold_tenant(events: Iterable[AuthEvent]) -> Tenant:
    """Return the tenant after its events; version 0 when there are none."""
    tenant = Tenant()
    for event in events:
        tenant = tenant_after(tenant, event)
    return tenant
