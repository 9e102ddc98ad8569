"""What a process remembers of logs: as much as it read and wrote, and never more than is so."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.eventstore.memory import InMemoryEventStore
from shared.eventstore.recall import Recall
from shared.eventstore.store import VersionConflict
from shared.kernel.ids import new_id
from tests.sealed_events import sealed_event


class Process:
    """A process over a store: it remembers what passes through it."""

    def __init__(self, store: InMemoryEventStore, tenant: str) -> None:
        self.store, self.tenant = store, tenant
        self.seconds = 0.0
        self.recall = Recall(lambda: self.seconds)

    def read(self, *streams: str, versions: Sequence[str] = ()) -> None:
        looked = self.store.look(self.tenant, streams, versions)
        self.recall.was_read(self.tenant, looked.streams, looked.versions)

    def append(self, stream: str, version: int, count: int = 1, **also: int) -> None:
        """Append to a stream that is at `version`, while others (`also`) are at theirs."""
        events = [sealed_event(self.tenant, stream, version + each) for each in range(1, count + 1)]
        expected = {stream: version, **{name.replace("_", "-"): at for name, at in also.items()}}
        try:
            appended = self.store.append(self.tenant, events, expected)
        except VersionConflict as conflict:
            self.recall.was_disputed(self.tenant, conflict.stream)
            raise
        self.recall.was_appended(self.tenant, events, appended.first, expected)

    def events(self, *streams: str) -> dict[str, list[tuple[int, str]]] | None:
        """Positions and ids of what is remembered."""
        found = self.recall.events(self.tenant, streams)
        if found is None:
            return None
        return {stream: [(at, event.id) for at, event in places] for stream, places in found.items()}

    def stored(self, *streams: str) -> dict[str, list[tuple[int, str]]]:
        """The same, of what is so."""
        read = {stream: self.store.read_stream(self.tenant, stream) for stream in streams}
        return {stream: [(event.position, event.id) for event in events] for stream, events in read.items()}


@pytest.fixture
def process() -> Process:
    return Process(InMemoryEventStore(), new_id())


def test_what_was_read_is_remembered_also_that_there_was_nothing(process: Process) -> None:
    other = Process(process.store, process.tenant)
    other.append("invoice-1", 0, 2)
    process.read("invoice-1", "shredding-1", versions=["series-1"])
    assert process.events("invoice-1", "shredding-1") == process.stored("invoice-1", "shredding-1")
    assert process.recall.versions(process.tenant, ["series-1", "invoice-1"]) == {"series-1": 0, "invoice-1": 2}


def test_what_was_written_is_remembered_with_its_place(process: Process) -> None:
    process.append("customer-1", 0)
    process.append("invoice-1", 0, 2)
    process.append("invoice-1", 2)
    assert process.events("invoice-1", "customer-1") == process.stored("invoice-1", "customer-1")


def test_all_or_nothing_is_remembered(process: Process) -> None:
    process.append("invoice-1", 0)
    assert process.events("invoice-1", "invoice-2") is None
    assert process.recall.versions(process.tenant, ["invoice-1", "invoice-2"]) is None


def test_other_businesses_streams_are_others(process: Process) -> None:
    process.append("invoice-1", 0)
    assert process.recall.events(new_id(), ["invoice-1"]) is None


def test_of_a_stream_whose_beginning_was_not_read_only_the_version_is_known(process: Process) -> None:
    Process(process.store, process.tenant).append("series-1", 0, 3)
    process.append("series-1", 3)
    assert process.events("series-1") is None
    assert process.recall.versions(process.tenant, ["series-1"]) == {"series-1": 4}


def test_what_an_append_found_to_be_so_is_remembered(process: Process) -> None:
    Process(process.store, process.tenant).append("seller-1", 0)
    process.append("invoice-1", 0, seller_1=1, shredding_1=0)
    assert process.recall.versions(process.tenant, ["seller-1"]) == {"seller-1": 1}
    assert process.events("shredding-1") == {"shredding-1": []}


def test_what_was_read_before_a_write_does_not_replace_it(process: Process) -> None:
    process.append("invoice-1", 0)
    old = process.store.look(process.tenant, ["invoice-1"])
    process.append("invoice-1", 1)
    process.recall.was_read(process.tenant, old.streams, {"invoice-1": 1})
    assert process.events("invoice-1") == process.stored("invoice-1")


def test_a_version_does_not_replace_the_events(process: Process) -> None:
    process.append("invoice-1", 0)
    process.read(versions=["invoice-1"])
    assert process.events("invoice-1") == process.stored("invoice-1")


def test_a_stream_that_others_write_to_is_not_remembered_for_a_while(process: Process) -> None:
    process.append("series-1", 0)
    Process(process.store, process.tenant).append("series-1", 1)
    with pytest.raises(VersionConflict):
        process.append("series-1", 1)
    process.read("series-1")
    process.append("series-1", 2)
    assert process.recall.versions(process.tenant, ["series-1"]) is None
    process.seconds = 1.5
    process.append("series-1", 3)
    assert process.recall.versions(process.tenant, ["series-1"]) == {"series-1": 4}


def test_a_long_stream_is_remembered_by_its_version_alone(process: Process) -> None:
    process.append("plan-1", 0, 64)
    assert process.events("plan-1") is not None
    process.append("plan-1", 64)
    assert process.events("plan-1") is None
    process.read("plan-1")
    assert process.events("plan-1") is None
    assert process.recall.versions(process.tenant, ["plan-1"]) == {"plan-1": 65}


def test_memory_is_bounded_and_what_was_not_asked_for_longest_goes_first(process: Process) -> None:
    process.append("customer-1", 0)
    process.append("customer-2", 0)
    for number in range(4095):
        process.recall.was_read(process.tenant, {f"invoice-{number}": []})
        process.events("customer-1")
    assert process.events("customer-1") is not None
    assert process.events("customer-2") is None
    assert process.events("invoice-4094") is not None


def test_a_stream_of_too_many_bytes_is_remembered_by_its_version_alone(process: Process) -> None:
    half = [sealed_event(process.tenant, "invoice-1", version, sealed=bytes(32 * 1024)) for version in (1, 2)]
    for position, event in enumerate(half):
        process.recall.was_appended(process.tenant, [event], position, {"invoice-1": position})
    assert process.recall.events(process.tenant, ["invoice-1"]) is not None
    more = sealed_event(process.tenant, "invoice-1", 3, sealed=b"1")
    process.recall.was_appended(process.tenant, [more], 2, {"invoice-1": 2})
    assert process.recall.events(process.tenant, ["invoice-1"]) is None
    assert process.recall.versions(process.tenant, ["invoice-1"]) == {"invoice-1": 3}


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("ab"), st.sampled_from(["read", "count", "append"]))))
def test_what_is_remembered_was_so_at_some_time_and_is_refused_where_it_is_not_any_more(
    steps: list[tuple[bool, str, str]],
) -> None:
    """Two processes over one log, in any order: remembering never tells of what was not."""
    store, tenant = InMemoryEventStore(), new_id()
    ours, other = Process(store, tenant), Process(store, tenant)
    for mine, name, what in steps:
        process, stream = (ours if mine else other), f"stream-{name}"
        if what == "read":
            process.read(stream)
        elif what == "count":
            process.read(versions=[stream])
        else:
            known = process.recall.versions(tenant, [stream])
            try:
                process.append(stream, store.version(tenant, stream) if known is None else known[stream])
            except VersionConflict:
                assert known is not None
                assert known[stream] < store.version(tenant, stream)
        for each in (ours, other):
            found = each.events(stream)
            version = each.recall.versions(tenant, [stream])
            if found is not None:
                assert version == {stream: len(found[stream])}
                assert found[stream] == each.stored(stream)[stream][: len(found[stream])]
