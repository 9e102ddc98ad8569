"""The logs to be witnessed, asked for over the bus from the services that keep them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from marshmallow import ValidationError

from shared.contracts.errors import ErrorCode, PublicError
from shared.contracts.log import GrowthReply

_REPLY = GrowthReply()


class Bus(Protocol):
    """Calls other services in the backup service's name."""

    def call(self, service: str, method: str, request: dict[str, Any], *, tenant: str | None) -> dict[str, Any]:
        """Call and return the reply; PublicError when there is none."""
        ...


@dataclass(frozen=True)
class RpcLogs:
    """Logs of other services."""

    bus: Bus

    def growth(self, log: str, tenant: str, since: int) -> tuple[str, Sequence[bytes]]:
        """Return the signed head and the consistency proof from `since`; PublicError as the service refuses."""
        reply = self.bus.call(log, "growth", {"since": since}, tenant=tenant)
        try:
            loaded = _REPLY.load(reply)
            return loaded["note"], [bytes.fromhex(each) for each in loaded["hashes"]]
        except (ValidationError, ValueError):  # one side is newer: it passes with the upgrade
            raise PublicError(ErrorCode.SERVICE_UNAVAILABLE, f"The answer of {log} is malformed.") from None
