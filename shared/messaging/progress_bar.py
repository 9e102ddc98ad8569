"""How far a long piece of work is, on standard error: done, things a second, time left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

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

Show = Callable[[int, int], None]
"""Is told how much is done and how much there is."""


@contextmanager
def progress_bar(description: str, unit: str) -> Iterator[Show]:
    """Give a function that shows how far it is; nothing is drawn where nobody watches a terminal."""
    # Drawn by this thread, when there is news: a drawing thread would be one more to end.
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(unit), TimeElapsedColumn())
    bar = Progress(
        *columns, TimeRemainingColumn(), console=console, auto_refresh=False, disable=not console.is_terminal
    )
    task = bar.add_task(description, total=None)

    def show(done: int, total: int) -> None:
        bar.start()  # at the first news: a setting that is missing ends the program without a bar
        bar.update(task, completed=done, total=total, refresh=True)

    try:
        yield show
    finally:
        bar.stop()


class _Rate(ProgressColumn):
    """Things a second."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        self._unit = unit

    def render(self, task: Task) -> Text:
        """Show the rate; nothing is known before the first news."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f} {self._unit}/s")
