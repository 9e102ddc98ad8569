"""What every key store keeps to."""

import threading
from dataclasses import replace

import pytest

from shared.crypto.keyring import InMemoryKeyStore, KeyStore, WrappedKey
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.kernel.ids import new_id
from tests.contract.conftest import IMPLEMENTATIONS
from tests.sealed_events import AT


@pytest.fixture(params=IMPLEMENTATIONS)
def store(request: pytest.FixtureRequest) -> KeyStore:
    if request.param == "memory":
        return InMemoryKeyStore()
    return PostgresKeyStore(request.getfixturevalue("pool"))


def key_of(tenant: str, subject: str) -> WrappedKey:
    return WrappedKey(new_id(), tenant, subject, "kek-1", "AES-256-GCM", bytes(range(60)), AT)


@pytest.fixture
def tenant(store: KeyStore) -> str:
    """A tenant with a key."""
    tenant = new_id()
    store.add_tenant_key(key_of(tenant, "tenant-key"))
    return tenant


def test_what_is_not_there_is_none(store: KeyStore, tenant: str) -> None:
    assert store.tenant_key(new_id()) is None
    assert store.dek_by_subject(tenant, "tenant") is None
    assert store.dek(tenant, new_id()) is None
    assert list(store.deks(tenant)) == []


def test_a_key_is_read_back_as_it_was_added(store: KeyStore, tenant: str) -> None:
    dek = key_of(tenant, "customer-1")
    assert store.add_dek(dek) == dek
    assert store.dek_by_subject(tenant, "customer-1") == dek
    assert store.dek(tenant, dek.key_id) == dek


def test_a_shredded_key_is_kept_as_shredded(store: KeyStore, tenant: str) -> None:
    shredded = replace(key_of(tenant, "customer-1"), wrapped=b"", shredded_at=AT)
    assert store.add_dek(shredded) == shredded
    assert store.dek_by_subject(tenant, "customer-1") == shredded
    # The subject never gets another key.
    assert store.add_dek(key_of(tenant, "customer-1")) == shredded


def test_a_tenant_keeps_its_first_key(store: KeyStore) -> None:
    tenant = new_id()
    first = key_of(tenant, "tenant-key")
    assert store.add_tenant_key(first) == first
    assert store.add_tenant_key(key_of(tenant, "tenant-key")) == first
    assert store.tenant_key(tenant) == first


def test_a_subject_keeps_its_first_key(store: KeyStore, tenant: str) -> None:
    first = key_of(tenant, "customer-1")
    store.add_dek(first)
    assert store.add_dek(key_of(tenant, "customer-1")) == first


def test_a_key_is_never_found_through_another_tenant(store: KeyStore, tenant: str) -> None:
    dek = store.add_dek(key_of(tenant, "tenant"))
    other = new_id()
    store.add_tenant_key(key_of(other, "tenant-key"))
    assert store.dek(other, dek.key_id) is None
    assert store.dek_by_subject(other, "tenant") is None
    assert list(store.deks(other)) == []


def test_deks_come_by_id_however_many_there_are(store: KeyStore, tenant: str) -> None:
    added = [store.add_dek(key_of(tenant, f"customer-{number}")) for number in range(502)]
    assert list(store.deks(tenant)) == sorted(added, key=lambda key: key.key_id)


def test_racing_callers_agree_on_one_key(store: KeyStore, tenant: str) -> None:
    agreed: list[WrappedKey] = []
    start = threading.Barrier(8)

    def race() -> None:
        key = key_of(tenant, "customer-1")
        start.wait()
        agreed.append(store.add_dek(key))

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert agreed == [agreed[0]] * 8
