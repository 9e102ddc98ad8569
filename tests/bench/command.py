"""The command line of a benchmark: the same options for every subject, and what is done around its parts."""

import json
import logging
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import FrameType

import click
import structlog

from deploy.local.profile import DEFAULT_RUN_DIRECTORY, StackError
from tests.bench.contestant import Contestant
from tests.bench.part import Bench, Part, Raw
from tests.bench.scale import SCALES
from tests.bench.server import Server, bench_server, machine

Peer = Callable[[], AbstractContextManager[Contestant | None]]


def benchmark(subject: str, meaning: str, parts: Mapping[str, Part], peer: Peer | None = None) -> click.Command:
    """Return the command that measures a subject on a private PostgreSQL and writes .run/bench/SUBJECT.json.

    `peer` runs the event store that it is compared with, if it is. The command ends with exit code 1 and a sentence
    when the servers do not do their part.
    """

    @click.command(help=meaning)
    @click.option("--scale", type=click.Choice(list(SCALES)), default="full", show_default=True, help="How much to do.")
    @click.option("--only", type=click.Choice(list(parts)), multiple=True, help="Run this part; may be repeated.")
    @click.option(
        "--output",
        type=click.Path(path_type=Path, dir_okay=False),
        default=DEFAULT_RUN_DIRECTORY / "bench" / f"{subject}.json",
        help=f"Where the figures go, instead of .run/bench/{subject}.json.",
    )
    @click.option(
        "--run-directory",
        type=click.Path(path_type=Path, file_okay=False),
        default=DEFAULT_RUN_DIRECTORY,
        help="Where the server lives while it runs, instead of .run in the checkout.",
    )
    def measure(scale: str, only: tuple[str, ...], output: Path, run_directory: Path) -> None:
        _begin()
        chosen = {name: part for name, part in parts.items() if not only or name in only}
        try:
            with bench_server(run_directory) as server, (peer or nullcontext)() as contestant:
                compared = {} if peer is None else {"eventsourcing": contestant and contestant.version}
                head = {**_circumstances(server, run_directory / "bench", scale), **compared}
                figures, raw = _run(chosen, server, scale, contestant)
                _keep(output, figures, head, raw)
        except StackError as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(1)

    return measure


def _begin() -> None:
    """End in an orderly way when asked to, and say nothing below a warning."""
    signal.signal(signal.SIGTERM, _leave)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(1)


def _circumstances(server: Server, directory: Path, scale: str) -> dict[str, object]:
    """Return what the figures depend on."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "scale": scale,
        "machine": machine(directory),
        "settings": server.settings(),
    }


def _run(
    parts: Mapping[str, Part], server: Server, scale: str, peer: Contestant | None
) -> tuple[dict[str, float | None], Raw]:
    """Run the parts; return the figures, four digits each, and all measured."""
    figures: dict[str, float | None] = {}
    raw: dict[str, object] = {}
    for number, (name, part) in enumerate(parts.items(), start=1):
        said = partial(_say, f"[{number}/{len(parts)}] {name}")
        answered, raw[name] = part(Bench(server, SCALES[scale], peer, said))
        figures |= {name: value if value is None else float(f"{value:.4g}") for name, value in answered.items()}
    return figures, raw


def _say(title: str, text: str) -> None:
    click.echo(f"{title}: {text}", err=True)


def _keep(output: Path, figures: Mapping[str, float | None], head: Mapping[str, object], raw: Raw) -> None:
    """Write everything to `output`, and the figures to standard output."""
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps({**figures, **head, "raw": raw}, indent=2) + "\n", "utf-8")
    click.echo(json.dumps({**figures, "raw": raw}, indent=2))
