"""`make bench-log`: what the log costs, beside the least that PostgreSQL can do and beside another event store.

Everything runs on one private server in one run; contenders take turns, round by round, and medians are compared.
"""

from tests.bench import appends, growth, pieces, reading, rebuild, writers
from tests.bench.command import benchmark
from tests.bench.contestant import contestant

main = benchmark(
    "log",
    "Measure the log on a private PostgreSQL with durable commits.",
    {
        "append1": appends.append1,
        "append100": appends.append100,
        "writers": writers.writers,
        "verify": reading.verify,
        "pieces": pieces.pieces,
        "replay": reading.replay,
        "growth": growth.growth,
        "rebuild": rebuild.rebuild,
    },
    peer=contestant,
)

if __name__ == "__main__":
    main()
