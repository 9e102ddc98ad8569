"""Processes beside a service: work that would take the processor from its calls, or keep the interpreter's lock.

Such a process is the service's child, because it works with the same keys: they stay in one container, and nothing but
the service has to be started. It uses a core of its own, gives way to whoever answers calls (nice), and takes nothing
with it should it crash: it is started again. Several of them, of several services, share the work, a business at a
time. Killed at any moment it loses nothing: what it does is in the database or was not done.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

import structlog

_ROOT = Path(__file__).parents[2]
_LOOK_SECONDS = 1.0
"""Between two looks whether the other process is there."""
_SERVICE = "BESIDE_SERVICE"
"""The variable that tells the process the id of the service's: a parent that died has another one."""
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_log = structlog.get_logger(__name__)

Work = Callable[[Callable[[], bool], Callable[[float], None]], None]
"""Runs until `stop()` is true, and waits with `pause(seconds)`."""


class ProcessEnded(RuntimeError):
    """The process ended by itself; it is started again after a pause."""


class ProcessBeside:
    """Keeps `python -m services.<service> <action>` running: the service's side."""

    def __init__(self, service: str, action: str) -> None:
        self._service, self._action = service, action

    def run(self, stop: Callable[[], bool], pause: Callable[[float], None]) -> None:
        """Run one until it is time to stop, when it ends at once: what it was doing is done again.

        Raises ProcessEnded, to be run again after a pause.
        """
        process = subprocess.Popen(  # noqa: S603 -- our own module
            (sys.executable, "-m", f"services.{self._service}", self._action),
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, _SERVICE: str(os.getpid())},
        )
        try:
            while not stop():
                if process.poll() is not None:
                    raise ProcessEnded(f"{self._action} of {self._service} ended with {process.returncode}")
                pause(_LOOK_SECONDS)
        finally:
            process.kill()
            process.wait()


def stay_beside(niceness: int) -> None:
    """Give way to calls, and end with the service that started this process, however that ends: the process's side.

    One that was started by hand goes on until it is ended.
    """
    os.nice(niceness)
    if _SERVICE in os.environ:
        threading.Thread(target=_end_with, args=(int(os.environ[_SERVICE]),), name="service", daemon=True).start()


def go_on(work: Mapping[str, Work]) -> None:
    """Do all of these, each in a thread of its own, for as long as the process lives; what fails is begun again."""
    threads = [threading.Thread(target=_again_and_again, args=each, name=each[0], daemon=True) for each in work.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _again_and_again(name: str, work: Work) -> NoReturn:
    pause = _FIRST_PAUSE
    while True:
        try:
            work(lambda: False, time.sleep)
            pause = _FIRST_PAUSE
        except Exception:  # noqa: BLE001 - whatever it is: it is logged and the work starts again
            _log.exception("background_work_failed", work=name, retry_in_seconds=pause)
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)


def _end_with(service: int) -> None:
    while os.getppid() == service:
        time.sleep(_LOOK_SECONDS)
    os._exit(0)  # in the middle of whatever it does: killed at any moment, it loses nothing
