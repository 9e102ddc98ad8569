"""Writers are killed in the middle of appends, again and again: what was acknowledged stays, nothing happens twice."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from enum import StrEnum
from random import Random

import pytest

from shared.eventstore.postgres import PostgresEventStore
from tests.chaos.aftermath import Witness
from tests.chaos.writer import command_id
from tests.chaos.writers import Writer
from tests.gates import Gate, Gates
from tests.stack import Database

pytestmark = pytest.mark.integration

ROUNDS = 50
LONGEST_WAIT = 0.006
"""Seconds between an answer and a kill that is to come anywhere; an append takes two to five thousandths."""


class Outcome(StrEnum):
    """What became of the command that a killed writer was held in."""

    COMMITTED = "committed, and nobody was told"
    ROLLED_BACK = "rolled back"
    UNKNOWN = "killed anywhere"


@pytest.fixture
def gates(invoices: Database) -> Iterator[Gates]:
    with closing(Gates(invoices)) as gates:
        yield gates


def test_fifty_kills_lose_nothing_acknowledged_and_double_nothing(
    invoices: Database, gates: Gates, writers: list[Writer]
) -> None:
    chance = Random(20261122)  # noqa: S311 - who is killed and where: nothing secret
    witnesses = [Witness(invoices, tenant) for tenant in {writer.tenant for writer in writers}]
    outcomes = Counter[Outcome]()
    for writer in writers:
        writer.start(where_it_dies(chance))
    for _ in range(ROUNDS):
        victim = chance.choice(writers)
        outcomes[kill(victim, chance, invoices, gates)] += 1
        chance.choice(witnesses).take()
        victim.start(where_it_dies(chance))
    for writer in writers:
        writer.kill()
        writer.start(last=writer.next_command + 3)
        writer.finish()
    for witness in witnesses:
        witness.check(writers)
    # Were one of these never reached, the kills would not have been where they were meant to be.
    assert min(outcomes[each] for each in Outcome) >= 5


def where_it_dies(chance: Random) -> Gate | None:
    gates: list[Gate | None] = [None, *Gate]
    return chance.choice(gates)


def kill(victim: Writer, chance: Random, database: Database, gates: Gates) -> Outcome:
    """Kill a writer after some commands; return what became of the one it was in."""
    commands = chance.randint(1, 4)
    while victim.done_in_this_life < commands:
        assert victim.is_alive
    if victim.gate is None:
        time.sleep(chance.uniform(0, LONGEST_WAIT))
        victim.kill()
        return Outcome.UNKNOWN
    wanted = chance.choice([Outcome.COMMITTED, Outcome.ROLLED_BACK])
    with gates.closed(victim.gate, victim.name):
        while not gates.is_at_gate(victim.name):
            assert victim.is_alive
        victim.kill()
        if wanted == Outcome.ROLLED_BACK:
            gates.terminate(victim.name)
    # The server has not noticed that its client is gone: without the termination it commits what it was asked to.
    while gates.is_connected(victim.name):
        pass
    found = PostgresEventStore(database.pool()).find_command(
        victim.tenant, command_id(f"{victim.name}-{victim.next_command}")
    )
    assert (found is not None) == (wanted == Outcome.COMMITTED)
    return wanted
