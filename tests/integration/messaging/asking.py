"""Calls in the background."""

import threading
from typing import Any

from shared.contracts.errors import PublicError
from tests.integration.messaging.conftest import Bus


class Asking(threading.Thread):
    """A call that is made in the background."""

    def __init__(self, bus: Bus, service: str, method: str, request: dict[str, Any]) -> None:
        super().__init__()
        self._bus, self._what = bus, (service, method, request)
        self.answer: dict[str, Any] | PublicError | None = None
        self.start()

    def run(self) -> None:
        with self._bus.client(timeout=60) as client:
            try:
                self.answer = client.call(*self._what)
            except PublicError as refused:
                self.answer = refused
