"""A progress bar on stderr with rate and time left, so that stdout stays what it is: the answer."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text


class _Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """Return e.g. `61,234/s`."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


@contextmanager
def progress(title: str, total: int, *, beside_output: bool = False) -> Iterator[Callable[[int], None]]:
    """Show a bar while the block runs; the block calls what it gets with how many are done in all.

    Where stderr is no terminal there is nothing to see; nor with `beside_output` where stdout is the same terminal:
    the lines that appear there show the progress.
    """
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
    )
    shown = console.is_terminal and not (beside_output and sys.stdout.isatty())
    # Redirecting would send stdout to stderr: what is printed meanwhile goes where it belongs.
    with Progress(
        *columns, console=console, disable=not shown, transient=True, redirect_stdout=False, redirect_stderr=False
    ) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.update(task, completed=done)
