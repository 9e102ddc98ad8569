"""Starting the launcher as people do, in a directory of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.profile import CHECKOUT

PATIENCE = 120
"""Seconds after which a test gives up waiting for a stack that comes or goes."""
_SLEEP = "print('ready', flush=True); import time; time.sleep(600)"


def command(run_directory: Path, *arguments: str) -> list[str]:
    """`python -m deploy.local` with its stacks below `run_directory`."""
    return [sys.executable, "-m", "deploy.local", "--run-directory", str(run_directory), *arguments]


def run_code(run_directory: Path, code: str) -> list[str]:
    """The command that starts the test stack around a piece of Python."""
    return command(run_directory, "run", "--profile", "test", "--", sys.executable, "-c", code)


def finish(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(arguments, cwd=CHECKOUT, check=False, capture_output=True, text=True, timeout=PATIENCE)


@contextmanager
def launched(run_directory: Path) -> Iterator[subprocess.Popen[str]]:
    """A launcher whose servers are ready and whose command sleeps; whoever uses it ends it."""
    with subprocess.Popen(
        run_code(run_directory, _SLEEP), cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.terminate()
