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
    """Carries out commands in one business's log, each after a look, as handlers do."""

    def __init__(self, database: Database) -> None:
        self.pool, self.tenant = database.pool(), new_id()
        self.store, self.another = PostgresEventStore(self.pool), PostgresEventStore(database.pool(3))

    def look(self, command: CommandId) -> None:
        self.store.look(self.tenant, ["seller-1"], command=command)

    def append(self, command: CommandId, events: int = 1, store: PostgresEventStore | None = None) -> Appended:
        stream = f"invoice-{new_id()}"
        batch = [sealed_event(self.tenant, stream, version) for version in range(1, events + 1)]
        return (store or self.store).append(self.tenant, batch, {stream: 0}, command)

    def carry_out(self, events: int = 1) -> Appended:
        command = a_command()
        self.look(command)
        return self.append(command, events)


@pytest.fixture
def commands(invoices: Database) -> Commands:
    return Commands(invoices)


def test_what_came_with_an_append_is_what_another_one_reads(commands: Commands) -> None:
    # Over the end of a tile, and of a batch that ends it.
    sizes = [commands.carry_out(events).first + 1 for events in (1, 2, 1, 249, 1, 1, 1, 3, 255, 1, 2)]
    commands.pool.close()  # it has them already
    for size in sizes:
        assert commands.store.edge(commands.tenant, size) == commands.another.edge(commands.tenant, size)
    assert max(sizes) > 2 * 256


def test_what_somebody_else_appended_in_between_is_no_part_of_it(commands: Commands) -> None:
    command = a_command()
    commands.look(command)
    commands.append(a_command(), store=commands.another)
    mine = commands.append(command)
    edge = commands.store.edge(commands.tenant, mine.first + 1)
    assert edge is not None
    assert edge.last.position == mine.first == 1
    assert edge == commands.another.edge(commands.tenant, mine.first + 1)


def test_what_is_refused_is_refused_as_without_a_look_and_leaves_nothing(commands: Commands) -> None:
    commands.carry_out()
    command = a_command()
    commands.look(command)
    with pytest.raises(VersionConflict):
        commands.store.append(commands.tenant, [sealed_event(commands.tenant, "seller-1", 2)], {"seller-1": 1}, command)
    assert commands.store.head(commands.tenant).size == 1
    commands.look(command)
    first = commands.append(command)
    commands.look(command)
    assert commands.append(command) == Appended(first.first, first.last, replayed=True)
    other = CommandId(command.key, os.urandom(32))
    with pytest.raises(IdempotencyConflict):
        commands.look(other)
    with pytest.raises(IdempotencyConflict):
        commands.append(other)
    assert commands.store.edge(commands.tenant, 3) is None
