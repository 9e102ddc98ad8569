"""Starting the launcher as people do, in a directory of its own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.profile import CHECKOUT
from deploy.local.program import ending_with_this_process

PATIENCE = 120
"""Seconds after which a test gives up waiting for a stack that comes or goes."""
_SLEEP = "print('ready', flush=True); import signal; signal.pause()"


def command(run_directory: Path, *arguments: str) -> list[str]:
    """`python -m deploy.local` with its stacks below `run_directory`."""
    return [sys.executable, "-m", "deploy.local", "--run-directory", str(run_directory), *arguments]


def run_code(run_directory: Path, code: str, profile: str = "test") -> list[str]:
    """The command that starts a stack around a piece of Python."""
    return command(run_directory, "run", "--profile", profile, "--", sys.executable, "-c", code)


def finish(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(arguments, cwd=CHECKOUT, check=False, capture_output=True, text=True, timeout=PATIENCE)


@contextmanager
def launched(run_directory: Path, profile: str = "test") -> Iterator[subprocess.Popen[str]]:
    """A launcher whose stack is ready and whose command sleeps; it ends with the block, or with us when we die."""
    sleeping = ending_with_this_process(run_code(run_directory, _SLEEP, profile))
    with subprocess.Popen(sleeping, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.terminate()
