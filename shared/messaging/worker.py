"""A service process: waits for what it needs, serves, survives the loss of the broker, and stops with grace."""

import gc
import signal
from collections.abc import Callable
from types import FrameType

import eventlet
import psycopg
import structlog
from eventlet import Timeout
from eventlet.event import Event
from eventlet.greenthread import GreenThread
from kombu import pools
from kombu.connection import Connection
from nameko.runners import ServiceRunner

from shared.messaging import green
from shared.messaging.bus_consumer import with_keys
from shared.messaging.serializer import nameko_config, register
from shared.messaging.settings import WorkerSettings
from shared.observability import logging

_log = structlog.get_logger(__name__)
_ATTEMPT_EVERY = 0.5
_REPORT_EVERY = 5.0
_LONGEST_PAUSE = 30.0
_GRACE = 30.0
"""Seconds: between two attempts, between two reports of waiting, before a restart at most, for calls in flight."""


def run(service_class: type, settings: WorkerSettings) -> int:
    """Serve until SIGTERM or SIGINT; return the exit code: 0, or 1 when calls had to be cut off.

    The order in which broker, database and services start does not matter. Call `green.patch()` first.
    """
    green.assert_green()
    name: str = service_class.name  # type: ignore[attr-defined]  # nameko's convention
    logging.configure(name, settings.log_level)
    register()
    return _Supervisor(service_class, name, settings).run()


class _Supervisor:
    def __init__(self, service_class: type, name: str, settings: WorkerSettings) -> None:
        self._service_class, self._name, self._settings = service_class, name, settings
        self._stop = Event()

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        pause = 1.0
        while self._ready_to_serve():
            runner = self._runner()
            died = self._serve(runner)
            if not died.dead:
                return self._finish(runner)
            _log.error("container_died", service=self._name, restart_in_seconds=pause)
            self._wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        _log.info("stopped", service=self._name)
        return 0

    def _ready_to_serve(self) -> bool:
        for what, attempt in (("broker", self._try_broker), ("database", self._try_database)):
            self._wait_for(what, attempt)
        return not self._stop.ready()

    def _runner(self) -> ServiceRunner:
        pools.reset()  # type: ignore[no-untyped-call]  # connections of a container that died
        bus = self._settings.bus
        runner = ServiceRunner(with_keys(nameko_config(bus.uri, self._settings.max_workers), bus.keys, bus.largest))
        runner.add_service(self._service_class)
        return runner

    def _serve(self, runner: ServiceRunner) -> GreenThread:
        """Run the container until it dies or it is time to stop; return the thread that waits for its death."""

        def serve() -> None:
            try:
                runner.start()
                _settle_memory()
                _log.info("serving", service=self._name)
                runner.wait()
            except Exception:  # noqa: BLE001 - a container that failed is replaced, whatever it was
                _log.exception("container_failed", service=self._name)

        thread = eventlet.spawn(serve)
        over = Event()
        thread.link(lambda _: over.ready() or over.send())
        eventlet.spawn(lambda: (self._stop.wait(), over.ready() or over.send()))
        over.wait()
        return thread

    def _finish(self, runner: ServiceRunner) -> int:
        _log.info("stopping", service=self._name)
        try:
            with Timeout(_GRACE):
                runner.stop()
        except Timeout:
            _log.error("calls_cut_off", service=self._name, after_seconds=_GRACE)
            return 1
        _log.info("stopped", service=self._name)
        return 0

    def _wait_for(self, what: str, attempt: Callable[[], None]) -> None:
        waited = 0.0
        while not self._stop.ready():
            try:
                attempt()
            except Exception as error:  # noqa: BLE001 - whatever keeps it away, it is waited for
                if waited % _REPORT_EVERY == 0:
                    _log.warning("waiting", service=self._name, for_=what, error=type(error).__name__)
            else:
                return
            self._wait(_ATTEMPT_EVERY)
            waited += _ATTEMPT_EVERY

    def _try_broker(self) -> None:
        with Connection(self._settings.bus.uri, connect_timeout=3) as connection:  # type: ignore[no-untyped-call]  # kombu
            connection.connect()

    def _try_database(self) -> None:
        with psycopg.connect(self._settings.database.conninfo, connect_timeout=3) as connection:
            connection.execute("SELECT 1")

    def _wait(self, seconds: float) -> None:
        with Timeout(seconds, False):
            self._stop.wait()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signal module's signature
        # A handler runs inside the hub and may not switch threads: the stop is sent from a thread of its own.
        eventlet.spawn_n(lambda: self._stop.ready() or self._stop.send())


def _settle_memory() -> None:
    """Have the collector pass over what is there for good.

    A service begins with 150,000 objects of code, schemas and settings. Looking through them takes a tenth of a second
    in which no call is answered, and would come again with every full collection.
    """
    gc.collect()
    gc.freeze()
