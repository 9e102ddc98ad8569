"""Writing: one event at a time, a hundred at a time, against plain rows and against the peer."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import psycopg

from shared.eventstore.model import NewEvent
from tests.bench.contestant import WAYS
from tests.bench.history import History, access_to
from tests.bench.part import Bench, Ratios, Raw
from tests.bench.rounds import Contender, interleaved, seconds_of
from tests.bench.rows import KEYS, Rows

BATCH = 100


def append1(bench: Bench) -> tuple[Ratios, Raw]:
    """Single appends, like with like.

    Against the raw INSERT stands the store alone, which like it is given sealed bytes; against the peer, which seals
    too, stands the whole way from a command's decision to the durable commit.
    """
    database = bench.server.service_database()
    count, rounds = bench.scale.singles, bench.scale.rounds
    history = access_to(database).history(database.pool()).open_for_business()
    with psycopg.connect(bench.server.plain_database("rows"), autocommit=True) as plain:
        contenders: dict[str, Contender] = {
            "store": partial(_store_singles, history, count),
            "tallystick": partial(_append_singles, history, count, history.append_one_by_one),
            "tallystick_with_idempotency_key": partial(_append_singles, history, count, history.append_commands),
        }
        sealed = list(_sample(history, count))
        for keys in KEYS:
            contenders[f"insert_{keys}"] = partial(_insert, Rows(plain, keys), sealed)
        for way in WAYS if bench.peer else ():
            assert bench.peer
            bench.peer.connect(way, bench.server.plain_database(f"peer_{way}"), way)
            contenders[f"eventsourcing_{way}"] = partial(bench.peer.append, way, count)
        bench.server.settle()
        took = interleaved(rounds, contenders, bench.said)
    bench.server.databases.drop(database)
    ratios = {
        "append1_vs_insert": took.ratio("insert_same_keys", "store"),
        "append1_vs_eventsourcing": took.ratio("eventsourcing_default", "tallystick") if bench.peer else None,
    }
    return ratios, {"events_per_s": took.rates(count)}


def append100(bench: Bench) -> tuple[Ratios, Raw]:
    """Batches of a hundred events in one transaction, against a binary COPY of a hundred rows in one transaction.

    Against COPY stands the store alone, which like it is given sealed bytes; the whole way is in the raw figures.
    """
    database = bench.server.service_database()
    batches, rounds = bench.scale.batches, bench.scale.rounds
    history = access_to(database).history(database.pool()).open_for_business()
    with psycopg.connect(bench.server.plain_database("copied"), autocommit=True) as plain:
        contenders: dict[str, Contender] = {
            "store": partial(_store_batches, history, batches),
            "tallystick": partial(_append_batches, history, batches),
        }
        sealed = list(_sample(history, batches * BATCH))
        for keys in KEYS:
            contenders[f"copy_{keys}"] = partial(_copy, Rows(plain, keys), sealed)
        bench.server.settle()
        took = interleaved(rounds, contenders, bench.said)
    bench.server.databases.drop(database)
    ratios = {"append100_vs_copy": took.ratio("copy_same_keys", "store")}
    return ratios, {"events_per_s": took.rates(batches * BATCH)}


def _append_singles(history: History, count: int, append: Callable[[Sequence[NewEvent]], None]) -> float:
    events = list(history.prepared(count))
    return seconds_of(lambda: append(events))


def _append_batches(history: History, batches: int) -> float:
    prepared = [list(history.prepared(BATCH, number * BATCH)) for number in range(batches)]

    def append() -> None:
        for events in prepared:
            history.append_at_once(events)

    return seconds_of(append)


def _store_singles(history: History, count: int) -> float:
    sealed = history.sealed(count)
    return seconds_of(lambda: history.store_one_by_one(sealed))


def _store_batches(history: History, batches: int) -> float:
    sealed = history.sealed(batches * BATCH)

    def store() -> None:
        for first in range(0, len(sealed), BATCH):
            history.store_at_once(sealed[first : first + BATCH])

    return seconds_of(store)


def _insert(rows: Rows, sealed: Sequence[bytes]) -> float:
    prepared = rows.prepared(sealed)
    return seconds_of(lambda: rows.insert_one_by_one(prepared))


def _copy(rows: Rows, sealed: Sequence[bytes]) -> float:
    prepared = rows.prepared(sealed)

    def copy() -> None:
        for first in range(0, len(prepared), BATCH):
            rows.copy_in(prepared[first : first + BATCH])

    return seconds_of(copy)


def _sample(history: History, count: int) -> Iterator[bytes]:
    """Append events and yield their payloads as they lie in the log: the same bytes for the plain rows."""
    history.append_at_once(list(history.prepared(count)))
    return (event.sealed for event in history.store.read_log(history.tenant, limit=count))
