"""How much of everything a run does."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Numbers of events, unless said otherwise."""

    rounds: int
    """Of the interleaved measurements; one more is run first and not counted."""
    singles: int
    """Single appends of a contender in one round."""
    batches: int
    """Batches of 100 of a contender in one round."""
    writers_seconds: float
    """How long each run of concurrent writers lasts."""
    verified: int
    peer_replayed: int
    sizes: tuple[int, ...]
    """Of the logs in which the cost of an append and of a proof is measured, smallest first."""
    documents: int
    """Invoices drafted and issued for the rebuild."""
    people: int
    """Who log in, each once a round, in every process that logs people in."""
    tokens: int
    """Verified in one round."""
    decisions: int
    """Taken in one round."""
    revocations: int
    """Sessions ended, one after another."""
    calls: int
    """Of each kind over the bus, one after another."""
    forms: int
    """Documents written as XML in one round; a third as many are judged."""


SCALES = {
    "full": Scale(
        rounds=7,
        singles=300,
        batches=5,
        writers_seconds=4,
        verified=200_000,
        peer_replayed=10_000,
        sizes=(1_000, 100_000, 1_000_000),
        documents=1_500,
        people=40,
        tokens=3_000,
        decisions=20_000,
        revocations=100,
        calls=200,
        forms=150,
    ),
    "small": Scale(
        rounds=2,
        singles=10,
        batches=1,
        writers_seconds=0.3,
        verified=1_200,
        peer_replayed=100,
        sizes=(100, 300, 1_000),
        documents=5,
        people=2,
        tokens=20,
        decisions=100,
        revocations=3,
        calls=5,
        forms=6,
    ),
}
