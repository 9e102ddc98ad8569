"""Reading everything back: verified, opened and folded, beside COPY OUT of the same rows; replayed, beside the peer."""

import time
from collections.abc import Sequence
from contextlib import closing
from functools import partial

import psycopg
from psycopg import sql

from shared.crypto.signing import SigningKey
from shared.eventstore.database_log import DatabaseLog
from shared.eventstore.model import RecordedEvent
from shared.eventstore.pool import Pool
from shared.eventstore.session import tenant_session
from shared.eventstore.trust import Trust
from shared.eventstore.verification import verify_log
from shared.merkle.checkpoint import Checkpoint, origin_for, sign_checkpoint
from shared.merkle.note import NoteVerifier
from shared.merkle.tree import Frontier
from tests.bench.growth import fill
from tests.bench.history import History, access_to
from tests.bench.material import Folded, fold
from tests.bench.part import Bench, Ratios, Raw
from tests.bench.rounds import Contender, interleaved, seconds_of

_COLUMNS = "tenant, position, version, id, key, schema, stream, type, at, digest, leaf_hash, sealed"
_TYPES = ["uuid", "int8", "int8", "uuid", "uuid", "int4", "text", "text", "text", "bytea", "bytea", "bytea"]


def verify(bench: Bench) -> tuple[Ratios, Raw]:
    """Verify, open and fold a whole log in one process, against reading its rows and doing nothing with them."""
    database = bench.server.service_database()
    pool = database.pool()
    history = access_to(database).history(pool).open_for_business()
    count = bench.scale.verified
    fill(bench, history, count)
    bench.server.analyse(database)
    verification = _Verification(pool, history)
    with database.connect_as_admin() as admin:
        contenders: dict[str, Contender] = {
            "tallystick": verification.run,
            "copy_out": lambda: seconds_of(partial(_copy_out, admin, history.tenant)),
            "copy_out_parsed": lambda: seconds_of(partial(_copy_out_parsed, admin, history.tenant)),
        }
        took = interleaved(bench.scale.rounds, contenders, bench.said)
    bench.server.databases.drop(database)
    rates = took.rates(count)
    return {
        "verify_vs_copyout": took.ratio("copy_out", "tallystick"),
        "verify_events_per_s": rates["tallystick"]["median"],
    }, {
        "events": count,
        "events_per_s": rates,
        "processor_us_per_event": round(min(verification.processor_seconds) / count * 1e6, 2),
    }


def replay(bench: Bench) -> tuple[Ratios, Raw]:
    """Open and fold a log, against the peer's replay of as many events with the same payloads."""
    database = bench.server.service_database()
    history = access_to(database).history(database.pool()).open_for_business()
    count = bench.scale.peer_replayed
    fill(bench, history, count)
    contenders: dict[str, Contender] = {"tallystick": lambda: seconds_of(history.replay)}
    if bench.peer:
        peer = bench.peer
        peer.connect("replayed", bench.server.plain_database("peer_replayed"), "default")
        bench.said(f"the peer appends {count:,} events")
        peer.append("replayed", count)
        contenders["eventsourcing"] = lambda: peer.replay("replayed")
    bench.server.analyse(database)
    took = interleaved(bench.scale.rounds, contenders, bench.said)
    bench.server.databases.drop(database)
    ratio = took.ratio("eventsourcing", "tallystick") if bench.peer else None
    return {"replay_vs_eventsourcing": ratio}, {"events": count, "events_per_s": took.rates(count)}


class _Verification:
    """A log, its signed checkpoint and its keys: what an auditor starts with."""

    def __init__(self, pool: Pool, history: History) -> None:
        head = history.store.head(history.tenant)
        origin = origin_for("bench.example", history.tenant)
        signing_key = SigningKey.generate()
        note = sign_checkpoint(
            Checkpoint(origin, head.size, Frontier(head.size, tuple(head.frontier)).root()), signing_key
        )
        self._pool, self._tenant, self._note = pool, history.tenant, note
        self._trust = Trust(NoteVerifier(origin, signing_key.public))
        dek = history.keyring.dek_for(history.tenant, "tenant")
        self._keys = {dek.key_id: dek.key}
        self.processor_seconds: list[float] = []

    def run(self) -> float:
        """Verify everything; return the seconds."""
        folded: Folded = {}

        def fold_page(page: Sequence[RecordedEvent]) -> None:
            for event in page:
                fold(folded, event.stream, event.version, event.payload)

        processor = time.process_time()
        begun = time.perf_counter()
        with (
            tenant_session(self._pool, self._tenant) as connection,
            closing(DatabaseLog(connection, self._note)) as log,
        ):
            found = verify_log(log, self._trust, keys=self._keys, on_page=fold_page)
        took = time.perf_counter() - begun
        self.processor_seconds.append(time.process_time() - processor)
        assert found.ok
        assert found.opened == found.signed.checkpoint.size
        return took


def _copy_out(connection: psycopg.Connection, tenant: str) -> None:
    """Take the bytes of all rows and drop them."""
    with connection.cursor().copy(_copy_statement(tenant)) as copy:
        for _ in copy:
            pass


def _copy_out_parsed(connection: psycopg.Connection, tenant: str) -> None:
    """Take all rows as Python values and drop them."""
    with connection.cursor().copy(_copy_statement(tenant)) as copy:
        copy.set_types(_TYPES)
        for _ in copy.rows():
            pass


def _copy_statement(tenant: str) -> sql.Composed:
    query = "COPY (SELECT {} FROM log.events WHERE tenant = {} ORDER BY position) TO STDOUT (FORMAT BINARY)"
    return sql.SQL(query).format(sql.SQL(_COLUMNS), sql.Literal(tenant))
