"""Addresses as they are looked up: by keyed hash, never in the clear."""

from services.auth.domain.identity import address_key
from services.auth.ports import Ports
from shared.crypto.envelope import blind_index
from shared.crypto.keyring import KeyUnknown


def address_index(ports: Ports, tenant: str, email: str) -> str:
    """Return the hex blind index of an address; KeyUnknown when there is no such tenant."""
    return blind_index(ports.keyring.index_key(tenant), "auth/address", address_key(email)).hex()


def user_at(ports: Ports, tenant: str, email: str) -> str | None:
    """Return the id of the user at an address; None when nobody is, or there is no such tenant."""
    try:
        return ports.addresses.user_at(tenant, address_index(ports, tenant, email))
    except KeyUnknown:  # no such tenant
        return None
