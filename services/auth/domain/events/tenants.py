"""What is remembered about a business."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TenantCreated:
    """A business was taken in."""

    name: str
    created_by: str


@dataclass(frozen=True, slots=True)
class AddressClaimed:
    """An address was given to a user; nobody else in the tenant can have it."""

    address_index: str
    """Hex blind index of the address: the address itself is only in `UserInvited`."""
    user_id: str


TenantEvent = TenantCreated | AddressClaimed
