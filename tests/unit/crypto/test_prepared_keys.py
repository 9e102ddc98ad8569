"""Keys of many subjects, made and read in one go."""

from datetime import UTC, datetime

import pytest

from shared.crypto.kek import MemoryKek
from shared.crypto.keyring import InMemoryKeyStore, Keyring, KeyShredded, KeyUnknown
from shared.kernel.clock import FixedClock
from shared.kernel.ids import new_id

TENANT, CUSTOMER = new_id(), "customer-1"


@pytest.fixture
def keyring() -> Keyring:
    return Keyring(MemoryKek.of(bytes(range(32))), InMemoryKeyStore(), FixedClock(datetime(2026, 11, 22, tzinfo=UTC)))


def test_what_was_prepared_is_handed_out_without_another_look(
    keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring.create_tenant(TENANT)
    earlier = keyring.dek_for(TENANT, CUSTOMER)
    keyring.dek_for(TENANT, "customer-gone")
    keyring.shred(TENANT, "customer-gone")
    keyring.prepare(TENANT, [CUSTOMER, "customer-new", "customer-gone", "customer-newer"])
    with pytest.raises(KeyShredded):
        keyring.dek_for(TENANT, "customer-gone")
    monkeypatch.delattr(InMemoryKeyStore, "newest_dek")
    assert keyring.dek_for(TENANT, CUSTOMER) == earlier
    assert keyring.dek_for(TENANT, "customer-new") != keyring.dek_for(TENANT, "customer-newer")


def test_what_cannot_be_prepared_is_left_to_be_refused(keyring: Keyring) -> None:
    keyring.prepare(TENANT, [CUSTOMER])
    with pytest.raises(KeyUnknown):
        keyring.dek_for(TENANT, CUSTOMER)
