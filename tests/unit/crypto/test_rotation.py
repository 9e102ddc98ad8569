"""Rotation of every level: what opened before opens afterwards, and an interrupted one is finished by the next."""

from datetime import UTC, datetime
from functools import partial

import pytest

from shared.crypto import rotation
from shared.crypto.kek import AesWrappingKey, MemoryKek, UnwrapFailed
from shared.crypto.key_store import WrappedKey
from shared.crypto.keyring import TENANT_SUBJECT, Keyring, KeyShredded, KeyUnknown
from shared.crypto.memory_key_store import InMemoryKeyStore
from shared.crypto.rotation import IndexKeyFixed, KeyRotation
from shared.crypto.wrapping import new_wrapped_key, unwrapped
from shared.kernel.clock import FixedClock
from shared.kernel.ids import new_id

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
CLOCK = FixedClock(datetime(2026, 11, 22, 9, tzinfo=UTC))
CUSTOMERS = [f"customer-{number}" for number in range(7)]


class Killed(BaseException):
    """The process ends here."""


class Fixture:
    """One tenant with a DEK for each customer, and what they were before anything was rotated."""

    def __init__(self) -> None:
        self.tenant = new_id()
        self.store = InMemoryKeyStore()
        self.keyring(OLD).create_tenant(self.tenant)
        keyring = self.keyring(OLD)
        self.before = {dek.key_id: dek.key for dek in (keyring.dek_for(self.tenant, name) for name in CUSTOMERS)}

    def keyring(self, *versions: bytes) -> Keyring:
        """A keyring of a process that remembers nothing."""
        return Keyring(MemoryKek.of(*versions), self.store, CLOCK)

    def rotation(self, *versions: bytes) -> KeyRotation:
        return KeyRotation(MemoryKek.of(*versions), self.store, CLOCK)

    def opened(self, *versions: bytes) -> dict[str, bytes]:
        keyring = self.keyring(*versions)
        return {key_id: keyring.dek(self.tenant, key_id) for key_id in self.before}

    def live_tenant_keys(self) -> list[WrappedKey]:
        return [key for key in self.store.tenant_keys(self.tenant) if key.shredded_at is None]


@pytest.fixture
def it() -> Fixture:
    return Fixture()


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "BATCH", 3)


def test_after_a_rotation_of_the_kek_the_old_version_is_not_needed(it: Fixture) -> None:
    assert it.rotation(NEW, OLD).rotate_kek(it.tenant) == 1
    assert it.opened(NEW) == it.before
    with pytest.raises(UnwrapFailed):
        it.opened(OLD)
    assert it.rotation(NEW, OLD).rotate_kek(it.tenant) == 0


def test_a_kek_that_lacks_the_old_version_rotates_nothing(it: Fixture) -> None:
    with pytest.raises(UnwrapFailed):
        it.rotation(NEW).rotate_kek(it.tenant)
    assert it.opened(OLD) == it.before


def test_a_rotation_of_the_tenant_key_wraps_every_dek_again(it: Fixture) -> None:
    steps: list[int] = []
    assert it.rotation(OLD).rotate_tenant_key(it.tenant, steps.append) == len(CUSTOMERS)
    assert steps == [3, 3, 1]
    newest, first = it.store.tenant_keys(it.tenant)
    assert {dek.wrapped_by for dek in it.store.deks(it.tenant)} == {newest.reference}
    assert (newest.version, first.wrapped) == (2, b"")
    assert it.opened(OLD) == it.before


def test_a_running_process_goes_on_through_a_rotation_of_the_tenant_key(it: Fixture) -> None:
    running = it.keyring(OLD)
    running.dek_for(it.tenant, CUSTOMERS[0])  # holds the tenant key by now
    it.rotation(OLD).rotate_tenant_key(it.tenant)
    assert {key_id: running.dek(it.tenant, key_id) for key_id in it.before} == it.before
    assert running.dek_for(it.tenant, "customer-new").key_id not in it.before
    assert list(it.store.outdated_deks(it.tenant, 1)) == []


def test_a_key_that_is_wrapped_again_while_it_is_being_read_opens_all_the_same(
    it: Fixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_id = next(iter(it.before))
    early = it.store.dek(it.tenant, key_id)
    real, looks = it.store.dek, iter([early])
    it.rotation(OLD).rotate_tenant_key(it.tenant)
    monkeypatch.setattr(it.store, "dek", lambda *place: next(looks, None) or real(*place))
    assert it.keyring(OLD).dek(it.tenant, key_id) == it.before[key_id]


@pytest.mark.parametrize("batches", [0, 1, 2, 3])
def test_a_killed_rotation_is_finished_by_the_next(it: Fixture, monkeypatch: pytest.MonkeyPatch, batches: int) -> None:
    """Killed after so many batches; after the last one only the old key was left to be destroyed."""
    real, left = it.store.rewrap_deks, iter(range(batches))

    def rewrap(tenant: str, changes: list[tuple[WrappedKey, WrappedKey]]) -> int:
        if next(left, None) is None:
            raise Killed
        return real(tenant, changes)

    def retire(*_: object) -> int:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(it.store, "rewrap_deks", rewrap)
        patched.setattr(it.store, "retire_tenant_keys", retire)
        with pytest.raises(Killed):
            it.rotation(OLD).rotate_tenant_key(it.tenant)
    assert it.opened(OLD) == it.before
    assert len(it.live_tenant_keys()) == 2
    assert it.rotation(OLD).rotate_tenant_key(it.tenant) == len(CUSTOMERS) - min(3 * batches, len(CUSTOMERS))
    (left_over,) = it.live_tenant_keys()
    assert left_over.version == 2, "the same rotation, not another one"
    assert it.opened(OLD) == it.before


def test_a_rotation_overtaken_by_another_goes_on_under_its_key(it: Fixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between reading and writing a batch, somebody else makes the next version."""
    real = it.store.rewrap_deks
    overtakers = iter([it.rotation(OLD)])

    def rewrap(tenant: str, changes: list[tuple[WrappedKey, WrappedKey]]) -> int:
        for overtaker in overtakers:
            by, clock = overtaker.kek.newest(), overtaker.clock
            added = it.store.add_tenant_key(partial(new_wrapped_key, tenant, "tenant-key", 3, by=by, clock=clock))
            assert added.version == 3
        return real(tenant, changes)

    monkeypatch.setattr(it.store, "rewrap_deks", rewrap)
    it.rotation(OLD).rotate_tenant_key(it.tenant)
    (left_over,) = it.live_tenant_keys()
    assert left_over.version == 3
    assert it.opened(OLD) == it.before


def test_a_dek_whose_tenant_key_is_lost_stops_the_rotation_and_is_named(it: Fixture) -> None:
    lost = next(it.store.deks(it.tenant))
    it.store._deks[it.tenant, lost.key_id] = WrappedKey(
        lost.key_id, lost.tenant, lost.subject, 1, f"{new_id()}/1", lost.algorithm, lost.wrapped, lost.created_at
    )
    with pytest.raises(UnwrapFailed, match=lost.key_id):
        it.rotation(OLD).rotate_tenant_key(it.tenant)


def test_a_new_dek_seals_and_the_old_one_still_opens(it: Fixture) -> None:
    first = it.keyring(OLD).dek_for(it.tenant, CUSTOMERS[0])
    key_id = it.rotation(OLD).rotate_dek(it.tenant, CUSTOMERS[0])
    after = it.keyring(OLD)
    assert after.dek_for(it.tenant, CUSTOMERS[0]).key_id == key_id != first.key_id
    assert after.dek(it.tenant, first.key_id) == first.key


def test_every_version_goes_with_the_subject(it: Fixture) -> None:
    old = it.keyring(OLD).dek_for(it.tenant, CUSTOMERS[0]).key_id
    new = it.rotation(OLD).rotate_dek(it.tenant, CUSTOMERS[0])
    keyring = it.keyring(OLD)
    assert keyring.dek_for(it.tenant, CUSTOMERS[0]).key_id == new
    assert keyring.shred(it.tenant, CUSTOMERS[0]) == 2
    assert keyring.shred(it.tenant, CUSTOMERS[0]) == 0
    for attempt in (
        lambda: keyring.dek(it.tenant, old),
        lambda: keyring.dek(it.tenant, new),
        lambda: keyring.dek_for(it.tenant, CUSTOMERS[0]),
        lambda: it.rotation(OLD).rotate_dek(it.tenant, CUSTOMERS[0]),
    ):
        with pytest.raises(KeyShredded):
            attempt()


def test_what_was_shredded_does_not_stop_a_rotation(it: Fixture) -> None:
    it.keyring(OLD).shred(it.tenant, CUSTOMERS[0])
    assert it.rotation(OLD).rotate_tenant_key(it.tenant) == len(CUSTOMERS) - 1
    assert len(it.live_tenant_keys()) == 1


def test_the_index_key_keeps_its_version(it: Fixture) -> None:
    before = it.keyring(OLD).index_key(it.tenant)
    with pytest.raises(IndexKeyFixed):
        it.rotation(OLD).rotate_dek(it.tenant, "index")
    it.rotation(OLD).rotate_tenant_key(it.tenant)
    assert it.keyring(OLD).index_key(it.tenant) == before


def test_who_has_no_key_has_nothing_to_rotate(it: Fixture) -> None:
    with pytest.raises(KeyUnknown):
        it.rotation(OLD).rotate_dek(it.tenant, TENANT_SUBJECT)
    for rotate in (it.rotation(OLD).rotate_kek, it.rotation(OLD).rotate_tenant_key):
        with pytest.raises(KeyUnknown):
            rotate(new_id())


class Remains:
    """What somebody kept of the keyring before a shredding: dead rows, WAL, an old backup. Wrapped bytes, no KEK."""

    def __init__(self, it: Fixture, subject: str) -> None:
        dek = it.store.newest_dek(it.tenant, subject)
        assert dek is not None
        self._dek, self._tenant_keys = dek, list(it.store.tenant_keys(it.tenant))

    def open(self, it: Fixture, *versions: bytes) -> bytes:
        """Try with all that was kept, all that is there now, and these versions of the KEK."""
        kek = MemoryKek.of(*versions)
        problem: UnwrapFailed | KeyShredded | None = None
        for tenant_key in [*self._tenant_keys, *it.store.tenant_keys(it.tenant)]:
            try:
                opened = unwrapped(tenant_key, kek.version(tenant_key.wrapped_by))
                return unwrapped(self._dek, AesWrappingKey(tenant_key.reference, opened))
            except (UnwrapFailed, KeyShredded) as refused:
                problem = refused
        assert problem is not None
        raise problem


def test_remains_of_a_shredded_key_are_useless_once_tenant_key_and_kek_were_rotated(it: Fixture) -> None:
    remains = Remains(it, CUSTOMERS[0])
    it.keyring(OLD).shred(it.tenant, CUSTOMERS[0])
    assert remains.open(it, OLD) in it.before.values(), "which is why shredding alone is not the end"
    it.rotation(NEW, OLD).rotate_kek(it.tenant)
    assert remains.open(it, NEW, OLD) in it.before.values(), "the tenant key itself is still the same"
    it.rotation(NEW, OLD).rotate_tenant_key(it.tenant)
    with pytest.raises((UnwrapFailed, KeyShredded)):
        remains.open(it, NEW)  # the old version of the KEK is gone from its file
    assert it.keyring(NEW).dek_for(it.tenant, CUSTOMERS[1]).key in it.before.values()
