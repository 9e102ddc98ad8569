"""Snapshots save work and never change what a fold gives: over both stores."""

from dataclasses import replace

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.crypto.keyring import Keyring, KeyShredded
from shared.crypto.memory_key_store import InMemoryKeyStore
from shared.eventstore.log import TenantLog
from shared.eventstore.memory import InMemoryEventStore
from shared.eventstore.model import NewEvent, RecordedEvent
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.postgres_snapshots import PostgresSnapshots
from shared.eventstore.registry import EventRegistry
from shared.eventstore.snapshots import Fold, InMemorySnapshots, Snapshots, SnapshotStore, StoredSnapshot
from shared.eventstore.store import EventStore
from shared.kernel.ids import new_id
from tests.contract.conftest import IMPLEMENTATIONS
from tests.keyrings import CLOCK, keyring_over

STREAM = "account-1"
AMOUNTS: Fold[tuple[int, ...]] = Fold(
    name="amounts",
    schema=1,
    empty=(),
    step=lambda state, event: (*state, int(str(event.payload["amount"]))),
    to_payload=lambda state: {"amounts": list(state)},
    from_payload=lambda payload: tuple(payload["amounts"]),  # type: ignore[arg-type]  # as written above
)


class CountingLog(TenantLog):
    """Knows how many events were read to fold."""

    read_events = 0

    def load(self, tenant: str, stream: str, after: int = 0, limit: int | None = None) -> list[RecordedEvent]:
        events = super().load(tenant, stream, after, limit)
        self.read_events += len(events)
        return events


class Account:
    """One tenant with one stream, and snapshots every third event."""

    def __init__(self, events: EventStore, rows: SnapshotStore) -> None:
        self.tenant, self.rows = new_id(), rows
        self.keys = InMemoryKeyStore()
        self.keyring = keyring_over(self.keys)
        self.keyring.create_tenant(self.tenant)
        self.log = self.log_over(events, self.keyring)
        self.snapshots = self.snapshots_of(self.log)

    @staticmethod
    def log_over(events: EventStore, keyring: Keyring) -> CountingLog:
        return CountingLog(events, keyring, EventRegistry({"AmountAdded": 1}), CLOCK)

    def snapshots_of(self, log: TenantLog) -> Snapshots:
        return Snapshots(self.rows, log, self.keyring, every=3)

    def add(self, *amounts: int, subject: str = "tenant", log: TenantLog | None = None) -> None:
        log = log or self.log
        events = [NewEvent(STREAM, "AmountAdded", 1, {"amount": amount}, subject) for amount in amounts]
        log.append(self.tenant, events, {STREAM: log.version(self.tenant, STREAM)})

    def load(self, fold: Fold[tuple[int, ...]] = AMOUNTS) -> tuple[tuple[int, ...], int]:
        return self.snapshots.load(self.tenant, STREAM, fold)

    def kept(self) -> StoredSnapshot:
        kept = self.rows.get(self.tenant, STREAM, AMOUNTS.name)
        assert kept is not None
        return kept


@pytest.fixture(params=IMPLEMENTATIONS)
def stores(request: pytest.FixtureRequest) -> tuple[EventStore, SnapshotStore]:
    if request.param == "memory":
        return InMemoryEventStore(), InMemorySnapshots()
    pool = request.getfixturevalue("pool")
    return PostgresEventStore(pool), PostgresSnapshots(pool)


@pytest.fixture
def account(stores: tuple[EventStore, SnapshotStore]) -> Account:
    return Account(*stores)


# Each example is a tenant of its own, so it is no matter that all of them share the stores.
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(batches=st.lists(st.lists(st.integers(-9, 9), min_size=1, max_size=7), max_size=5))
def test_with_snapshots_or_without_a_fold_is_the_same(
    stores: tuple[EventStore, SnapshotStore], batches: list[list[int]]
) -> None:
    account = Account(*stores)
    for count, batch in enumerate(batches, 1):
        account.add(*batch)
        plain = tuple(amount for each in batches[:count] for amount in each)
        assert account.load() == (plain, len(plain))
        assert account.load() == (plain, len(plain))


def test_a_stream_that_does_not_exist_is_empty(account: Account) -> None:
    assert account.load() == ((), 0)


def test_a_fold_begins_at_its_snapshot(account: Account) -> None:
    account.add(1, 2, 3, 4)
    account.load()
    account.add(5)
    account.log.read_events = 0
    assert account.load() == ((1, 2, 3, 4, 5), 5)
    assert account.log.read_events == 2  # the one that the snapshot ends with, and the new one


def test_few_events_are_not_worth_a_snapshot(account: Account) -> None:
    account.add(1, 2)
    account.load()
    assert account.rows.get(account.tenant, STREAM, AMOUNTS.name) is None


def test_a_snapshot_shows_nothing(account: Account) -> None:
    account.add(271828, 271828, 271828)
    account.load()
    assert b"271828" not in account.kept().sealed


def test_a_snapshot_that_is_ahead_of_the_log_is_not_believed(account: Account) -> None:
    """As after a restore of an older backup beside a read schema that was left in place."""
    account.add(1, 2, 3, 4)
    account.load()
    older = account.log_over(InMemoryEventStore(), account.keyring)
    account.add(1, 2, log=older)
    assert account.snapshots_of(older).load(account.tenant, STREAM, AMOUNTS) == ((1, 2), 2)


def test_a_snapshot_of_another_history_is_not_believed_and_is_replaced(account: Account) -> None:
    account.add(1, 2, 3)
    account.load()
    other = account.log_over(InMemoryEventStore(), account.keyring)
    account.add(7, 8, 9, 10, log=other)
    assert account.snapshots_of(other).load(account.tenant, STREAM, AMOUNTS) == ((7, 8, 9, 10), 4)
    assert account.kept().version == 4


@pytest.mark.parametrize(
    "wrong",
    [{"sealed": b"\x01" * 200}, {"version": 2}, {"key": "019aa0e5-0000-7000-8000-00000000000a"}],
    ids=["unreadable", "renumbered", "of an unknown key"],
)
def test_a_snapshot_that_does_not_open_is_ignored_and_replaced(account: Account, wrong: dict[str, object]) -> None:
    account.add(1, 2, 3)
    account.load()
    account.rows.put(replace(account.kept(), **wrong))  # type: ignore[arg-type]  # what somebody with the database does
    with structlog.testing.capture_logs() as logged:
        assert account.load() == ((1, 2, 3), 3)
        assert account.load() == ((1, 2, 3), 3)
    assert [line["event"] for line in logged] == ["snapshot_ignored"]


def test_a_snapshot_of_an_older_fold_is_replaced(account: Account) -> None:
    account.add(1, 2, 3)
    account.load()
    newer = replace(AMOUNTS, schema=2, step=lambda state, event: (*state, -int(str(event.payload["amount"]))))
    assert account.load(newer) == ((-1, -2, -3), 3)
    assert account.kept().schema == 2


def test_when_a_key_is_gone_the_snapshot_tells_no_more_than_the_events(account: Account) -> None:
    account.add(1, 2, subject="customer-1")
    account.add(3)
    account.load()
    assert account.kept().version == 3
    account.keyring.shred(account.tenant, "customer-1")
    with pytest.raises(KeyShredded):
        account.load()


def test_another_tenant_has_no_snapshot_of_it(account: Account, stores: tuple[EventStore, SnapshotStore]) -> None:
    account.add(1, 2, 3)
    account.load()
    assert stores[1].get(new_id(), STREAM, AMOUNTS.name) is None
