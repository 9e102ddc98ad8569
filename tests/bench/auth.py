"""`make bench-auth`: what a login costs beside the Argon2id that it must pay, what a token, what a decision.

Everything runs on one private server in one run; contenders take turns, round by round, and medians are compared.
"""

from collections.abc import Mapping
from pathlib import Path

import click

from deploy.local.profile import DEFAULT_RUN_DIRECTORY, StackError
from tests.bench import decisions, logins
from tests.bench.part import Part
from tests.bench.run import begin, circumstances, keep, or_say_why, run
from tests.bench.scale import SCALES
from tests.bench.server import bench_server

PARTS: Mapping[str, Part] = {
    "login": logins.login,
    "verify": decisions.verify,
    "authorize": decisions.authorize,
}


@click.command()
@click.option("--scale", type=click.Choice(list(SCALES)), default="full", show_default=True, help="How much to do.")
@click.option("--only", type=click.Choice(list(PARTS)), multiple=True, help="Run this part; may be repeated.")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=DEFAULT_RUN_DIRECTORY / "bench" / "auth.json",
    help="Where the figures go, instead of .run/bench/auth.json.",
)
@click.option(
    "--run-directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_RUN_DIRECTORY,
    help="Where the server lives while it runs, instead of .run in the checkout.",
)
def main(scale: str, only: tuple[str, ...], output: Path, run_directory: Path) -> None:
    """Measure logins on a private PostgreSQL with durable commits, then tokens and decisions."""
    begin()
    with bench_server(run_directory) as server:
        head = circumstances(server, run_directory / "bench", scale)
        figures, raw = run(PARTS, only, server, scale)
        keep(output, figures, head, raw)


if __name__ == "__main__":
    or_say_why(main, StackError)
