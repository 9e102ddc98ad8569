"""What every benchmark command does around its parts: begin, run the chosen ones, keep the figures."""

import json
import logging
import signal
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import FrameType

import click
import structlog

from tests.bench.contestant import Contestant
from tests.bench.part import Bench, Part, Raw
from tests.bench.scale import SCALES
from tests.bench.server import Server, machine


def begin() -> None:
    """End in an orderly way when asked to, and say nothing below a warning."""
    signal.signal(signal.SIGTERM, _leave)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))


def circumstances(server: Server, directory: Path, scale: str) -> dict[str, object]:
    """Return what the figures depend on."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "scale": scale,
        "machine": machine(directory),
        "settings": server.settings(),
    }


def run(
    parts: Mapping[str, Part], only: tuple[str, ...], server: Server, scale: str, peer: Contestant | None = None
) -> tuple[dict[str, float | None], Raw]:
    """Run the parts that were chosen, all when none was; return the figures, four digits each, and all measured."""
    chosen = {name: part for name, part in parts.items() if not only or name in only}
    figures: dict[str, float | None] = {}
    raw: dict[str, object] = {}
    for number, (name, part) in enumerate(chosen.items(), start=1):
        said = partial(_say, f"[{number}/{len(chosen)}] {name}")
        answered, raw[name] = part(Bench(server, SCALES[scale], peer, said))
        figures |= {name: value if value is None else float(f"{value:.4g}") for name, value in answered.items()}
    return figures, raw


def keep(output: Path, figures: Mapping[str, float | None], head: Mapping[str, object], raw: Raw) -> None:
    """Write everything to `output`, and the figures to standard output."""
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps({**figures, **head, "raw": raw}, indent=2) + "\n", "utf-8")
    click.echo(json.dumps({**figures, "raw": raw}, indent=2))


def or_say_why(command: Callable[[], None], failure: type[Exception]) -> None:
    """Run a command; exit code 1 and a sentence when the servers did not do their part."""
    try:
        command()
    except failure as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)


def _say(title: str, text: str) -> None:
    click.echo(f"{title}: {text}", err=True)


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(1)
