"""What every event store keeps to."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from shared.eventstore.entry import log_entry
from shared.eventstore.memory import InMemoryEventStore
from shared.eventstore.model import Appended, CommandId
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import EntryRefused, EventStore, IdempotencyConflict, VersionConflict
from shared.kernel.ids import new_id
from shared.merkle.tree import Frontier, leaf_hash, root_hash
from tests.contract.conftest import IMPLEMENTATIONS
from tests.sealed_events import sealed_event, sealed_events

COMMAND = CommandId("import-1", b"\x01" * 32)


@pytest.fixture(params=IMPLEMENTATIONS)
def store(request: pytest.FixtureRequest) -> EventStore:
    if request.param == "memory":
        return InMemoryEventStore()
    return PostgresEventStore(request.getfixturevalue("pool"))


@pytest.fixture
def tenant() -> str:
    return new_id()


def test_a_tenant_without_events_has_an_empty_log(store: EventStore, tenant: str) -> None:
    assert store.head(tenant).size == 0
    assert list(store.head(tenant).frontier) == []
    assert list(store.read_log(tenant)) == []
    assert list(store.read_stream(tenant, "invoice-1")) == []
    assert tenant not in store.tenants()


def test_what_was_appended_is_read_back(store: EventStore, tenant: str) -> None:
    event = sealed_event(tenant, "invoice-1", 1, digest="ab" * 32, sealed=bytes(range(256)), schema=7)
    assert store.append(tenant, [event], {"invoice-1": 0}) == Appended(0, 0, replayed=False)
    (stored,) = store.read_log(tenant)
    for name in ("tenant", "stream", "version", "id", "type", "schema", "at", "key", "digest", "sealed"):
        assert getattr(stored, name) == getattr(event, name)
    assert stored.position == 0
    assert stored.leaf_hash == leaf_hash(log_entry(event))
    assert tenant in store.tenants()


def test_one_batch_may_hold_several_streams(store: EventStore, tenant: str) -> None:
    store.append(tenant, [sealed_event(tenant, "series-1", 1)], {"series-1": 0})
    batch = [
        sealed_event(tenant, "invoice-1", 1),
        sealed_event(tenant, "series-1", 2),
        sealed_event(tenant, "invoice-1", 2),
    ]
    appended = store.append(tenant, batch, {"series-1": 1, "invoice-1": 0})
    assert appended == Appended(1, 3, replayed=False)
    assert [event.id for event in store.read_log(tenant, after=0)] == [event.id for event in batch]
    assert [event.position for event in store.read_stream(tenant, "invoice-1")] == [1, 3]
    assert [event.version for event in store.read_stream(tenant, "series-1")] == [1, 2]


@pytest.mark.parametrize("expected", [0, 1, 3])
def test_a_stream_at_another_version_is_a_conflict(store: EventStore, tenant: str, expected: int) -> None:
    store.append(tenant, sealed_events(tenant, "invoice-1", [1, 2]), {"invoice-1": 0})
    with pytest.raises(VersionConflict) as conflict:
        store.append(tenant, [sealed_event(tenant, "invoice-1", expected + 1)], {"invoice-1": expected})
    assert (conflict.value.stream, conflict.value.expected, conflict.value.actual) == ("invoice-1", expected, 2)


def test_one_conflict_refuses_the_whole_batch(store: EventStore, tenant: str) -> None:
    store.append(tenant, [sealed_event(tenant, "invoice-1", 1)], {"invoice-1": 0})
    before = store.head(tenant)
    batch = [sealed_event(tenant, "invoice-2", 1), sealed_event(tenant, "invoice-1", 1)]
    with pytest.raises(VersionConflict):
        store.append(tenant, batch, {"invoice-2": 0, "invoice-1": 0}, COMMAND)
    assert store.head(tenant) == before
    assert list(store.read_stream(tenant, "invoice-2")) == []
    assert store.find_command(tenant, COMMAND) is None


def test_a_stream_that_was_only_read_can_be_expected_too(store: EventStore, tenant: str) -> None:
    store.append(tenant, [sealed_event(tenant, "customer-1", 1)], {"customer-1": 0})
    event = sealed_event(tenant, "invoice-1", 1)
    with pytest.raises(VersionConflict):
        store.append(tenant, [event], {"invoice-1": 0, "customer-1": 0})
    assert store.append(tenant, [event], {"invoice-1": 0, "customer-1": 1}).first == 1


def test_a_retried_command_gets_its_first_result(store: EventStore, tenant: str) -> None:
    first = store.append(tenant, sealed_events(tenant, "invoice-1", [1, 2]), {"invoice-1": 0}, COMMAND)
    again = store.append(tenant, sealed_events(tenant, "invoice-1", [1, 2]), {"invoice-1": 0}, COMMAND)
    assert (first, again) == (Appended(0, 1, replayed=False), Appended(0, 1, replayed=True))
    assert store.find_command(tenant, COMMAND) == again
    assert store.head(tenant).size == 2


def test_a_retry_is_answered_before_versions_are_compared(store: EventStore, tenant: str) -> None:
    store.append(tenant, [sealed_event(tenant, "invoice-1", 1)], {"invoice-1": 0}, COMMAND)
    store.append(tenant, [sealed_event(tenant, "invoice-1", 2)], {"invoice-1": 1})
    # The stream has moved on, so the same expectation would be a conflict for any other command.
    again = store.append(tenant, [sealed_event(tenant, "invoice-1", 1)], {"invoice-1": 0}, COMMAND)
    assert again == Appended(0, 0, replayed=True)


def test_an_idempotency_key_serves_one_request(store: EventStore, tenant: str) -> None:
    store.append(tenant, [sealed_event(tenant, "invoice-1", 1)], {"invoice-1": 0}, COMMAND)
    other = CommandId(COMMAND.key, b"\x02" * 32)
    with pytest.raises(IdempotencyConflict):
        store.append(tenant, [sealed_event(tenant, "invoice-2", 1)], {"invoice-2": 0}, other)
    with pytest.raises(IdempotencyConflict):
        store.find_command(tenant, other)
    assert store.head(tenant).size == 1


def test_an_idempotency_key_is_the_tenants_own(store: EventStore, tenant: str) -> None:
    store.append(tenant, [sealed_event(tenant, "invoice-1", 1)], {"invoice-1": 0}, COMMAND)
    other = new_id()
    assert store.find_command(other, COMMAND) is None
    assert not store.append(other, [sealed_event(other, "invoice-1", 1)], {"invoice-1": 0}, COMMAND).replayed


def test_tenants_do_not_see_each_other(store: EventStore, tenant: str) -> None:
    other = new_id()
    store.append(tenant, sealed_events(tenant, "invoice-1", [1, 2]), {"invoice-1": 0})
    store.append(other, [sealed_event(other, "invoice-1", 1)], {"invoice-1": 0})
    assert [event.tenant for event in store.read_log(other)] == [other]
    assert [event.tenant for event in store.read_stream(tenant, "invoice-1")] == [tenant, tenant]
    assert (store.head(tenant).size, store.head(other).size) == (2, 1)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"version": 2}, {"invoice-1": 0}),
        ({"version": 1}, {"invoice-1": 1}),
        ({"version": 1}, {"invoice-2": 0}),
        ({"version": 1, "tenant": "019aa0e5-1111-7000-8000-000000000001"}, {"invoice-1": 0}),
        ({"version": 1, "type": "not a type"}, {"invoice-1": 0}),
        ({"version": 1, "digest": ""}, {"invoice-1": 0}),
    ],
)
def test_a_batch_that_does_not_hold_together_is_refused(
    store: EventStore, tenant: str, changes: dict[str, Any], expected: dict[str, int]
) -> None:
    event = structs.replace(sealed_event(tenant, "invoice-1", 1), **changes)
    with pytest.raises(EntryRefused):
        store.append(tenant, [event], expected)
    assert store.head(tenant).size == 0


def test_an_empty_batch_is_refused(store: EventStore, tenant: str) -> None:
    with pytest.raises(EntryRefused):
        store.append(tenant, [], {})


@pytest.mark.parametrize("command", [CommandId("", bytes(32)), CommandId("k" * 201, bytes(32)), CommandId("k", b"")])
def test_a_malformed_command_is_refused(store: EventStore, tenant: str, command: CommandId) -> None:
    with pytest.raises(EntryRefused):
        store.append(tenant, [sealed_event(tenant, "invoice-1", 1)], {"invoice-1": 0}, command)
    with pytest.raises(EntryRefused):
        store.find_command(tenant, command)


def test_an_event_id_is_used_once(store: EventStore, tenant: str) -> None:
    event = sealed_event(tenant, "invoice-1", 1)
    store.append(tenant, [event], {"invoice-1": 0})
    with pytest.raises(EntryRefused):
        store.append(tenant, [sealed_event(tenant, "invoice-1", 2, id=event.id)], {"invoice-1": 1})
    assert store.head(tenant).size == 1


def test_a_refused_append_leaves_no_hole(store: EventStore, tenant: str) -> None:
    store.append(tenant, [sealed_event(tenant, "invoice-1", 1)], {"invoice-1": 0})
    with pytest.raises(VersionConflict):
        store.append(tenant, [sealed_event(tenant, "invoice-1", 1)], {"invoice-1": 0})
    store.append(tenant, [sealed_event(tenant, "invoice-1", 2)], {"invoice-1": 1})
    assert [event.position for event in store.read_log(tenant)] == [0, 1]


def test_reading_goes_on_where_it_stopped(store: EventStore, tenant: str) -> None:
    store.append(tenant, sealed_events(tenant, "invoice-1", range(1, 1203)), {"invoice-1": 0})

    def positions(after: int, limit: int | None) -> list[int]:
        return [event.position for event in store.read_log(tenant, after, limit)]

    assert positions(-1, None) == list(range(1202))
    assert positions(-1, 0) == []
    assert positions(-1, 1) == [0]
    assert positions(99, 3) == [100, 101, 102]
    assert positions(10, 1001) == list(range(11, 1012))
    assert positions(1200, 500) == [1201]
    assert positions(1201, None) == []
    assert [event.version for event in store.read_stream(tenant, "invoice-1")] == list(range(1, 1203))


def test_the_log_is_read_as_of_a_position(store: EventStore, tenant: str) -> None:
    store.append(tenant, sealed_events(tenant, "invoice-1", range(1, 1203)), {"invoice-1": 0})
    assert [event.position for event in store.read_log(tenant, upto=1001)] == list(range(1002))
    assert [event.position for event in store.read_log(tenant, 999, upto=1001)] == [1000, 1001]
    assert [event.position for event in store.read_log(tenant, 5, 2, upto=1001)] == [6, 7]
    assert list(store.read_log(tenant, upto=-1)) == []
    assert len(list(store.read_log(tenant, upto=5000))) == 1202


def test_a_stream_is_read_as_of_a_position(store: EventStore, tenant: str) -> None:
    for version in range(1, 4):
        batch = [sealed_event(tenant, "invoice-1", version), sealed_event(tenant, "invoice-2", version)]
        store.append(tenant, batch, {"invoice-1": version - 1, "invoice-2": version - 1})
    assert [event.version for event in store.read_stream(tenant, "invoice-2", upto=3)] == [1, 2]
    assert [event.version for event in store.read_stream(tenant, "invoice-2", upto=4)] == [1, 2]
    assert list(store.read_stream(tenant, "invoice-2", upto=0)) == []


def moment(second: int) -> str:
    return f"2026-11-22T09:{second // 60:02}:{second % 60:02}.000000Z"


def test_a_log_without_events_stood_nowhere_at_any_instant(store: EventStore, tenant: str) -> None:
    assert store.position_at(tenant, moment(0)) == -1


def test_an_instant_has_the_position_that_was_last_then(store: EventStore, tenant: str) -> None:
    events = [sealed_event(tenant, "invoice-1", n, at=moment(second)) for n, second in enumerate([5, 5, 7], start=1)]
    store.append(tenant, events, {"invoice-1": 0})
    assert [store.position_at(tenant, moment(second)) for second in (4, 5, 6, 7, 8)] == [-1, 1, 1, 2, 2]


def test_an_event_of_a_clock_that_stepped_back_is_not_seen_before_those_it_stands_behind(
    store: EventStore, tenant: str
) -> None:
    events = [sealed_event(tenant, "invoice-1", n, at=moment(second)) for n, second in enumerate([5, 9, 6], start=1)]
    store.append(tenant, events, {"invoice-1": 0})
    assert [store.position_at(tenant, moment(second)) for second in (5, 6, 8, 9)] == [0, 0, 0, 2]


@pytest.mark.parametrize(
    "instant", ["", "2026-11-22", "2026-13-22T09:00:00.000000Z", "2026-11-22T10:00:00.000000+01:00"]
)
def test_an_instant_that_is_not_spelled_as_in_the_log_is_refused(store: EventStore, tenant: str, instant: str) -> None:
    with pytest.raises(EntryRefused):
        store.position_at(tenant, instant)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), sizes=st.lists(st.integers(1, 300), min_size=1, max_size=5))
def test_the_position_of_an_instant_is_found_across_tiles(
    store: EventStore, data: st.DataObject, sizes: list[int]
) -> None:
    tenant = new_id()
    # Mostly forward, sometimes back: as clocks of several machines do.
    seconds = [max(0, n + data.draw(st.integers(-40, 3))) if n % 7 == 0 else n for n in range(sum(sizes))]
    events = [sealed_event(tenant, "invoice-1", n, at=moment(second)) for n, second in enumerate(seconds, start=1)]
    done = 0
    for size in sizes:
        store.append(tenant, events[done : done + size], {"invoice-1": done})
        done += size
    for instant in data.draw(st.lists(st.integers(0, sum(sizes)), min_size=1, max_size=5)):
        later = [position for position, second in enumerate(seconds) if second > instant]
        assert store.position_at(tenant, moment(instant)) == min(later, default=sum(sizes)) - 1


@pytest.mark.parametrize("sizes", [[255], [256], [257], [1, 254, 1], [255, 2], [256, 256], [1, 600, 300], [700]])
def test_tiles_hold_the_leaves_as_soon_as_they_are_full(store: EventStore, tenant: str, sizes: list[int]) -> None:
    version, leaves = 0, []
    for size in sizes:
        batch = sealed_events(tenant, "invoice-1", range(version + 1, version + size + 1))
        store.append(tenant, batch, {"invoice-1": version})
        version += size
        leaves += [leaf_hash(log_entry(event)) for event in batch]
    full = len(leaves) // 256
    tiles = [leaves[256 * index : 256 * (index + 1)] for index in range(full)]
    assert [store.full_tile(tenant, 0, index) for index in range(full + 1)] == [*map(b"".join, tiles), None]
    assert store.full_tile(tenant, 1, 0) is None
    assert list(store.tile_roots(tenant, 0, 0, 256)) == [root_hash(tile) for tile in tiles]
    assert list(store.tile_roots(tenant, 0, 1, 1)) == [root_hash(tile) for tile in tiles[1:2]]
    assert list(store.leaf_hashes(tenant, 250, 10)) == leaves[250:260]
    assert list(store.leaf_hashes(tenant, len(leaves), 10)) == []
    frontier = Frontier()
    for leaf in leaves:
        frontier = frontier.push(leaf)
    head = store.head(tenant)
    assert (head.size, tuple(head.frontier)) == (frontier.size, frontier.subtrees)


def test_tiles_are_the_tenants_own(store: EventStore, tenant: str) -> None:
    store.append(tenant, sealed_events(tenant, "invoice-1", range(1, 257)), {"invoice-1": 0})
    other = new_id()
    assert store.full_tile(other, 0, 0) is None
    assert list(store.tile_roots(other, 0, 0, 1)) == []
    assert list(store.leaf_hashes(other, 0, 1)) == []


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 20), min_size=1, max_size=8))
def test_the_frontier_is_the_one_of_the_tree(store: EventStore, sizes: list[int]) -> None:
    tenant, version, frontier = new_id(), 0, Frontier()
    for size in sizes:
        batch = sealed_events(tenant, "invoice-1", range(version + 1, version + size + 1))
        store.append(tenant, batch, {"invoice-1": version})
        version += size
        for event in batch:
            frontier = frontier.push(leaf_hash(log_entry(event)))
        head = store.head(tenant)
        assert (head.size, tuple(head.frontier)) == (frontier.size, frontier.subtrees)


def in_threads(count: int, work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_of_two_racing_appends_to_a_stream_one_wins(store: EventStore, tenant: str) -> None:
    outcomes: list[str] = []
    start = threading.Barrier(8)

    def race(_: int) -> None:
        event = sealed_event(tenant, "invoice-1", 1)
        start.wait()
        try:
            store.append(tenant, [event], {"invoice-1": 0})
            outcomes.append("appended")
        except VersionConflict:
            outcomes.append("conflict")

    in_threads(8, race)
    assert sorted(outcomes) == ["appended", *["conflict"] * 7]
    assert store.head(tenant).size == 1


def test_a_command_that_races_with_itself_happens_once(store: EventStore, tenant: str) -> None:
    results: list[Appended] = []
    start = threading.Barrier(8)

    def race(number: int) -> None:
        # Another stream each time: only the idempotency key holds them together.
        event = sealed_event(tenant, f"invoice-{number}", 1)
        start.wait()
        results.append(store.append(tenant, [event], {event.stream: 0}, COMMAND))

    in_threads(8, race)
    assert sorted(result.replayed for result in results) == [False, *[True] * 7]
    assert {(result.first, result.last) for result in results} == {(0, 0)}


def test_many_writers_leave_a_dense_log_and_a_true_frontier(store: EventStore, tenant: str) -> None:
    def write(number: int) -> None:
        stream = f"invoice-{number}"
        for version in range(0, 30, 3):
            store.append(tenant, sealed_events(tenant, stream, [version + n for n in (1, 2, 3)]), {stream: version})

    in_threads(8, write)
    frontier, positions = Frontier(), []
    for event in store.read_log(tenant):
        positions.append(event.position)
        frontier = frontier.push(leaf_hash(log_entry(event)))
    assert positions == list(range(240))
    head = store.head(tenant)
    assert (head.size, tuple(head.frontier)) == (240, frontier.subtrees)
    for number in range(8):
        assert [event.version for event in store.read_stream(tenant, f"invoice-{number}")] == list(range(1, 31))
