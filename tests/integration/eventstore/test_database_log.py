"""A log at rest is read over one connection: the same events and tiles, and nothing that is wrong goes unnamed."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from shared.eventstore.database_log import TILES_AHEAD, DatabaseLog
from shared.eventstore.faults import FaultKind
from shared.eventstore.model import StoredEvent
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.session import tenant_session
from shared.eventstore.tiles import StoredTiles
from shared.eventstore.trust import Trust
from shared.eventstore.verification import Verification, verify_log
from shared.kernel.ids import new_id
from shared.merkle.checkpoint import Checkpoint
from shared.merkle.tiles import WIDTH
from shared.merkle.tree import Frontier
from tests.integration.audit.conftest import remove_guards
from tests.sealed_events import sealed_events
from tests.stack import Database

pytestmark = pytest.mark.integration

EVENTS = (TILES_AHEAD + 1) * WIDTH + 44
"""More than is read at once, and a part of a tile."""
LAST = EVENTS - 1


class Logs:
    """Two tenants' logs in one database; nobody appends to them any more."""

    def __init__(self, database: Database) -> None:
        self.database, self.tenant = database, new_id()
        self.store = PostgresEventStore(database.pool())
        for first in range(0, EVENTS, 1000):
            versions = range(first + 1, min(first + 1000, EVENTS) + 1)
            self.store.append(self.tenant, sealed_events(self.tenant, "invoice-1", versions), {"invoice-1": first})
        other = new_id()
        self.store.append(other, sealed_events(other, "invoice-1", range(1, 10)), {"invoice-1": 0})

    def checkpoint(self) -> str:
        """Return what the log says of itself, signed by nobody."""
        head = self.store.head(self.tenant)
        return Checkpoint(self.tenant, head.size, Frontier(head.size, tuple(head.frontier)).root()).to_text() + "\n"

    @contextmanager
    def opened(self, note: str) -> Iterator[DatabaseLog]:
        with (
            tenant_session(self.database.pool(), self.tenant) as connection,
            closing(DatabaseLog(connection, note)) as log,
        ):
            yield log

    def verify(self, note: str) -> Verification:
        with self.opened(note) as log:
            return verify_log(log, Trust())

    def tamper(self, statement: str) -> None:
        """Do what only a superuser can."""
        with self.database.connect_as_admin() as admin:
            remove_guards(admin)
            assert admin.execute(statement.encode(), {"tenant": self.tenant}).rowcount > 0


@pytest.fixture
def logs(invoices: Database) -> Logs:
    return Logs(invoices)


def test_a_log_at_rest_is_read_as_the_store_reads_it(logs: Logs) -> None:
    tiles = StoredTiles(logs.store, logs.tenant)
    with logs.opened(logs.checkpoint()) as log:
        events = list[StoredEvent]()
        for first in range(0, EVENTS, WIDTH):
            last = min(first + WIDTH, EVENTS) - 1
            width = last - first + 1
            assert log.read(0, first // WIDTH, width) == tiles.read(0, first // WIDTH, width)
            events += log.events(first, last)
        assert log.read(1, 0, TILES_AHEAD) == tiles.read(1, 0, TILES_AHEAD)
    assert (log.first, log.last) == (0, LAST)
    assert events == list(logs.store.read_log(logs.tenant))


def test_another_query_may_come_between_two_tiles(logs: Logs) -> None:
    with logs.opened(logs.checkpoint()) as log:
        begun = [event.position for event in log.events(0, WIDTH - 1)]
        roots = log.read(1, 0, 2)
        assert [*begun, *(event.position for event in log.events(WIDTH, 2 * WIDTH - 1))] == list(range(2 * WIDTH))
    assert roots == StoredTiles(logs.store, logs.tenant).read(1, 0, 2)


def test_a_log_at_rest_that_is_whole_is_found_to_be(logs: Logs) -> None:
    found = logs.verify(logs.checkpoint())
    assert (found.faults, found.events, found.whole) == ([], EVENTS, True)


def test_a_log_without_events_is_whole(invoices: Database) -> None:
    tenant = new_id()
    note = Checkpoint(tenant, 0, Frontier().root()).to_text() + "\n"
    with tenant_session(invoices.pool(), tenant) as connection:
        assert verify_log(DatabaseLog(connection, note), Trust()).ok


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("DELETE FROM log.events WHERE position = 300", [(FaultKind.POSITION_UNEXPECTED, 300)]),
        ("DELETE FROM log.events WHERE position = 4095", [(FaultKind.POSITION_UNEXPECTED, 4095)]),
        ("DELETE FROM log.events WHERE position = 4395", [(FaultKind.POSITION_UNEXPECTED, LAST)]),
        ("UPDATE log.events SET type = 'InvoicePaid' WHERE position = 700", [(FaultKind.LEAF_DIFFERS, 700)]),
        (
            "UPDATE log.tiles SET hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1) WHERE level = 0 AND index = 2",
            [(FaultKind.LEAF_DIFFERS, 2 * WIDTH), (FaultKind.ROOT_DIFFERS, None)],
        ),
        ("DELETE FROM log.tiles WHERE level = 0 AND index = 16", [(FaultKind.TILE_UNREADABLE, 16 * WIDTH)]),
        ("UPDATE log.heads SET size = size - 4", [(FaultKind.COPY_DIFFERS, None)]),
        ("UPDATE log.heads SET frontier = frontier[2:] || frontier[1:1]", [(FaultKind.COPY_DIFFERS, None)]),
        ("DELETE FROM log.heads", [(FaultKind.COPY_DIFFERS, None)]),
    ],
)
def test_what_is_wrong_with_a_log_at_rest_is_named(
    logs: Logs, statement: str, expected: list[tuple[FaultKind, int | None]]
) -> None:
    note = logs.checkpoint()
    where = "AND" if "WHERE" in statement else "WHERE"
    logs.tamper(f"{statement} {where} tenant = %(tenant)s")
    places = [(fault.kind, fault.position) for fault in logs.verify(note).faults]
    assert [place for place in expected if place not in places] == []
    # A row that is missing is not taken for many: what comes behind it is still found in its place.
    assert sum(kind is FaultKind.POSITION_UNEXPECTED for kind, _ in places) <= 1


def test_events_behind_the_end_of_the_checkpoint_are_a_fault(logs: Logs) -> None:
    note = logs.checkpoint()
    versions = range(EVENTS + 1, EVENTS + 3)
    logs.store.append(logs.tenant, sealed_events(logs.tenant, "invoice-1", versions), {"invoice-1": EVENTS})
    kinds = {fault.kind for fault in logs.verify(note).faults}
    assert kinds >= {FaultKind.SIZE_DIFFERS, FaultKind.COPY_DIFFERS}
