"""What a receipt is made of comes with the append, and is the same as when it is asked for later."""

import os

import pytest

from shared.eventstore.model import Appended, CommandId
from shared.eventstore.postgres import PostgresEventStore
from shared.eventstore.store import IdempotencyConflict, VersionConflict
from shared.kernel.ids import new_id
from tests.sealed_events import sealed_event
from tests.stack import Database

pytestmark = pytest.mark.integration


def a_command() -> CommandId:
    return CommandId(new_id(), os.urandom(32))


class Commands:
    """Carries out commands in one business's log, in two processes: each knows what it appended itself."""

    def __init__(self, database: Database) -> None:
        self.pool, self.tenant = database.pool(), new_id()
        self.store, self.another = PostgresEventStore(self.pool), PostgresEventStore(database.pool(3))

    def carry_out(
        self, events: int = 1, command: CommandId | None = None, store: PostgresEventStore | None = None
    ) -> Appended:
        stream = f"invoice-{new_id()}"
        batch = [sealed_event(self.tenant, stream, version) for version in range(1, events + 1)]
        return (store or self.store).append(self.tenant, batch, {stream: 0}, command or a_command())


@pytest.fixture
def commands(invoices: Database) -> Commands:
    return Commands(invoices)


def test_what_came_with_an_append_is_what_another_one_reads(commands: Commands) -> None:
    # Over the end of a tile, and of a batch that ends it.
    sizes = [commands.carry_out(events).first + 1 for events in (1, 2, 1, 249, 1, 1, 1, 3, 255, 1, 2)]
    commands.pool.close()  # it has them already
    for size in sizes:
        edge = commands.store.edge(commands.tenant, size)
        assert edge is not None
        assert edge == commands.another.edge(commands.tenant, size)
    assert max(sizes) > 2 * 256


def test_what_others_appended_before_is_part_of_it(commands: Commands) -> None:
    commands.carry_out(store=commands.another)
    mine = commands.carry_out()
    edge = commands.store.edge(commands.tenant, mine.first + 1)
    assert edge is not None
    assert edge.last.position == mine.first == 1
    assert edge == commands.another.edge(commands.tenant, mine.first + 1)


def test_an_edge_that_is_asked_for_again_is_read(commands: Commands) -> None:
    size = commands.carry_out().first + 1
    assert commands.store.edge(commands.tenant, size) == commands.store.edge(commands.tenant, size)


def test_a_command_that_comes_again_has_the_edge_of_its_first_run(commands: Commands) -> None:
    command = a_command()
    first = commands.carry_out(command=command)
    edge = commands.store.edge(commands.tenant, first.first + 1)
    commands.carry_out()
    again = commands.carry_out(command=command)
    assert again == Appended(first.first, first.last, replayed=True)
    assert commands.store.edge(commands.tenant, again.first + 1) == edge


def test_what_is_refused_has_no_edge(commands: Commands) -> None:
    command = a_command()
    commands.carry_out(command=command)
    with pytest.raises(VersionConflict):
        commands.store.append(commands.tenant, [sealed_event(commands.tenant, "seller-1", 2)], {"seller-1": 1})
    with pytest.raises(IdempotencyConflict):
        commands.carry_out(command=CommandId(command.key, os.urandom(32)))
    assert commands.store.edge(commands.tenant, 2) is None
