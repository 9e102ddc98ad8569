"""What an append, a proof and a replay cost in a log of 10^3, 10^5 and 10^6 events."""

import random
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from shared.crypto.signing import SigningKey
from shared.eventstore.checkpoints import PostgresCheckpointStore
from shared.eventstore.log_access import LogAccess
from shared.eventstore.postgres_keys import PostgresKeyStore
from tests.bench.history import Access, History, access_to
from tests.bench.part import Bench, Ratios, Raw
from tests.bench.processes import processes
from tests.bench.rounds import Contender, Rounds, interleaved, seconds_of
from tests.stack import Database

FILLED_AT_ONCE = 1000
_REPLAYED_SHORT = 100
"""The long log is a hundred times the short one whose replay its memory is compared with: 10^6 and 10^4."""
_MEBI = 2**20


def growth(bench: Bench) -> tuple[Ratios, Raw]:
    """Logs of three sizes in one database, in partitions of their own, asked in turn."""
    database = bench.server.service_database()
    access = access_to(database)
    histories = _histories(bench, database, access)
    bench.server.analyse(database)
    appends, proofs = _appends(bench, histories), _proofs(bench, database, access, histories)
    smallest, *_, largest = (str(size) for size in bench.scale.sizes)
    bench.said("replaying in a process of its own, to see its memory")
    long = histories[-1]
    count = bench.scale.sizes[-1]
    memory = {str(limit): _memory_of_replay(access, long.tenant, limit) for limit in (count // _REPLAYED_SHORT, count)}
    few, all_of_it = memory.values()
    bench.server.databases.drop(database)
    return {
        "append_1e6_vs_1e3": appends.ratio(smallest, largest),
        "replay_rss_growth_mb": (all_of_it - few) / _MEBI,
    }, {
        "appends_per_s": appends.rates(bench.scale.singles),
        "proofs_per_s": proofs.rates(bench.scale.singles),
        "replay_peak_rss_bytes": memory,
    }


def _histories(bench: Bench, database: Database, access: Access) -> list[History]:
    histories = []
    for partition, size in enumerate(bench.scale.sizes):
        tenant = bench.server.tenant_in(database, partition)
        history = access.history(database.pool(), tenant).open_for_business()
        fill(bench, history, size)
        histories.append(history)
    return histories


def fill(bench: Bench, history: History, size: int) -> None:
    """Append until the log has `size` events."""
    while history.written < size:
        count = min(FILLED_AT_ONCE, size - history.written)
        history.append_at_once(list(history.prepared(count)))
        if history.written % (size // 10 or 1) < FILLED_AT_ONCE:
            bench.said(f"{history.written:,} of {size:,} events")


def _appends(bench: Bench, histories: Sequence[History]) -> Rounds:
    def append(history: History) -> float:
        events = list(history.prepared(bench.scale.singles))
        return seconds_of(lambda: history.append_one_by_one(events))

    bench.server.settle()
    contenders: dict[str, Contender] = {
        str(size): partial(append, history) for size, history in zip(bench.scale.sizes, histories, strict=True)
    }
    return interleaved(bench.scale.rounds, contenders, lambda text: bench.said(f"appending, {text}"))


def _proofs(bench: Bench, database: Database, access: Access, histories: Sequence[History]) -> Rounds:
    logs = _log_access(database, access)
    chosen = random.Random(0)  # noqa: S311 - positions to ask for, the same in every run

    def prove(history: History) -> float:
        positions = [chosen.randrange(history.written) for _ in range(bench.scale.singles)]
        return seconds_of(lambda: [logs.prove(history.tenant, position) for position in positions])

    contenders: dict[str, Contender] = {
        str(size): partial(prove, history) for size, history in zip(bench.scale.sizes, histories, strict=True)
    }
    return interleaved(bench.scale.rounds, contenders, lambda text: bench.said(f"proving, {text}"))


def _log_access(database: Database, access: Access) -> LogAccess:
    pool = database.pool()
    history = access.history(pool)
    return LogAccess(
        store=history.store,
        checkpoints=PostgresCheckpointStore(pool),
        keyring=history.keyring,
        keys=PostgresKeyStore(pool),
        signing_key=SigningKey.generate(),
        log_domain="bench.example",
    )


def _memory_of_replay(access: Access, tenant: str, limit: int) -> int:
    """Return the peak memory in bytes of a new process that replays `limit` events."""
    with processes(1) as pool:
        return pool.apply(_replay, (access, tenant, limit))


def _replay(access: Access, tenant: str, limit: int) -> int:
    pool = access.pool()
    try:
        count = sum(1 for _ in access.history(pool, tenant).log.read(tenant, limit=limit))
    finally:
        pool.close()
    assert count == limit
    return peak_memory()


def peak_memory() -> int:
    """Return this process's peak resident memory in bytes (VmHWM, which a new program starts anew)."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
