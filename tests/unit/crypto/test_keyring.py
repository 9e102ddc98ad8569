"""The keyring: who gets which key, and who does not."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.crypto.kek import AesWrappingKey, MemoryKek, UnwrapFailed
from shared.crypto.keyring import (
    TENANT_SUBJECT,
    Dek,
    InMemoryKeyStore,
    Keyring,
    KeyShredded,
    KeyUnknown,
    WrappedKey,
)
from shared.kernel.clock import FixedClock
from shared.kernel.ids import is_uuid

TENANT = "0198c0de-0000-7000-8000-0000000000cc"
OTHER = "0198c0de-0000-7000-8000-0000000000dd"
CUSTOMER = "customer-0198c0de-0000-7000-8000-0000000000ee"
KEK = MemoryKek.of(bytes(range(32)))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 22, 9, tzinfo=UTC))


@pytest.fixture
def store() -> InMemoryKeyStore:
    return InMemoryKeyStore()


@pytest.fixture
def keyring(store: InMemoryKeyStore, clock: FixedClock) -> Keyring:
    keyring = Keyring(KEK, store, clock)
    keyring.create_tenant(TENANT)
    keyring.create_tenant(OTHER)
    return keyring


def restarted(store: InMemoryKeyStore, clock: FixedClock) -> Keyring:
    """Return a keyring that remembers nothing."""
    return Keyring(KEK, store, clock)


def stored(store: InMemoryKeyStore, tenant: str = TENANT, subject: str = CUSTOMER) -> WrappedKey:
    key = store.newest_dek(tenant, subject)
    assert key is not None
    return key


def store_with(key: WrappedKey, original: InMemoryKeyStore) -> InMemoryKeyStore:
    """Return a store in which `key` has taken the place of what it was made from."""
    changed = InMemoryKeyStore()
    changed._tenant_keys = original._tenant_keys
    changed._deks = {(key.tenant, key.key_id): key}
    return changed


def test_a_subject_keeps_its_key(keyring: Keyring, store: InMemoryKeyStore, clock: FixedClock) -> None:
    first = keyring.dek_for(TENANT, CUSTOMER)
    assert keyring.dek_for(TENANT, CUSTOMER) == first
    assert restarted(store, clock).dek_for(TENANT, CUSTOMER) == first
    assert restarted(store, clock).dek(TENANT, first.key_id) == first.key
    assert is_uuid(first.key_id)
    assert len(first.key) == 32


def test_every_subject_has_a_key_of_its_own(keyring: Keyring) -> None:
    places = [(TENANT, CUSTOMER), (TENANT, TENANT_SUBJECT), (OTHER, CUSTOMER), (OTHER, TENANT_SUBJECT)]
    assert len({keyring.dek_for(*place).key for place in places}) == len(places)


def test_the_ids_of_a_subjects_keys_are_told_also_when_they_are_shredded(keyring: Keyring) -> None:
    key_id = keyring.dek_for(TENANT, "customer-1").key_id
    keyring.dek_for(TENANT, "customer-2")
    assert keyring.key_ids(TENANT, "customer-1") == [key_id]
    assert keyring.shred(TENANT, "customer-1") == 1
    assert keyring.key_ids(TENANT, "customer-1") == [key_id]
    assert keyring.key_ids(TENANT, "customer-3") == []


def test_another_tenant_does_not_get_the_key(keyring: Keyring) -> None:
    dek = keyring.dek_for(TENANT, CUSTOMER)
    with pytest.raises(KeyUnknown):
        keyring.dek(OTHER, dek.key_id)


def test_an_unknown_key_is_named(keyring: Keyring) -> None:
    with pytest.raises(KeyUnknown, match="no-such-key"):
        keyring.dek(TENANT, "no-such-key")


def test_a_tenant_without_a_key_gets_no_deks(store: InMemoryKeyStore, clock: FixedClock) -> None:
    with pytest.raises(KeyUnknown):
        Keyring(KEK, store, clock).dek_for(TENANT, CUSTOMER)
    assert list(store.deks(TENANT)) == []


def test_creating_a_tenant_twice_keeps_its_key(keyring: Keyring, store: InMemoryKeyStore) -> None:
    before = store.tenant_keys(TENANT)
    keyring.create_tenant(TENANT)
    assert store.tenant_keys(TENANT) == before


def test_two_workers_that_race_use_one_key(
    keyring: Keyring, store: InMemoryKeyStore, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    winner = keyring.dek_for(TENANT, CUSTOMER)
    # The slower worker looked before the winner's insert, and its own insert comes after.
    slower = restarted(store, clock)
    looked = iter([None])
    real = store.newest_dek
    monkeypatch.setattr(store, "newest_dek", lambda *place: next(looked, real(*place)))
    assert slower.dek_for(TENANT, CUSTOMER) == winner


def test_a_shredded_key_is_refused_and_never_replaced(
    keyring: Keyring, store: InMemoryKeyStore, clock: FixedClock
) -> None:
    dek = keyring.dek_for(TENANT, CUSTOMER)
    shredded = replace(stored(store), wrapped=b"", shredded_at="2026-11-22T10:00:00.000000Z")
    after = restarted(store_with(shredded, store), clock)
    with pytest.raises(KeyShredded, match=dek.key_id):
        after.dek(TENANT, dek.key_id)
    with pytest.raises(KeyShredded, match=dek.key_id):
        after.dek_for(TENANT, CUSTOMER)


def test_taking_the_shredding_mark_away_brings_no_key_back(
    keyring: Keyring, store: InMemoryKeyStore, clock: FixedClock
) -> None:
    keyring.dek_for(TENANT, CUSTOMER)
    unmarked = replace(stored(store), wrapped=b"")
    with pytest.raises(UnwrapFailed):
        restarted(store_with(unmarked, store), clock).dek_for(TENANT, CUSTOMER)


def test_a_cached_key_is_forgotten_after_five_minutes(
    keyring: Keyring, store: InMemoryKeyStore, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    dek = keyring.dek_for(TENANT, CUSTOMER)
    shredded = replace(stored(store), wrapped=b"", shredded_at="2026-11-22T09:00:01.000000Z")
    monkeypatch.setattr(keyring, "_store", store_with(shredded, store))
    clock.moment += timedelta(minutes=4, seconds=59)
    assert keyring.dek(TENANT, dek.key_id) == dek.key
    clock.moment += timedelta(seconds=1)
    with pytest.raises(KeyShredded):
        keyring.dek(TENANT, dek.key_id)
    with pytest.raises(KeyShredded):
        keyring.dek_for(TENANT, CUSTOMER)


def test_a_key_that_was_shredded_here_is_refused_at_once(keyring: Keyring) -> None:
    dek = keyring.dek_for(TENANT, CUSTOMER)
    assert keyring.shred(TENANT, CUSTOMER) == 1
    with pytest.raises(KeyShredded):
        keyring.dek(TENANT, dek.key_id)
    with pytest.raises(KeyShredded):
        keyring.dek_for(TENANT, CUSTOMER)


def test_keys_that_were_loaded_together_are_not_asked_for_again(
    keyring: Keyring, store: InMemoryKeyStore, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    deks = [keyring.dek_for(TENANT, f"customer-{number}") for number in range(3)]
    keyring.shred(TENANT, "customer-0")
    fresh = restarted(store, clock)
    fresh.load(TENANT, [*(dek.key_id for dek in deks), "no-such-key"])
    monkeypatch.setattr(store, "dek", lambda *_: None)  # whoever asks for one alone gets nothing
    assert [fresh.dek(TENANT, dek.key_id) for dek in deks[1:]] == [dek.key for dek in deks[1:]]
    with pytest.raises(KeyShredded):
        fresh.dek(TENANT, deks[0].key_id)
    with pytest.raises(KeyUnknown):
        fresh.dek(TENANT, "no-such-key")


@pytest.mark.parametrize("told", [TENANT, None])
def test_a_keyring_that_is_told_forgets_what_was_shredded_elsewhere(
    keyring: Keyring, store: InMemoryKeyStore, clock: FixedClock, told: str | None
) -> None:
    dek = keyring.dek_for(TENANT, CUSTOMER)
    restarted(store, clock).shred(TENANT, CUSTOMER)
    assert keyring.dek(TENANT, dek.key_id) == dek.key, "in memory, until it is told"
    keyring.forget(OTHER)
    assert keyring.dek(TENANT, dek.key_id) == dek.key
    keyring.forget(told)
    with pytest.raises(KeyShredded):
        keyring.dek(TENANT, dek.key_id)


def test_what_was_read_before_the_word_came_is_not_kept_after_it(
    keyring: Keyring, store: InMemoryKeyStore, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shredding and the word of it come while a slow reader is between its look and its cache."""
    key_id = restarted(store, clock).dek_for(TENANT, CUSTOMER).key_id
    real = store.dek

    def look_and_be_overtaken(tenant: str, wanted: str) -> WrappedKey | None:
        found = real(tenant, wanted)
        restarted(store, clock).shred(TENANT, CUSTOMER)
        keyring.forget(TENANT)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(store, "dek", look_and_be_overtaken)
        keyring.dek(TENANT, key_id)
    with pytest.raises(KeyShredded):
        keyring.dek(TENANT, key_id)


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "customer-somebody-else"},
        {"key_id": "0198c0de-0000-7000-8000-0000000000ff"},
        {"created_at": "2026-11-22T09:00:00.000001Z"},
        {"tenant": OTHER},
        {"algorithm": "AES-256-KWP"},
        {"wrapped_by": "0198c0de-0000-7000-8000-0000000000ff/1"},
        {"version": 2},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_wrapped_key_with_another_field_does_not_unwrap(
    keyring: Keyring, store: InMemoryKeyStore, clock: FixedClock, change: dict[str, Any]
) -> None:
    keyring.dek_for(TENANT, CUSTOMER)
    moved = replace(stored(store), **change)
    with pytest.raises(UnwrapFailed):
        restarted(store_with(moved, store), clock).dek_for(moved.tenant, moved.subject)


def test_an_algorithm_that_we_do_not_know_is_named(
    keyring: Keyring, store: InMemoryKeyStore, clock: FixedClock
) -> None:
    keyring.dek_for(TENANT, CUSTOMER)
    later = replace(stored(store), algorithm="AES-512-GCM")
    with pytest.raises(UnwrapFailed, match="AES-512-GCM"):
        restarted(store_with(later, store), clock).dek_for(TENANT, CUSTOMER)


def test_the_wrapping_is_bound_to_every_other_field() -> None:
    key = WrappedKey("k", "t", "s", 1, "w", "a", b"secret", "c", "d")
    names = {field.name for field in fields(key)} - {"wrapped"}
    assert key.aad() == (
        b'{"algorithm":"a","created_at":"c","key_id":"k","shredded_at":"d","subject":"s","tenant":"t",'
        b'"version":1,"wrapped_by":"w"}'
    )
    for name in names:
        changed: dict[str, Any] = {name: 2 if name == "version" else "x"}
        assert replace(key, **changed).aad() != key.aad()


@pytest.mark.parametrize("subject", ["customer-\u00e9", "customer-\n", "customer-\x7f"])
def test_a_field_that_is_not_plain_ascii_is_refused(keyring: Keyring, subject: str) -> None:
    with pytest.raises(ValueError, match="ASCII"):
        keyring.dek_for(TENANT, subject)


def test_another_kek_opens_nothing(keyring: Keyring, store: InMemoryKeyStore, clock: FixedClock) -> None:
    keyring.dek_for(TENANT, CUSTOMER)
    reference = KEK.newest().reference
    wrong = MemoryKek([AesWrappingKey(reference, bytes(32))])  # it even claims the right name
    with pytest.raises(UnwrapFailed):
        Keyring(wrong, store, clock).dek_for(TENANT, CUSTOMER)
    with pytest.raises(UnwrapFailed, match=reference):
        Keyring(MemoryKek.of(bytes(32)), store, clock).dek_for(TENANT, CUSTOMER)


def test_index_keys_are_stable_and_belong_to_one_tenant(
    keyring: Keyring, store: InMemoryKeyStore, clock: FixedClock
) -> None:
    key = keyring.index_key(TENANT)
    assert restarted(store, clock).index_key(TENANT) == key
    assert keyring.index_key(OTHER) != key
    assert key != keyring.dek_for(TENANT, TENANT_SUBJECT).key


def test_deks_are_listed_by_id_and_tenant(keyring: Keyring, store: InMemoryKeyStore) -> None:
    ids = [keyring.dek_for(TENANT, f"user-{number}").key_id for number in range(5)]
    keyring.dek_for(OTHER, CUSTOMER)
    assert [key.key_id for key in store.deks(TENANT)] == sorted(ids)


def test_no_key_shows_itself(keyring: Keyring, store: InMemoryKeyStore) -> None:
    dek = keyring.dek_for(TENANT, CUSTOMER)
    wrapped = stored(store)
    for shown in (repr(dek), str(dek), repr(KEK), repr(KEK.newest()), repr(wrapped)):
        for secret in (dek.key, KEK.newest().key, wrapped.wrapped):
            assert secret.hex() not in shown
            assert repr(secret) not in shown


def test_the_store_holds_no_key_in_the_clear(keyring: Keyring, store: InMemoryKeyStore) -> None:
    dek = keyring.dek_for(TENANT, CUSTOMER)
    assert isinstance(dek, Dek)
    assert dek.key not in stored(store).wrapped
