"""What every key store keeps to."""

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from shared.crypto.key_store import KeyStore, TenantKeyOutdated, WrappedKey
from shared.crypto.memory_key_store import InMemoryKeyStore
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.kernel.ids import new_id
from tests.contract.conftest import IMPLEMENTATIONS
from tests.sealed_events import AT

LATER = "2026-12-24T18:00:00.000000Z"


@pytest.fixture(params=IMPLEMENTATIONS)
def store(request: pytest.FixtureRequest) -> KeyStore:
    if request.param == "memory":
        return InMemoryKeyStore()
    return PostgresKeyStore(request.getfixturevalue("pool"))


def tenant_key_of(tenant: str, version: int = 1, wrapped_by: str = "kek/1") -> WrappedKey:
    return WrappedKey(new_id(), tenant, "tenant-key", version, wrapped_by, "AES-256-GCM", bytes(range(60)), AT)


def dek_of(by: WrappedKey, subject: str, version: int = 1) -> WrappedKey:
    """A DEK that this tenant key wraps."""
    return WrappedKey(new_id(), by.tenant, subject, version, by.reference, "AES-256-GCM", bytes(range(60)), AT)


def shredded(key: WrappedKey) -> WrappedKey:
    return replace(key, wrapped=b"", shredded_at=LATER)


def wrapped_by(key: WrappedKey, by: WrappedKey) -> WrappedKey:
    return replace(key, wrapped_by=by.reference, wrapped=bytes(range(60, 120)))


@pytest.fixture
def tenant_key(store: KeyStore) -> WrappedKey:
    """The key of a tenant of this test's own."""
    return store.add_tenant_key(partial(tenant_key_of, new_id()))


@pytest.fixture
def tenant(tenant_key: WrappedKey) -> str:
    return tenant_key.tenant


def test_what_is_not_there_is_none(store: KeyStore, tenant: str) -> None:
    assert list(store.tenant_keys(new_id())) == []
    assert store.newest_dek(tenant, "tenant") is None
    assert store.dek(tenant, new_id()) is None
    assert list(store.deks(tenant)) == []
    assert list(store.outdated_deks(tenant, 10)) == []


def test_a_key_is_read_back_as_it_was_added(store: KeyStore, tenant_key: WrappedKey) -> None:
    dek = dek_of(tenant_key, "customer-1")
    assert store.add_dek(dek) == dek
    assert store.newest_dek(dek.tenant, "customer-1") == dek
    assert store.dek(dek.tenant, dek.key_id) == dek
    assert list(store.tenant_keys(dek.tenant)) == [tenant_key]
    assert dek.tenant in store.tenants()


def test_versions_follow_one_another(store: KeyStore, tenant_key: WrappedKey) -> None:
    tenant = tenant_key.tenant
    first = store.add_dek(dek_of(tenant_key, "customer-1"))
    assert store.add_dek(dek_of(tenant_key, "customer-1")) == first
    assert store.add_dek(dek_of(tenant_key, "customer-1", 3)) == first
    second = store.add_dek(dek_of(tenant_key, "customer-1", 2))
    assert second.version == 2
    assert store.newest_dek(tenant, "customer-1") == second
    assert store.dek(tenant, first.key_id) == first
    assert list(store.deks(tenant)) == [first, second]
    assert list(store.dek_versions(tenant, "customer-1")) == [first, second]
    assert list(store.dek_versions(tenant, "customer-2")) == []
    assert {key.key_id for key in store.deks_by_id(tenant, [second.key_id, new_id()])} == {second.key_id}


def test_versions_of_a_tenant_key_follow_one_another(store: KeyStore, tenant_key: WrappedKey) -> None:
    tenant = tenant_key.tenant
    assert store.add_tenant_key(partial(tenant_key_of, tenant)) == tenant_key
    assert store.add_tenant_key(partial(tenant_key_of, tenant, 3)) == tenant_key
    second = store.add_tenant_key(partial(tenant_key_of, tenant, 2))
    assert list(store.tenant_keys(tenant)) == [second, tenant_key]


def test_a_key_is_never_found_through_another_tenant(store: KeyStore, tenant_key: WrappedKey) -> None:
    dek = store.add_dek(dek_of(tenant_key, "tenant"))
    other = store.add_tenant_key(partial(tenant_key_of, new_id())).tenant
    assert store.dek(other, dek.key_id) is None
    assert store.newest_dek(other, "tenant") is None
    assert list(store.deks(other)) == []
    assert list(store.deks_by_id(other, [dek.key_id])) == []
    assert list(store.dek_versions(other, "tenant")) == []
    assert store.shred(other, "tenant", LATER) == 0
    assert store.dek(dek.tenant, dek.key_id) == dek


def test_deks_come_by_id_however_many_there_are(store: KeyStore, tenant_key: WrappedKey) -> None:
    added = [store.add_dek(dek_of(tenant_key, f"customer-{number}")) for number in range(502)]
    assert list(store.deks(tenant_key.tenant)) == sorted(added, key=lambda key: key.key_id)


def test_shredding_takes_the_bytes_of_every_version_and_leaves_the_rows(
    store: KeyStore, tenant_key: WrappedKey
) -> None:
    tenant = tenant_key.tenant
    deks = [store.add_dek(dek_of(tenant_key, "customer-1", version)) for version in (1, 2)]
    other = store.add_dek(dek_of(tenant_key, "customer-2"))
    assert store.shred(tenant, "customer-1", LATER) == 2
    assert list(store.deks(tenant)) == [shredded(deks[0]), shredded(deks[1]), other]
    assert store.shred(tenant, "customer-1", "2027-01-01T00:00:00.000000Z") == 0
    assert store.dek(tenant, deks[0].key_id) == shredded(deks[0])


def test_a_shredded_subject_never_gets_another_key(store: KeyStore, tenant_key: WrappedKey) -> None:
    first = store.add_dek(dek_of(tenant_key, "customer-1"))
    store.shred(tenant_key.tenant, "customer-1", LATER)
    for version in (1, 2):
        assert store.add_dek(dek_of(tenant_key, "customer-1", version)) == shredded(first)


def test_a_dek_under_an_old_tenant_key_is_not_taken(store: KeyStore, tenant_key: WrappedKey) -> None:
    store.add_tenant_key(partial(tenant_key_of, tenant_key.tenant, 2))
    with pytest.raises(TenantKeyOutdated):
        store.add_dek(dek_of(tenant_key, "customer-1"))
    assert list(store.deks(tenant_key.tenant)) == []


def test_deks_are_wrapped_again_by_the_newest_tenant_key_only(store: KeyStore, tenant_key: WrappedKey) -> None:
    tenant = tenant_key.tenant
    deks = [store.add_dek(dek_of(tenant_key, f"customer-{number}")) for number in range(3)]
    second = store.add_tenant_key(partial(tenant_key_of, tenant, 2))
    assert len(store.outdated_deks(tenant, 2)) == 2
    changes = [(dek, wrapped_by(dek, second)) for dek in deks]
    assert store.rewrap_deks(tenant, changes) == 3
    assert list(store.deks(tenant)) == [after for _, after in changes]
    assert list(store.outdated_deks(tenant, 2)) == []
    store.add_tenant_key(partial(tenant_key_of, tenant, 3))
    with pytest.raises(TenantKeyOutdated):
        store.rewrap_deks(tenant, [(after, wrapped_by(after, second)) for _, after in changes])


def test_a_wrapping_that_changed_meanwhile_is_left_alone(store: KeyStore, tenant_key: WrappedKey) -> None:
    tenant = tenant_key.tenant
    doomed, moved = (store.add_dek(dek_of(tenant_key, subject)) for subject in ("customer-1", "customer-2"))
    second = store.add_tenant_key(partial(tenant_key_of, tenant, 2))
    after = wrapped_by(moved, second)
    assert store.rewrap_deks(tenant, [(moved, after)]) == 1
    store.shred(tenant, "customer-1", LATER)
    assert store.rewrap_deks(tenant, [(each, wrapped_by(each, second)) for each in (doomed, moved)]) == 0
    assert list(store.deks(tenant)) == [shredded(doomed), after]


def test_a_tenant_key_is_wrapped_again_if_it_is_still_as_it_was_read(store: KeyStore, tenant_key: WrappedKey) -> None:
    after = replace(tenant_key, wrapped_by="kek/2", wrapped=bytes(60))
    assert store.rewrap_tenant_key(tenant_key, after)
    assert list(store.tenant_keys(tenant_key.tenant)) == [after]
    assert not store.rewrap_tenant_key(tenant_key, replace(tenant_key, wrapped_by="kek/3"))
    assert list(store.tenant_keys(tenant_key.tenant)) == [after]


def test_a_tenant_key_is_retired_when_nothing_is_left_under_it(store: KeyStore, tenant_key: WrappedKey) -> None:
    tenant = tenant_key.tenant
    dek = store.add_dek(dek_of(tenant_key, "customer-1"))
    assert store.retire_tenant_keys(tenant, LATER) == 0
    second = store.add_tenant_key(partial(tenant_key_of, tenant, 2))
    assert store.retire_tenant_keys(tenant, LATER) == 0
    store.rewrap_deks(tenant, [(dek, wrapped_by(dek, second))])
    assert store.retire_tenant_keys(tenant, LATER) == 1
    assert list(store.tenant_keys(tenant)) == [second, shredded(tenant_key)]


def test_a_shredded_dek_does_not_hold_its_tenant_key_back(store: KeyStore, tenant_key: WrappedKey) -> None:
    store.add_dek(dek_of(tenant_key, "customer-1"))
    store.shred(tenant_key.tenant, "customer-1", LATER)
    store.add_tenant_key(partial(tenant_key_of, tenant_key.tenant, 2))
    assert store.retire_tenant_keys(tenant_key.tenant, LATER) == 1


def in_threads(work: Callable[[], object]) -> None:
    start = threading.Barrier(8)

    def race() -> None:
        start.wait()
        work()

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_many_keys_are_added_at_once_and_each_as_if_alone(store: KeyStore, tenant_key: WrappedKey) -> None:
    tenant = tenant_key.tenant
    there, gone = (store.add_dek(dek_of(tenant_key, subject)) for subject in ("customer-1", "customer-2"))
    store.shred(tenant, "customer-2", LATER)
    fresh = dek_of(tenant_key, "customer-3")
    offered = [dek_of(tenant_key, "customer-1"), dek_of(tenant_key, "customer-2"), fresh]
    assert {key.key_id for key in store.add_deks(tenant, offered)} == {there.key_id, gone.key_id, fresh.key_id}
    assert {key.key_id for key in store.deks(tenant)} == {there.key_id, gone.key_id, fresh.key_id}
    subjects = ["customer-1", "customer-2", "customer-3", "customer-4"]
    assert sorted(key.subject for key in store.newest_deks(tenant, subjects)) == subjects[:3]
    assert list(store.newest_deks(new_id(), subjects)) == []


def test_of_many_keys_none_is_added_when_one_is_wrapped_by_an_old_tenant_key(
    store: KeyStore, tenant_key: WrappedKey
) -> None:
    tenant = tenant_key.tenant
    newer = store.add_tenant_key(partial(tenant_key_of, tenant, 2))
    with pytest.raises(TenantKeyOutdated):
        store.add_deks(tenant, [dek_of(newer, "customer-1"), dek_of(tenant_key, "customer-2")])
    assert list(store.deks(tenant)) == []


@pytest.mark.parametrize("version", [1, 2])
def test_racing_callers_agree_on_one_key(store: KeyStore, tenant_key: WrappedKey, version: int) -> None:
    for earlier in range(1, version):
        store.add_dek(dek_of(tenant_key, "customer-1", earlier))
    agreed: list[WrappedKey] = []
    in_threads(lambda: agreed.append(store.add_dek(dek_of(tenant_key, "customer-1", version))))
    assert agreed == [agreed[0]] * 8
    assert agreed[0].version == version


@pytest.mark.parametrize("version", [1, 2])
def test_racing_callers_agree_on_one_tenant_key(store: KeyStore, version: int) -> None:
    tenant = new_id()
    for earlier in range(1, version):
        store.add_tenant_key(partial(tenant_key_of, tenant, earlier))
    agreed: list[WrappedKey] = []
    in_threads(lambda: agreed.append(store.add_tenant_key(partial(tenant_key_of, tenant, version))))
    assert agreed == [agreed[0]] * 8
    assert agreed[0].version == version


def test_a_shredding_that_races_with_new_versions_leaves_none(store: KeyStore, tenant_key: WrappedKey) -> None:
    tenant = tenant_key.tenant
    store.add_dek(dek_of(tenant_key, "customer-1"))
    turns = iter(range(8))

    def race() -> None:
        if next(turns) == 3:
            store.shred(tenant, "customer-1", LATER)
        else:
            newest = store.newest_dek(tenant, "customer-1")
            assert newest is not None
            store.add_dek(dek_of(tenant_key, "customer-1", newest.version + 1))

    in_threads(race)
    assert {key.shredded_at for key in store.deks(tenant)} == {LATER}
