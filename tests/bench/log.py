"""`make bench-log`: what the log costs, beside the least that PostgreSQL can do and beside another event store.

Everything runs on one private server in one run; contenders take turns, round by round, and medians are compared.
"""

from collections.abc import Mapping
from pathlib import Path

import click

from deploy.local.profile import DEFAULT_RUN_DIRECTORY, StackError
from tests.bench import appends, growth, pieces, reading, rebuild, writers
from tests.bench.contestant import contestant
from tests.bench.part import Part
from tests.bench.run import begin, circumstances, keep, or_say_why, run
from tests.bench.scale import SCALES
from tests.bench.server import bench_server

PARTS: Mapping[str, Part] = {
    "append1": appends.append1,
    "append100": appends.append100,
    "writers": writers.writers,
    "verify": reading.verify,
    "pieces": pieces.pieces,
    "replay": reading.replay,
    "growth": growth.growth,
    "rebuild": rebuild.rebuild,
}


@click.command()
@click.option("--scale", type=click.Choice(list(SCALES)), default="full", show_default=True, help="How much to do.")
@click.option("--only", type=click.Choice(list(PARTS)), multiple=True, help="Run this part; may be repeated.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=DEFAULT_RUN_DIRECTORY / "bench" / "log.json",
    help="Where the figures go, instead of .run/bench/log.json.",
)
@click.option(
    "--run-directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_RUN_DIRECTORY,
    help="Where the server lives while it runs, instead of .run in the checkout.",
)
def main(scale: str, only: tuple[str, ...], output: Path, run_directory: Path) -> None:
    """Measure the log on a private PostgreSQL with durable commits."""
    begin()
    with bench_server(run_directory) as server, contestant() as peer:
        head = circumstances(server, run_directory / "bench", scale)
        figures, raw = run(PARTS, only, server, scale, peer)
        keep(output, figures, {**head, "eventsourcing": peer and peer.version}, raw)


if __name__ == "__main__":
    or_say_why(main, StackError)
