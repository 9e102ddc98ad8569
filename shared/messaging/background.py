"""Work that goes on beside the calls: projections, the relay, the notifier's deliveries."""

from collections.abc import Callable
from typing import Any

import structlog
from eventlet import Timeout
from eventlet.event import Event

_log = structlog.get_logger(__name__)
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_GRACE = 20.0
"""Seconds that a loop has to finish what it is doing."""

Stop = Callable[[], bool]
Pause = Callable[[float], None]
Work = Callable[[Stop, Pause], None]
"""Runs until `stop()` is true, and waits with `pause(seconds)`, which ends early when it is time to stop."""


class BackgroundLoop:
    """Runs one piece of work in a green thread of its own; when it raises, after a pause it is started again."""

    def __init__(self, name: str, work: Work, wake: Callable[[], None] = lambda: None) -> None:
        """`wake` ends whatever the work waits for besides `pause`, so that it sees that it is time to stop."""
        self._name = name
        self._work = work
        self._wake = wake
        self._stop = Event()
        self._ended = Event()
        self._thread: Any = None

    def start(self, container: Any) -> None:  # noqa: ANN401 - nameko publishes no types
        """Start under a nameko container, which ends the thread if it dies itself."""
        self._thread = container.spawn_managed_thread(self._run, identifier=self._name)

    def stop(self) -> None:
        """Ask the work to stop, and wait until it has, within the grace period."""
        self.ask_to_stop()
        if self._thread is not None:
            with Timeout(_GRACE, False):
                self._ended.wait()

    def ask_to_stop(self) -> None:
        """Ask the work to stop and do not wait."""
        if not self._stop.ready():
            self._stop.send()
            self._wake()

    def _run(self) -> None:
        pause = _FIRST_PAUSE
        while not self._stop.ready():
            try:
                self._work(self._stop.ready, self._pause)
                pause = _FIRST_PAUSE
            except Exception:  # noqa: BLE001 - whatever it is: it is logged and the work starts again
                _log.exception("background_work_failed", work=self._name, retry_in_seconds=pause)
                self._pause(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
        self._ended.send()

    def _pause(self, seconds: float) -> None:
        with Timeout(seconds, False):
            self._stop.wait()
