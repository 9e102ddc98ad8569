"""The composition root as nameko sees it: built when a container starts, closed when it ends, handed to calls."""

from collections.abc import Sequence
from typing import Any, Protocol

from nameko.extensions import DependencyProvider

from shared.messaging.background import BackgroundLoop


class Closable(Protocol):
    """An application that holds connections."""

    def close(self) -> None:
        """Close what was opened; also called on one that is already closed."""
        ...


class AppProvider(DependencyProvider):  # type: ignore[misc]  # nameko publishes no types
    """Base of each service's `App`: override `build`, and `loops` when there is work beside the calls.

    A container that died is replaced by a new one in the same process: whatever `build` opens, `close` must close.
    """

    app: Any = None
    _loops: Sequence[BackgroundLoop] = ()

    def build(self) -> Closable:
        """Build the application from settings; it offers at least `access` and `pool` (endpoints.Application)."""
        raise NotImplementedError

    def loops(self, app: Any) -> Sequence[BackgroundLoop]:  # noqa: ANN401, ARG002 - each service knows its own type
        """Return the work that goes on beside the calls."""
        return ()

    def setup(self) -> None:
        """Build the application before any call arrives."""
        self.app = self.build()

    def start(self) -> None:
        """Start the work beside the calls."""
        # Here, so that no service forgets it: one that did not hear would refuse everybody.
        revocations = BackgroundLoop("revocations", self.app.access.revocations.follow)
        self._loops = [*self.loops(self.app), revocations]
        for loop in self._loops:
            loop.start(self.container)

    def stop(self) -> None:
        """Finish the work beside the calls; the calls in flight have ended before this."""
        for loop in self._loops:
            loop.ask_to_stop()
        for loop in self._loops:
            loop.stop()
        self._close()

    def kill(self) -> None:
        """Close without waiting: the container is dying."""
        for loop in self._loops:
            loop.ask_to_stop()
        self._close()

    def get_dependency(self, worker_ctx: Any) -> Any:  # noqa: ANN401, ARG002 - nameko's signature
        """Hand the application to a call."""
        return self.app

    def _close(self) -> None:
        if self.app is not None:
            self.app.close()
