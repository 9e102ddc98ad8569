"""What every key store says about the versions of the KEK, so that none is destroyed that a tenant's key needs."""

import threading
from collections.abc import Collection
from functools import partial

import pytest

from shared.crypto.key_store import KeyStore, WrappedKey
from shared.crypto.memory_key_store import InMemoryKeyStore
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.kernel.ids import new_id
from tests.contract.conftest import IMPLEMENTATIONS
from tests.contract.test_key_store import LATER, in_threads, tenant_key_of


@pytest.fixture(params=IMPLEMENTATIONS)
def keys(request: pytest.FixtureRequest) -> KeyStore:
    if request.param == "memory":
        return InMemoryKeyStore()
    return PostgresKeyStore(request.getfixturevalue("pool"))


def in_use(keys: KeyStore) -> set[str]:
    found: list[str] = []

    def look(references: Collection[str]) -> int:
        found.extend(references)
        return 0

    keys.destroy_unused_keks(look)
    return set(found)


def test_what_wraps_the_live_key_of_any_tenant_is_in_use(keys: KeyStore) -> None:
    first, second, third = (f"kek/{new_id()}" for _ in range(3))
    tenant = keys.add_tenant_key(partial(tenant_key_of, new_id(), 1, first)).tenant
    keys.add_tenant_key(partial(tenant_key_of, new_id(), 1, second))
    assert {first, second} <= in_use(keys)
    keys.add_tenant_key(partial(tenant_key_of, tenant, 2, third))
    assert keys.retire_tenant_keys(tenant, LATER) == 1
    assert {first, second, third} & in_use(keys) == {second, third}, "of a retired key nothing is left to unwrap"


def test_how_many_were_destroyed_is_told(keys: KeyStore) -> None:
    assert keys.destroy_unused_keks(lambda _: 3) == 3


def test_no_tenant_key_is_added_while_unused_keks_are_destroyed(keys: KeyStore) -> None:
    """Otherwise it might be wrapped by one that is in use by nobody yet."""
    events: list[str] = []
    begun, made = threading.Event(), threading.Event()

    def make() -> WrappedKey:
        made.set()
        events.append("looked which one wraps")
        return tenant_key_of(new_id())

    def add() -> None:
        begun.set()
        keys.add_tenant_key(make)

    adding = threading.Thread(target=add)

    def destroy(_: object) -> int:
        adding.start()
        assert begun.wait(10)
        assert not made.wait(0.3)
        events.append("destroyed")
        return 0

    keys.destroy_unused_keks(destroy)
    adding.join()
    assert events == ["destroyed", "looked which one wraps"]


def test_nothing_is_destroyed_while_a_tenant_key_is_added(keys: KeyStore) -> None:
    reference = f"kek/{new_id()}"
    found: list[set[str]] = []
    destroying = threading.Thread(target=lambda: found.append(in_use(keys)))

    def make() -> WrappedKey:
        destroying.start()
        destroying.join(0.3)
        assert found == []
        return tenant_key_of(new_id(), 1, reference)

    keys.add_tenant_key(make)
    destroying.join()
    assert reference in found[0]


def test_those_who_change_the_kek_take_turns(keys: KeyStore) -> None:
    inside: list[int] = []
    most: list[int] = []

    def change() -> None:
        with keys.kek_turn():
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    in_threads(change)
    assert most == [1] * 8
    with keys.kek_turn():
        assert keys.add_tenant_key(partial(tenant_key_of, new_id())).version == 1, "services go on meanwhile"
