"""Writer processes as a test sees them: started, watched, killed and started again."""

import json
import multiprocessing
import signal
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from shared.kernel.ids import new_id
from tests.chaos.writer import Order, write
from tests.gates import Gate, conninfo_of
from tests.stack import Database

# A life begins with a fork of a process that has everything imported: fifty of them take seconds, not minutes.
_LIVES = multiprocessing.get_context("forkserver")
_LIVES.set_forkserver_preload(["tests.chaos.writer"])
_SENT_AGAIN = 2
"""Acknowledged commands that a new life begins with: their answers must be the first ones."""


class Writer:
    """One writer of one tenant, through all its lives."""

    def __init__(self, database: Database, tenant: str, directory: Path) -> None:
        self.name, self.tenant = f"writer-{new_id()}", tenant
        self.gate: Gate | None = None
        self._database, self._notes = database, directory / self.name
        self._notes.touch()
        self._known_at_start = 0
        self._process: ForkServerProcess | None = None

    def start(self, gate: Gate | None = None, last: int | None = None) -> None:
        """Begin a life that `gate` can hold; with `last` it ends by itself after that command."""
        self.gate = gate
        self._known_at_start = self.next_command
        order = Order(
            conninfo_of(self._database, self.name, gate),
            self.tenant,
            self.name,
            self._notes,
            max(0, self.next_command - _SENT_AGAIN),
            last,
        )
        self._process = _LIVES.Process(target=write, args=(order,), daemon=True)  # never longer than the test
        self._process.start()

    @property
    def next_command(self) -> int:
        """Number of the first command that was not acknowledged."""
        return len(self.acknowledged())

    @property
    def done_in_this_life(self) -> int:
        """How many new commands were acknowledged since the start."""
        return self.next_command - self._known_at_start

    def acknowledged(self) -> Mapping[int, tuple[int, int]]:
        """Return the first and last position of every acknowledged command; no command has two different answers."""
        places: dict[int, tuple[int, int]] = {}
        for line in self._notes.read_text("utf-8").splitlines():
            number, first, last = json.loads(line)
            assert places.setdefault(number, (first, last)) == (first, last), f"{self.name}-{number}"
        assert list(places) == list(range(len(places)))
        return places

    def kill(self) -> None:
        """End this life: SIGKILL."""
        self._life.kill()
        self._life.join()
        assert self._life.exitcode == -signal.SIGKILL

    def finish(self) -> None:
        """Wait until this life has ended by itself."""
        self._life.join()
        assert self._life.exitcode == 0

    @property
    def is_alive(self) -> bool:
        """Tell whether there is a life that goes on."""
        return self._process is not None and self._process.is_alive()

    @property
    def _life(self) -> ForkServerProcess:
        assert self._process is not None, "never started"
        return self._process
