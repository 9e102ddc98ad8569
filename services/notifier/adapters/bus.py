"""Calls to other services, as the notifier's adapters make them."""

from typing import Any, Protocol


class Bus(Protocol):
    """Calls other services in the notifier's name."""

    def call(self, service: str, method: str, request: dict[str, Any], *, tenant: str | None) -> dict[str, Any]:
        """Call and return the reply; PublicError when there is none."""
        ...
