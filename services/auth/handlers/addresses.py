"""Addresses as they are looked up: by keyed hash, never in the clear."""

from dataclasses import dataclass

from services.auth.domain.identity import address_key
from services.auth.domain.tenant import decoy
from services.auth.history import load_tenant
from services.auth.ports import Ports
from shared.crypto.envelope import blind_index
from shared.crypto.keyring import KeyUnknown
from shared.kernel.ids import new_id


def address_index(ports: Ports, tenant: str, email: str) -> str:
    """Return the hex blind index of an address; KeyUnknown when there is no such tenant."""
    return blind_index(ports.keyring.index_key(tenant), "auth/address", address_key(email)).hex()


@dataclass(frozen=True, slots=True)
class Found:
    """What an address leads to."""

    user_id: str | None
    """None when nobody has it, or there is no such tenant."""
    tenant_known: bool
    loaded: str
    """The stream to load: the user's, or for an address that nobody has a decoy's, so that both cost the same."""


def user_at(ports: Ports, tenant: str, email: str) -> Found:
    """Look an address up in the tenant's own log: a read model may lack who was invited a moment ago."""
    try:
        index = address_index(ports, tenant, email)
    except KeyUnknown:  # no such tenant
        index = ""
    # Without a tenant too, in vain: the way of one that does not exist is not the shorter one.
    state = load_tenant(ports.snapshots, tenant)
    user_id = state.addresses.get(index)
    return Found(user_id, state.version > 0, user_id or decoy(state, index) or new_id())
