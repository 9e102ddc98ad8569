"""Readers follow the log while appends stand still at their worst moments: nothing is skipped, nothing comes twice.

No interleaving here is left to chance: the server itself says that a writer stands at the gate, or in line behind it,
before the readers look.
"""

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, ExitStack
from random import Random
from typing import Any, Protocol

import psycopg
import pytest

from shared.eventstore import postgres
from shared.eventstore.model import RecordedEvent
from shared.eventstore.pool import Pool
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.postgres_keys import PostgresKeyStore
from shared.eventstore.projection import ProjectionRunner
from shared.eventstore.wakeups import Wakeups
from shared.kernel.ids import new_id
from tests.gates import Append, Gate, Gates, log_over
from tests.keyrings import keyring_over
from tests.stack import Database, Databases

pytestmark = pytest.mark.integration


class Tail(Protocol):
    """Follows one tenant's log and notes which positions it came by, in order."""

    def look(self) -> list[int]:
        """Follow the log to its end; return all positions seen since the beginning."""
        ...


class Reader:
    """Whoever reads the log page by page and goes on where it stopped, like the relay or an export."""

    def __init__(self, pool: Pool, tenant: str) -> None:
        self._store, self._tenant = PostgresEventStore(pool), tenant
        self._seen: list[int] = []

    def look(self) -> list[int]:
        after = self._seen[-1] if self._seen else -1
        self._seen += [event.position for event in self._store.read_log(self._tenant, after)]
        return list(self._seen)


class Noting:
    """A projection whose read model is the list of the positions that it was given."""

    name = "noting"

    def __init__(self, on_event: Callable[[RecordedEvent], None] = lambda _: None) -> None:
        self._on_event = on_event

    def apply(self, cursor: psycopg.Cursor, event: RecordedEvent) -> None:
        cursor.execute("INSERT INTO app.noted (tenant, position) VALUES (%s, %s)", (event.tenant, event.position))
        self._on_event(event)

    def reset(self, cursor: psycopg.Cursor) -> None:
        cursor.execute("DELETE FROM app.noted")


class Runner:
    """A projection runner."""

    def __init__(self, pool: Pool, tenant: str) -> None:
        self._pool, self._tenant = pool, tenant
        self._runner = ProjectionRunner(pool, log_over(pool), [Noting()], Wakeups())

    def look(self) -> list[int]:
        self._runner.run_once()
        with self._pool.connection() as connection:
            noted = connection.execute(
                "SELECT position FROM app.noted WHERE tenant = %s ORDER BY turn", (self._tenant,)
            )
            return [position for (position,) in noted]


class Fixture:
    """A business whose log has three events, in a database with gates that other tests use too."""

    def __init__(self, database: Database, gates: Gates) -> None:
        self.database, self.gates, self.tenant = database, gates, new_id()
        keyring_over(PostgresKeyStore(database.pool())).create_tenant(self.tenant)
        with self.append("first", 3) as append:
            assert append.result() == [0, 1, 2]

    def append(self, writer: str, count: int, gate: Gate | None = None) -> Append:
        return Append(self.database, self.tenant, self._own(writer), count, gate)

    def closed(self, gate: Gate, writer: str) -> AbstractContextManager[psycopg.Connection]:
        return self.gates.closed(gate, self._own(writer))

    def _own(self, writer: str) -> str:
        return f"{writer}-{self.tenant}"


@pytest.fixture(scope="module")
def gated(databases: Databases) -> Iterator[tuple[Database, Gates]]:
    database = databases.create("invoices")
    with database.connect_as_owner() as owner:
        owner.execute(
            "CREATE TABLE app.noted (turn bigint GENERATED ALWAYS AS IDENTITY, tenant uuid, position bigint);"
            "GRANT SELECT, INSERT, DELETE ON app.noted TO tallystick_invoices"
        )
    gates = Gates(database)
    yield database, gates
    gates.close()
    databases.drop(database)


@pytest.fixture
def it(gated: tuple[Database, Gates]) -> Fixture:
    return Fixture(*gated)


@pytest.fixture(params=[Reader, Runner])
def tail(request: pytest.FixtureRequest, it: Fixture) -> Tail:
    made: Tail = request.param(it.database.pool(), it.tenant)
    assert made.look() == [0, 1, 2]
    return made


@pytest.mark.parametrize("gate", Gate)
def test_readers_see_a_batch_when_it_is_committed_and_not_the_one_behind_it(
    it: Fixture, tail: Tail, gate: Gate
) -> None:
    with (
        it.closed(gate, "second") as second_gate,
        it.closed(gate, "third") as third_gate,
        it.append("second", 2, gate) as second,
    ):
        second.until(it.gates.is_at_gate)
        with it.append("third", 1, gate) as third:
            third.until(it.gates.is_in_line)
            assert tail.look() == [0, 1, 2]
            second_gate.close()
            assert second.result() == [3, 4]
            third.until(it.gates.is_at_gate)
            assert tail.look() == [0, 1, 2, 3, 4]
            third_gate.close()
            assert third.result() == [5]
    assert tail.look() == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("gate", Gate)
@pytest.mark.parametrize("end", [Gates.cancel, Gates.terminate])
@pytest.mark.parametrize("count", [1, 5])
def test_readers_never_see_a_batch_that_was_broken_off_and_its_positions_go_to_the_next(
    it: Fixture, tail: Tail, gate: Gate, end: Callable[[Gates, str], None], count: int
) -> None:
    with it.closed(gate, "broken"), it.append("broken", count, gate) as broken:
        broken.until(it.gates.is_at_gate)
        with it.append("next", 2) as behind:
            behind.until(it.gates.is_in_line)
            assert tail.look() == [0, 1, 2]
            end(it.gates, broken.writer)
            assert isinstance(broken.result(), psycopg.OperationalError)
            assert behind.result() == [3, 4]
    assert tail.look() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("seed", range(6))
def test_readers_that_look_at_every_step_of_five_writers_see_every_position_once(it: Fixture, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - where a writer is held and which one is broken off: nothing secret
    tails: list[Tail] = [Reader(it.database.pool(), it.tenant), Runner(it.database.pool(), it.tenant)]
    looks: list[list[int]] = []
    with ExitStack() as ending:
        waiting: dict[Append, psycopg.Connection] = {}
        for number in range(5):
            gate = chance.choice(list(Gate))
            closed = ending.enter_context(it.closed(gate, f"writer-{number}"))
            waiting[ending.enter_context(it.append(f"writer-{number}", chance.randint(1, 3), gate))] = closed
        while waiting:
            held = held_at_gate(it.gates, waiting)
            for other in waiting.keys() - {held}:
                other.until(it.gates.is_in_line)
            looks += [tail.look() for tail in tails]
            if chance.random() < 0.3:
                it.gates.terminate(held.writer)
            waiting.pop(held).close()
            held.result()
            looks += [tail.look() for tail in tails]
    size = PostgresEventStore(it.database.pool()).head(it.tenant).size
    assert looks[-2:] == [list(range(size))] * 2
    for seen in looks:
        assert seen == list(range(len(seen)))


def held_at_gate(gates: Gates, waiting: Collection[Append]) -> Append:
    """Wait until one of the writers is held; only one can be, as it holds the tenant's lock."""
    while True:
        for append in waiting:
            if gates.is_at_gate(append.writer):
                return append


def test_pages_join_without_gap_when_appends_commit_between_them(it: Fixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "PAGE", 2)
    store = PostgresEventStore(it.database.pool())
    pages = store.read_log(it.tenant)
    seen = [next(pages).position, next(pages).position]
    with it.closed(Gate.BEFORE_COMMIT, "held") as gate, it.append("held", 2, Gate.BEFORE_COMMIT) as held:
        held.until(it.gates.is_at_gate)
        seen.append(next(pages).position)  # a page that is not full, read while two more events stand before the commit
        gate.close()
        assert held.result() == [3, 4]
    seen += [event.position for event in pages]
    seen += [event.position for event in store.read_log(it.tenant, seen[-1])]
    assert seen == [0, 1, 2, 3, 4]


class Halfway:
    """Stops a projection in the middle of a batch, with its rows written and not committed."""

    def __init__(self, tenant: str, position: int) -> None:
        self._place = tenant, position
        self.reached, self.go_on = threading.Event(), threading.Event()

    def __call__(self, event: RecordedEvent) -> None:
        if (event.tenant, event.position) == self._place:
            self.reached.set()
            self.go_on.wait()


@pytest.fixture
def halfway(it: Fixture) -> Iterator[Halfway]:
    """A runner, in a thread, that stands after the second of three events."""
    halfway = Halfway(it.tenant, 1)
    pool = it.database.pool()
    thread = threading.Thread(target=ProjectionRunner(pool, log_over(pool), [Noting(halfway)], Wakeups()).run_once)
    thread.start()
    halfway.reached.wait()
    yield halfway
    halfway.go_on.set()
    thread.join()


def test_an_append_does_not_wait_for_a_projection_and_no_other_runner_doubles_its_work(
    it: Fixture, halfway: Halfway
) -> None:
    tail = Runner(it.database.pool(), it.tenant)
    with it.append("second", 2) as second:
        assert second.result() == [3, 4]
    assert tail.look() == []  # the first runner has the lock, and has committed nothing
    halfway.go_on.set()
    seen: list[int] = []
    while len(seen) < 5:
        seen = tail.look()
        assert seen == list(range(len(seen)))


def test_a_runner_that_read_before_another_one_applied_the_same_events_applies_none(
    it: Fixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = it.database.pool()
    slow = log_over(pool)
    read, overtaken = slow.read, []

    def read_and_be_overtaken(*place: Any) -> Iterator[RecordedEvent]:  # noqa: ANN401 - as TenantLog.read has it
        events = list(read(*place))
        overtaken.append(Runner(pool, it.tenant).look())
        return iter(events)

    monkeypatch.setattr(slow, "read", read_and_be_overtaken)
    ProjectionRunner(pool, slow, [Noting()], Wakeups()).run_once()
    assert overtaken == [[0, 1, 2]]
    assert Runner(pool, it.tenant).look() == [0, 1, 2]
