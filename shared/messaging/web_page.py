"""A small web page beside the calls: one WSGI application on one address, in green threads."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import eventlet
from eventlet import wsgi

Application = Callable[[dict[str, Any], Callable[..., object]], Iterable[bytes]]
_AT_ONCE = 8
_TIMEOUT = 10.0
"""Connections at the same time, and seconds that one may be silent: the page must not keep calls waiting."""


@dataclass(frozen=True)
class Address:
    """Where to listen."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Read `host:port`; ValueError for anything else."""
        host, colon, port = text.rpartition(":")
        if not (host and colon and port.isascii() and port.isdigit() and 0 < int(port) < 2**16):
            raise ValueError("not host:port")
        return cls(host.strip("[]"), int(port))


class _NoLog:
    """Requests are not written down: paths may be secret links."""

    def write(self, text: str) -> None:
        """Drop it."""

    info = debug = error = write


@dataclass(frozen=True)
class WebPage:
    """Serves an application until it is time to stop."""

    address: Address
    application: Application

    def run(self, stop: Callable[[], bool], pause: Callable[[float], None]) -> None:
        """Serve; raises OSError when the address cannot be had, to be run again after a pause."""
        listener = eventlet.listen((self.address.host, self.address.port))
        server = eventlet.spawn(
            wsgi.server,
            listener,
            self.application,
            log=_NoLog(),
            log_output=False,
            keepalive=False,
            max_size=_AT_ONCE,
            socket_timeout=_TIMEOUT,
            debug=False,
        )
        try:
            while not stop() and not server.dead:
                pause(1.0)
        finally:
            server.kill()
            listener.close()
