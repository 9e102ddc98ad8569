"""What `python -m services.<name>` does: serve, or fill the read models from the log again.

A service's `__main__` makes the process green before it imports anything else, and then calls `main`.
"""

import argparse
import sys
from collections.abc import Callable

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from shared.eventstore import rebuild as rebuilding
from shared.messaging import worker
from shared.messaging.endpoints import BaseService
from shared.messaging.settings import Environment, WorkerSettings, read_or_exit
from shared.observability import logging

FAILED_EXIT = 1
Rebuild = Callable[[Environment, rebuilding.Progress], None]


def main(
    service: type[BaseService],
    *,
    settings: Callable[[Environment], object],
    rebuild: Rebuild | None = None,
) -> int:
    """Serve until a signal says stop, or rebuild; return the exit code.

    `settings` reads everything that the service needs. `rebuild` is None for a service without read models. Exit
    codes: 0, 1 when calls were cut off or the read models stayed as they were, 2 for a wrong argument or setting.
    """
    if _action(service) == "serve":
        read_or_exit(settings)  # a wrong setting ends the process now, not every container that it starts
        return worker.run(service, read_or_exit(WorkerSettings.read))
    if rebuild is None:
        sys.stdout.write(f"{service.name} has no read models: there is nothing to rebuild.\n")
        return 0
    logging.configure(service.name)
    return _rebuild(service.name, rebuild)


def _rebuild(name: str, rebuild: Rebuild) -> int:
    """Rebuild and show how far it is, on standard error: events, events a second, time left."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeElapsedColumn())
    # Drawn by this thread, when there is news: a drawing thread would be one more to end.
    console = Console(stderr=True)
    bar = Progress(
        *columns, TimeRemainingColumn(), console=console, auto_refresh=False, disable=not console.is_terminal
    )
    task = bar.add_task(f"Rebuilding {name}", total=None)

    def show(done: int, total: int) -> None:
        bar.start()  # at the first news: a setting that is missing ends this without a bar
        bar.update(task, completed=done, total=total, refresh=True)

    try:
        read_or_exit(lambda environment: rebuild(environment, show))
    except rebuilding.RebuildRefused as refused:
        console.print(f"{refused}. The read models are as they were.")
        return FAILED_EXIT
    finally:
        bar.stop()
    return 0


class _Rate(ProgressColumn):
    """Events a second."""

    def render(self, task: Task) -> Text:
        """Show the rate; nothing is known before the first batch."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f} events/s")


def _action(service: type[BaseService]) -> str:
    parser = argparse.ArgumentParser(
        prog=f"python -m services.{service.name}",
        description=f"{service.__doc__} Settings come from the environment: docs/settings.md.",
    )
    parser.add_argument(
        "action",
        nargs="?",
        default="serve",
        choices=("serve", "rebuild"),
        help="serve calls (the default), or fill the read models from the log again, while the others serve",
    )
    return str(parser.parse_args().action)
