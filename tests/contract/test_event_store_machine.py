"""Every event store does what a plain list would do, whatever comes in which order."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from shared.eventstore.memory import InMemoryEventStore
from shared.eventstore.model import CommandId, SealedEvent
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import EventStore, StoreError, VersionConflict
from shared.kernel.ids import new_id
from shared.merkle.tree import Frontier
from tests.contract.conftest import IMPLEMENTATIONS
from tests.log_model import ModelLog
from tests.sealed_events import sealed_event

T = TypeVar("T")
Request = tuple[int, Sequence[SealedEvent], Mapping[str, int], CommandId | None]

STREAMS = ["invoice-1", "invoice-2", "series-1"]
TENANTS = st.integers(0, 1)
TICKS = st.integers(-2, 4)
"""By how many minutes a clock goes on between two appends: it may be set back."""
LONGEST = 900
"""Events after which a log is long enough: more than three full tiles."""

commands = st.builds(
    CommandId, st.sampled_from(["import-1", "import-2", "import-3"]), st.sampled_from([b"1" * 32, b"2" * 32])
)
positions = st.none() | st.integers(-1, LONGEST)
# How far a stream's expected version is beside the truth.
mistakes = st.dictionaries(st.sampled_from(STREAMS), st.sampled_from([-1, 1]), max_size=1)


def outcome(act: Callable[[], T]) -> T | tuple[object, ...]:
    """Return what `act` returns, or which refusal it raises."""
    try:
        return act()
    except VersionConflict as conflict:
        return VersionConflict, conflict.stream, conflict.expected, conflict.actual
    except StoreError as refusal:
        return (type(refusal),)


def moment(minute: int) -> str:
    return f"2026-11-22T09:{minute:02}:00.000000Z"


class EventStoreMachine(RuleBasedStateMachine):
    """Does the same to a store and to the model, for two tenants."""

    requests: Bundle[Request] = Bundle("requests")

    def __init__(self, store: EventStore) -> None:
        super().__init__()
        self.store = store
        self.tenants = [new_id(), new_id()]
        self.logs = [ModelLog(), ModelLog()]
        self.clocks = [0, 0]

    def submit(self, request: Request) -> None:
        number, events, expected, command = request
        log, tenant = self.logs[number], self.tenants[number]
        assert outcome(lambda: self.store.append(tenant, events, expected, command)) == outcome(
            lambda: log.append(events, expected, command)
        )

    def tick(self, number: int, ticks: int) -> str:
        self.clocks[number] = min(57, max(0, self.clocks[number] + ticks))
        return moment(self.clocks[number])

    def append_to_one(self, number: int, stream: str, count: int, ticks: int) -> None:
        expected = {stream: self.logs[number].version(stream)}
        events = self.batch(number, [stream] * count, expected, self.tick(number, ticks))
        self.submit((number, events, expected, None))

    def batch(self, number: int, streams: Sequence[str], expected: dict[str, int], at: str) -> list[SealedEvent]:
        versions = dict(expected)
        events: list[SealedEvent] = []
        for stream in streams:
            versions[stream] += 1
            sealed = f"{len(events)} of {stream}".encode()
            events.append(sealed_event(self.tenants[number], stream, versions[stream], at=at, sealed=sealed))
        return events

    @rule(
        target=requests,
        number=TENANTS,
        streams=st.lists(st.sampled_from(STREAMS), min_size=1, max_size=5),
        only_read=st.sets(st.sampled_from(STREAMS), max_size=1),
        mistake=mistakes,
        ticks=TICKS,
        command=st.none() | commands,
    )
    def append(
        self,
        *,
        number: int,
        streams: list[str],
        only_read: set[str],
        mistake: dict[str, int],
        ticks: int,
        command: CommandId | None,
    ) -> Request:
        expected = {
            stream: max(0, self.logs[number].version(stream) + mistake.get(stream, 0))
            for stream in {*streams, *only_read}
        }
        request = (number, self.batch(number, streams, expected, self.tick(number, ticks)), expected, command)
        self.submit(request)
        return request

    @precondition(lambda self: max(len(log.events) for log in self.logs) < LONGEST)
    @rule(number=TENANTS, stream=st.sampled_from(STREAMS), count=st.integers(200, 300), ticks=TICKS)
    def append_hundreds(self, number: int, stream: str, count: int, ticks: int) -> None:
        self.append_to_one(number, stream, count, ticks)

    @precondition(lambda self: max(len(log.events) for log in self.logs) < LONGEST)
    @rule(number=TENANTS, stream=st.sampled_from(STREAMS), ticks=TICKS, last=st.integers(0, 2))
    def fill_a_tile(self, number: int, stream: str, ticks: int, last: int) -> None:
        missing = 256 - len(self.logs[number].events) % 256
        for count in ([missing], [missing - 1, 1], [missing - 2, 2])[last]:
            if count > 0:
                self.append_to_one(number, stream, count, ticks)

    @rule(request=requests)
    def retry(self, request: Request) -> None:
        self.submit(request)

    @rule(request=requests)
    def use_the_key_for_another_request(self, request: Request) -> None:
        number, events, expected, command = request
        if command is not None:
            self.submit((number, events, expected, CommandId(command.key, b"3" * 32)))

    @precondition(lambda self: any(log.events for log in self.logs))
    @rule(data=st.data())
    def append_an_event_that_is_there(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from([n for n, log in enumerate(self.logs) if log.events]))
        log = self.logs[number]
        taken, stream = data.draw(st.sampled_from(log.events)).id, data.draw(st.sampled_from(STREAMS))
        version = log.version(stream)
        event = sealed_event(self.tenants[number], stream, version + 1, id=taken)
        self.submit((number, [event], {stream: version}, None))

    @rule(number=TENANTS, after=st.integers(-1, LONGEST), limit=st.none() | st.integers(0, LONGEST), upto=positions)
    def read_the_log(self, number: int, after: int, limit: int | None, upto: int | None) -> None:
        wanted = self.logs[number].until(upto)[after + 1 :][:limit]
        assert list(self.store.read_log(self.tenants[number], after, limit, upto)) == wanted

    @rule(
        number=TENANTS, stream=st.sampled_from([*STREAMS, "invoice-3"]), upto=positions, after=st.integers(0, LONGEST)
    )
    def read_a_stream(self, number: int, stream: str, upto: int | None, after: int) -> None:
        tenant, log = self.tenants[number], self.logs[number]
        assert list(self.store.read_stream(tenant, stream, upto, after)) == log.stream(stream, upto)[after:]
        assert self.store.version(tenant, stream) == log.version(stream)
        there = {each: log.version(each) for each in STREAMS if log.version(each)}
        assert self.store.versions(tenant, STREAMS) == there

    @rule(number=TENANTS, first=st.integers(0, LONGEST), count=st.integers(0, LONGEST))
    def read_hashes(self, number: int, first: int, count: int) -> None:
        tenant, log = self.tenants[number], self.logs[number]
        assert self.store.leaf_hashes(tenant, first, count) == log.hashes(0)[first : first + count]
        assert self.store.tile_roots(tenant, 0, first // 256, count) == log.hashes(1)[first // 256 :][:count]

    @rule(number=TENANTS, level=st.integers(0, 1), index=st.integers(0, LONGEST // 256 + 1))
    def read_a_tile(self, number: int, level: int, index: int) -> None:
        hashes = self.logs[number].hashes(level)[index * 256 : (index + 1) * 256]
        wanted = b"".join(hashes) if len(hashes) == 256 else None
        assert self.store.full_tile(self.tenants[number], level, index) == wanted

    @rule(number=TENANTS, command=commands)
    def look_for_a_command(self, number: int, command: CommandId) -> None:
        assert outcome(lambda: self.store.find_command(self.tenants[number], command)) == outcome(
            lambda: self.logs[number].find_command(command)
        )

    @invariant()
    def the_frontier_is_the_one_of_the_tree(self) -> None:
        for tenant, log in zip(self.tenants, self.logs, strict=True):
            head = self.store.head(tenant)
            assert head.size == len(log.events)
            assert Frontier(head.size, tuple(head.frontier)).root() == log.root()

    @invariant()
    def who_has_events_is_a_tenant(self) -> None:
        known = set(self.store.tenants())
        assert [tenant in known for tenant in self.tenants] == [bool(log.events) for log in self.logs]

    def teardown(self) -> None:
        for tenant, log, clock in zip(self.tenants, self.logs, self.clocks, strict=True):
            assert list(self.store.read_log(tenant)) == log.events
            moments = [moment(minute) for minute in range(clock + 2)]
            assert [self.store.position_at(tenant, each) for each in moments] == [
                log.position_at(each) for each in moments
            ]


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_a_store_does_what_a_list_would_do(implementation: str, request: pytest.FixtureRequest) -> None:
    store: EventStore = InMemoryEventStore()
    if implementation == "postgres":
        store = PostgresEventStore(request.getfixturevalue("pool"))

    class OverThisStore(EventStoreMachine):
        def __init__(self) -> None:
            super().__init__(store)

    run_state_machine_as_test(
        OverThisStore,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            derandomize=True,
            # Making a failure shorter takes longer than a test may: one that is told at once is worth more.
            phases=[Phase.explicit, Phase.generate],
        ),
    )
