"""What every part of the benchmark is given and gives back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.bench.contestant import Contestant
from tests.bench.scale import Scale
from tests.bench.server import Server


@dataclass(frozen=True)
class Bench:
    """What a part works with."""

    server: Server
    scale: Scale
    peer: Contestant | None
    """None where the peer's environment was not made: its ratios are left open."""
    said: Callable[[str], None]


Ratios = Mapping[str, float | None]
Raw = Mapping[str, object]
Part = Callable[[Bench], tuple[Ratios, Raw]]
"""Returns the figures it answers for, by their names in log.json, and all that was measured."""
