"""Real service processes for tests: started, watched by their log, ended."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 120.0
"""Seconds after which a test gives up waiting for what must happen; no test passes because time went by."""


def wait_until(happened: Callable[[], object], what: str) -> None:
    """Return once `happened()` is true; fail after PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain: {what}")
        time.sleep(0.05)


@dataclass
class ServiceProcess:
    """A process that serves, and what it wrote to standard error."""

    process: subprocess.Popen[bytes]
    log: Path
    _seen: list[str] = field(default_factory=list)

    @classmethod
    def start(cls, module: str, environment: Mapping[str, str], log: Path) -> "ServiceProcess":
        """Start `python -m <module>` with this environment and nothing else."""
        return cls.start_program(["-m", module], environment, log)

    @classmethod
    def start_program(cls, arguments: list[str], environment: Mapping[str, str], log: Path) -> "ServiceProcess":
        """Start `python <arguments>` with this environment and nothing else."""
        plain = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        with log.open("ab") as stream:
            process = subprocess.Popen(
                [sys.executable, *arguments], cwd=ROOT, env={**plain, **environment}, stdout=stream, stderr=stream
            )
        return cls(process, log)

    def text(self) -> str:
        """Everything it wrote."""
        return self.log.read_text(encoding="utf-8")

    def events(self) -> list[dict[str, Any]]:
        """Its log, line by line; a line that is not JSON fails the test.

        A line without an end is being written at this moment: a write over the edge of a page is seen in two parts.
        """
        writing = self.process.poll() is None
        lines = self.text().splitlines(keepends=True)
        if writing and lines and not lines[-1].endswith("\n"):
            del lines[-1]
        return [json.loads(line) for line in lines if line.strip()]

    def logged(self, event: str) -> list[dict[str, Any]]:
        """The log lines of one kind."""
        return [line for line in self.events() if line.get("event") == event]

    def wait_for(self, event: str, times: int = 1) -> None:
        """Wait until it logged an event so often."""

        def happened() -> bool:
            assert self.process.poll() is None, f"it ended early:\n{self.text()}"
            return len(self.logged(event)) >= times

        wait_until(happened, f"{event} x {times} in\n{self.text()}")

    def terminate(self) -> int:
        """Ask it to stop as a supervisor does, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def end(self) -> None:
        """End it, if it still runs, at the end of a test."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)


@dataclass
class Processes:
    """The processes of one test; what still runs at its end is killed."""

    directory: Path
    _started: list[ServiceProcess] = field(default_factory=list)

    def start(self, module: str, environment: Mapping[str, str]) -> ServiceProcess:
        """Start a module of this directory."""
        log = self.directory / f"{module}-{len(self._started)}.log"
        started = ServiceProcess.start(f"{__package__}.{module}", environment, log)
        self._started.append(started)
        return started

    def end(self) -> None:
        """End all of them."""
        for process in self._started:
            process.end()


def ended_with(processes: Processes) -> Iterator[Processes]:
    """Yield them, and end them afterwards."""
    try:
        yield processes
    finally:
        processes.end()
