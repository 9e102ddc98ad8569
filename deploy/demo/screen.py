"""What the demo shows: a heading a step, ticks, progress bars, a table at the end."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from shared.contracts.errors import PublicError

console = Console(highlight=False, soft_wrap=True)


def step(number: int, title: str) -> None:
    """Announce a step."""
    console.print(f"\n[bold]{number}. {title}[/bold]")


def done(text: str) -> None:
    """Say that something was shown to work."""
    console.print(f"   [green]ok[/green]  {text}")


class Bar:
    """A progress bar; where output is not a terminal, a line each tenth of the way."""

    def __init__(self, title: str, total: int) -> None:
        self._title, self._total, self._done, self._said = title, total, 0, 0
        self._live = Progress(
            TextColumn("       {task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._live.add_task(title, total=total)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def advance(self, amount: int = 1) -> None:
        """So many more are done."""
        self.reach(self._done + amount)

    def reach(self, amount: int) -> None:
        """`amount` in all are done."""
        self._done = amount
        self._live.update(self._task, completed=amount)
        tenth = amount * 10 // self._total if self._total else 10
        if not console.is_terminal and tenth > self._said:
            self._said = tenth
            console.print(f"       {self._title}: {amount} of {self._total}")


def table(figures: Mapping[str, object]) -> None:
    """Print the summary."""
    summary = Table(title="What the running system says", show_header=False, title_justify="left")
    summary.add_column(style="cyan")
    summary.add_column(overflow="fold")
    for name, value in figures.items():
        summary.add_row(name.replace("_", " "), str(value))
    console.print()
    console.print(summary)


@contextmanager
def refusal_expected(code: str) -> Iterator[None]:
    """Run a block that must be refused with exactly this public code."""
    try:
        yield
    except PublicError as error:
        if error.code != code:
            raise
    else:
        raise AssertionError(f"this was not refused, {code} was expected")
