"""What every event store keeps to when several things are asked in one look: what commands decide on, and receipts."""

import pytest

from shared.eventstore.entry import log_entry
from shared.eventstore.model import Appended, CommandId
from shared.eventstore.store import EventStore, IdempotencyConflict
from shared.kernel.ids import new_id
from shared.merkle.tree import Frontier, inclusion_proof, leaf_hash, root_hash
from tests.sealed_events import sealed_event, sealed_events

COMMAND = CommandId("issue-1", bytes(32))


def test_one_look_is_what_single_questions_find(store: EventStore, tenant: str) -> None:
    for version in range(1, 4):
        batch = [sealed_event(tenant, "invoice-1", version), sealed_event(tenant, "series-1", version)]
        store.append(tenant, batch, {"invoice-1": version - 1, "series-1": version - 1})
    store.append(tenant, [sealed_event(tenant, "customer-1", 1)], {"customer-1": 0}, COMMAND)

    seen = store.look(tenant, ["invoice-1", "customer-1", "invoice-2"], ["series-1", "series-2"], COMMAND)

    assert seen.streams == {
        "invoice-1": list(store.read_stream(tenant, "invoice-1")),
        "customer-1": list(store.read_stream(tenant, "customer-1")),
        "invoice-2": [],
    }
    assert seen.versions == {"series-1": 3, "series-2": 0}
    assert seen.earlier == Appended(6, 6, replayed=True)


def test_a_look_finds_what_it_is_asked_for_and_nothing_else(store: EventStore, tenant: str) -> None:
    store.append(tenant, [sealed_event(tenant, "invoice-1", 1)], {"invoice-1": 0}, COMMAND)
    seen = store.look(tenant, ["invoice-2"])
    assert (seen.streams, seen.versions, seen.earlier) == ({"invoice-2": []}, {}, None)
    assert store.look(tenant, [], command=CommandId("issue-2", bytes(32))).earlier is None


def test_a_look_sees_no_other_tenant(store: EventStore, tenant: str) -> None:
    store.append(tenant, [sealed_event(tenant, "invoice-1", 1)], {"invoice-1": 0}, COMMAND)
    seen = store.look(new_id(), ["invoice-1"], ["invoice-1"], COMMAND)
    assert (seen.streams, seen.versions, seen.earlier) == ({"invoice-1": []}, {"invoice-1": 0}, None)


def test_a_look_refuses_the_key_of_another_request(store: EventStore, tenant: str) -> None:
    store.append(tenant, [sealed_event(tenant, "invoice-1", 1)], {"invoice-1": 0}, COMMAND)
    with pytest.raises(IdempotencyConflict):
        store.look(tenant, ["invoice-1"], command=CommandId(COMMAND.key, b"\x01" * 32))


def test_the_edge_of_a_tree_proves_its_last_leaf(store: EventStore, tenant: str) -> None:
    store.append(tenant, sealed_events(tenant, "invoice-1", range(1, 701)), {"invoice-1": 0})
    events = list(store.read_log(tenant))
    leaves = [leaf_hash(log_entry(event)) for event in events]
    for size in (1, 2, 255, 256, 257, 511, 512, 513, 700):
        edge = store.edge(tenant, size)
        assert edge is not None
        assert edge.last == events[size - 1]
        assert list(edge.before[::-1]) == inclusion_proof(leaves, size - 1, size)
        assert Frontier(size - 1, tuple(edge.before)).push(leaves[size - 1]).root() == root_hash(leaves[:size])


def test_a_tree_that_the_log_has_not_reached_has_no_edge(store: EventStore, tenant: str) -> None:
    store.append(tenant, sealed_events(tenant, "invoice-1", range(1, 4)), {"invoice-1": 0})
    assert [store.edge(tenant, size) for size in (-1, 0, 4)] == [None, None, None]
    assert store.edge(new_id(), 1) is None
