"""Interleaved rounds: every contender gets its turn in each, so that what the machine does meanwhile hits all alike."""

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

Contender = Callable[[], float]
"""Does its share of one round and returns the seconds it took."""


@dataclass(frozen=True)
class Rounds:
    """Seconds of one round, by contender: the median over all rounds and the shortest and longest beside it."""

    seconds: Mapping[str, list[float]]

    def median(self, contender: str) -> float:
        """Return the median."""
        return statistics.median(self.seconds[contender])

    def ratio(self, numerator: str, denominator: str) -> float:
        """Return the median over the rounds of how long one took in a round, divided by how long the other did."""
        pairs = zip(self.seconds[numerator], self.seconds[denominator], strict=True)
        return statistics.median(one / other for one, other in pairs)

    def rates(self, units: int) -> dict[str, dict[str, float]]:
        """Return units a second by contender: median, lowest and highest."""
        return {
            name: {
                "median": round(units / statistics.median(seconds), 1),
                "lowest": round(units / max(seconds), 1),
                "highest": round(units / min(seconds), 1),
            }
            for name, seconds in self.seconds.items()
        }


def interleaved(rounds: int, contenders: Mapping[str, Contender], said: Callable[[str], None]) -> Rounds:
    """Run all contenders `rounds` times, after one round that is not counted; each round another one is first."""
    names = list(contenders)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds + 1):
        said(f"round {number} of {rounds}" if number else "warming up")
        first = number % len(names)
        for name in names[first:] + names[:first]:
            took = contenders[name]()
            if number:
                seconds[name].append(took)
    return Rounds(seconds)


@contextmanager
def timed(into: list[float]) -> Iterator[None]:
    """Append how many seconds the body took."""
    start = time.perf_counter()
    yield
    into.append(time.perf_counter() - start)


def seconds_of(action: Callable[[], object]) -> float:
    """Return how many seconds it takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start
