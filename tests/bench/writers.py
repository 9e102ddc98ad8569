"""Eight processes that write at once: each its own tenant, all one tenant, and plain rows beside them."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import psycopg

from shared.kernel.ids import new_id
from tests.bench.history import Access, access_to
from tests.bench.part import Bench, Ratios, Raw
from tests.bench.processes import PATIENCE, meet, processes
from tests.bench.rows import Rows

WRITERS = 8
ROUNDS = 3
_FASTEST = 1500
"""Events a second that one writer is prepared for."""


@dataclass(frozen=True)
class Writer:
    """What one process is to do."""

    access: Access
    tenant: str
    seconds: float
    plain: str | None = None
    """Connection string of the database of plain rows; None to write into the log."""
    sealed_bytes: int = 0
    """How large the plain rows' payloads are."""


def writers(bench: Bench) -> tuple[Ratios, Raw]:
    """Single durable appends from eight processes."""
    database = bench.server.service_database()
    access = access_to(database)
    plain = bench.server.plain_database("written")
    with psycopg.connect(plain, autocommit=True) as connection:
        Rows(connection, "same_keys")
    sealed_bytes = _sealed_bytes(access)
    rates: dict[str, list[float]] = {"tenants8": [], "tenants1": [], "insert": []}
    with processes(WRITERS) as pool:
        for turn in range(ROUNDS):
            bench.said(f"round {turn + 1} of {ROUNDS}")
            for name, taken in rates.items():
                tenants = _tenants(access, 1 if name == "tenants1" else WRITERS)
                target = plain if name == "insert" else None
                each = [
                    Writer(access, tenants[number % len(tenants)], bench.scale.writers_seconds, target, sealed_bytes)
                    for number in range(WRITERS)
                ]
                # All wait for each other before they write, so each of the processes takes exactly one.
                taken.append(sum(pool.map_async(_write, each, chunksize=1).get(PATIENCE)))
    bench.server.databases.drop(database)
    figures = {name: round(median(taken), 1) for name, taken in rates.items()}
    return {"writers8_tenants8_events_per_s": figures["tenants8"]}, {"events_per_s": figures}


def _tenants(access: Access, count: int) -> list[str]:
    pool = access.pool()
    try:
        return [access.history(pool).open_for_business().tenant for _ in range(count)]
    finally:
        pool.close()


def _sealed_bytes(access: Access) -> int:
    """Return how large a payload is at rest."""
    pool = access.pool()
    try:
        history = access.history(pool).open_for_business()
        history.append_one_by_one(list(history.prepared(1)))
        return max(len(event.sealed) for event in history.store.read_log(history.tenant))
    finally:
        pool.close()


def _write(writer: Writer) -> float:
    return _write_rows(writer) if writer.plain else _write_log(writer)


def _write_log(writer: Writer) -> float:
    pool = writer.access.pool()
    try:
        history = writer.access.history(pool, writer.tenant, f"invoice-{new_id()}-")
        events = list(history.prepared(int(_FASTEST * writer.seconds)))
        history.append_one_by_one([events.pop(0)])
        return _as_long_as(writer.seconds, len(events), lambda at: history.append_one_by_one(events[at : at + 1]))
    finally:
        pool.close()


def _write_rows(writer: Writer) -> float:
    assert writer.plain
    with psycopg.connect(writer.plain, autocommit=True) as connection:
        rows = Rows(connection, "same_keys", tenant=new_id())
        events = rows.prepared([os.urandom(writer.sealed_bytes)] * int(_FASTEST * writer.seconds))
        return _as_long_as(writer.seconds, len(events), lambda at: rows.insert_one_by_one(events[at : at + 1]))


def _as_long_as(seconds: float, most: int, write: Callable[[int], None]) -> float:
    """Write until the time is over, from when all are ready; return events a second."""
    meet()
    begun = time.perf_counter()
    written = 0
    while written < most and time.perf_counter() - begun < seconds:
        write(written)
        written += 1
    return written / (time.perf_counter() - begun)
