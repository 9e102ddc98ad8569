"""`make bench-log`: what the log costs, beside the least that PostgreSQL can do and beside another event store.

Everything runs on one private server in one run; contenders take turns, round by round, and medians are compared.
"""

import json
import logging
import signal
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import FrameType

import click
import structlog

from deploy.local.profile import DEFAULT_RUN_DIRECTORY, StackError
from tests.bench import appends, growth, pieces, reading, rebuild, writers
from tests.bench.contestant import contestant
from tests.bench.part import Bench, Part
from tests.bench.scale import SCALES
from tests.bench.server import bench_server, machine

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
    signal.signal(signal.SIGTERM, _leave)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    chosen = {name: part for name, part in PARTS.items() if not only or name in only}
    with bench_server(run_directory) as server, contestant() as peer:
        head: dict[str, object] = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "scale": scale,
            "machine": machine(run_directory / "bench"),
            "settings": server.settings(),
            "eventsourcing": peer and peer.version,
        }
        ratios: dict[str, float | None] = {}
        raw: dict[str, object] = {}
        for number, (name, part) in enumerate(chosen.items(), start=1):
            title = f"[{number}/{len(chosen)}] {name}"
            answered, raw[name] = part(Bench(server, SCALES[scale], peer, partial(_say, title)))
            ratios |= answered
    figures = {name: value if value is None else float(f"{value:.4g}") for name, value in ratios.items()}
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps({**figures, **head, "raw": raw}, indent=2) + "\n", "utf-8")
    click.echo(json.dumps({**figures, "raw": raw}, indent=2))


def _say(title: str, text: str) -> None:
    click.echo(f"{title}: {text}", err=True)


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except StackError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
