"""`make bench-rpc`: how long calls take over the bus, beside a bare nameko echo in the same run."""

from tests.bench import calls
from tests.bench.command import benchmark

main = benchmark(
    "rpc",
    "Measure calls to a system of our own, durable as in production, against a bare nameko echo.",
    {"calls": calls.latency},
)

if __name__ == "__main__":
    main()
