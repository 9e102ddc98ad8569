"""What every event store keeps to when events are appended, by one writer or by many."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import structs

from shared.eventstore.entry import log_entry
from shared.eventstore.model import Appended, CommandId
from shared.eventstore.store import EntryRefused, EventStore, IdempotencyConflict, VersionConflict
from shared.kernel.ids import new_id
from shared.merkle.tree import Frontier, leaf_hash
from tests.sealed_events import sealed_event, sealed_events

COMMAND = CommandId("import-1", b"\x01" * 32)


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


def test_a_stream_may_be_called_null(store: EventStore, tenant: str) -> None:
    events = [sealed_event(tenant, "null", 1, type="Null"), sealed_event(tenant, "invoice-1", 1)]
    store.append(tenant, events, {"null": 0, "invoice-1": 0})
    assert next(iter(store.read_log(tenant))).stream == "null"


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
