"""What every event store keeps to when it is read: its pages, its log as of an instant, its tiles and its frontier."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.eventstore.entry import log_entry
from shared.eventstore.store import EntryRefused, EventStore
from shared.kernel.ids import new_id
from shared.merkle.tree import Frontier, leaf_hash, root_hash
from tests.sealed_events import sealed_event, sealed_events


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


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
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


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
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
