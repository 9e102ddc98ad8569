"""Finding and ending the processes that belong to one profile, and no others."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from deploy.local.program import MARK

_POLL_SECONDS = 0.1


def marked(directory: Path) -> set[int]:
    """Return the ids of all living processes that carry the mark of this profile, ourselves excepted.

    The mark is in the environment they were started with, which says more than a process id in a file:
    ids are used again.
    """
    ids = {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    return {pid for pid in ids - {os.getpid()} if _is_marked(pid, directory)}


def signal_marked(pid: int, directory: Path, number: signal.Signals) -> bool:
    """Send a signal if the process carries the mark; the pidfd rules out hitting a later one of that id."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        if not _is_marked(pid, directory):
            return False
        signal.pidfd_send_signal(descriptor, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(descriptor)
    return True


def end_marked(directory: Path, *, patience_seconds: float) -> None:
    """Ask the profile's processes to end, wait for it, and kill what is still there."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in marked(directory):
            signal_marked(pid, directory, number)
        if wait_until(lambda: not marked(directory), patience_seconds):
            return


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Ask again and again; return whether it came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _is_marked(pid: int, directory: Path) -> bool:
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:  # it has ended, or belongs to somebody else
        return False
    return f"{MARK}={directory}".encode() in environment.split(b"\0")
