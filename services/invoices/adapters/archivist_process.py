"""The archivist beside the service, in a process of its own.

Drawing takes tens of milliseconds of processor time a document and keeps the interpreter's lock while it does: in the
service every call would wait for it. Beside the service it uses a core of its own, gives way to whoever answers calls
(nice), and takes nothing with it should it crash. It is the service's child, because it works with the same keys: they
stay in one container, and nothing but the service has to be started. Several of them, of several services, share the
work, a business at a time.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

_ROOT = Path(__file__).parents[3]
COMMAND = (sys.executable, "-m", "services.invoices", "archivist")
_LOOK_SECONDS = 1.0
"""Between two looks whether the other process is there."""
_NICENESS = 10
_SERVICE = "ARCHIVIST_OF"
"""The variable that tells the archivist the id of the service's process: a parent that died has another one."""


class ArchivistEnded(RuntimeError):
    """The archivist ended by itself; it is started again after a pause."""


class ArchivistProcess:
    """Keeps an archivist running: the service's side."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = command

    def run(self, stop: Callable[[], bool], pause: Callable[[float], None]) -> None:
        """Run one until it is time to stop, when it ends at once: what it was drawing is drawn again.

        Raises ArchivistEnded, to be run again after a pause.
        """
        process = subprocess.Popen(  # noqa: S603 -- our own module
            self._command, cwd=_ROOT, stdin=subprocess.DEVNULL, env={**os.environ, _SERVICE: str(os.getpid())}
        )
        try:
            while not stop():
                if process.poll() is not None:
                    raise ArchivistEnded(f"the archivist ended with {process.returncode}")
                pause(_LOOK_SECONDS)
        finally:
            process.kill()
            process.wait()


def stay_beside() -> None:
    """Give way to calls, and end with the service that started this process, however that ends: the archivist's side.

    An archivist that was started by hand goes on until it is ended.
    """
    os.nice(_NICENESS)
    if _SERVICE in os.environ:
        threading.Thread(target=_end_with, args=(int(os.environ[_SERVICE]),), name="service", daemon=True).start()


def _end_with(service: int) -> None:
    while os.getppid() == service:
        time.sleep(_LOOK_SECONDS)
    os._exit(0)  # in the middle of whatever it does: killed at any moment, it loses nothing
