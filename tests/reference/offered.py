"""What the four services offer over the bus, as their entrypoints declare it."""

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from marshmallow import fields

from shared.contracts.errors import ErrorCode
from shared.contracts.permissions import Permission
from shared.messaging.endpoints import Endpoint
from shared.messaging.step_up import StepUp
from tests.reference import saying

SERVICES: Mapping[str, str] = MappingProxyType(
    {
        "auth": "AuthService",
        "backup": "BackupService",
        "invoices": "InvoicesService",
        "notifier": "NotifierService",
    }
)
ALWAYS = frozenset({ErrorCode.MALFORMED_REQUEST, ErrorCode.SERVICE_UNAVAILABLE, ErrorCode.INTERNAL_ERROR})
WITH_A_TOKEN = frozenset(
    {
        *(ErrorCode.TOKEN_MISSING, ErrorCode.TOKEN_INVALID, ErrorCode.TOKEN_EXPIRED, ErrorCode.TOKEN_REVOKED),
        ErrorCode.PERMISSION_DENIED,
    }
)
OF_A_COMMAND = frozenset(
    {ErrorCode.IDEMPOTENCY_KEY_MISSING, ErrorCode.IDEMPOTENCY_CONFLICT, ErrorCode.CONCURRENT_CHANGE}
)
OF_A_PROOF = frozenset({ErrorCode.STEP_UP_NEEDED, ErrorCode.STEP_UP_INVALID})
OF_AFTER = frozenset({ErrorCode.READ_MODEL_BEHIND})


@dataclass(frozen=True)
class Offered:
    """One method."""

    service: str
    method: str
    endpoint: Endpoint
    words: str
    """The method's docstring."""
    said: frozenset[ErrorCode]
    """Refusals that the docstrings of the method and of what it calls name."""

    @property
    def name(self) -> str:
        """Return `<service>.<method>`."""
        return f"{self.service}.{self.method}"

    @property
    def permission(self) -> str:
        """Return who may call: a permission, `own` or `public`."""
        return str(self.endpoint.permission.value)

    @property
    def general(self) -> frozenset[ErrorCode]:
        """Return the refusals that follow from what is declared."""
        with_token = isinstance(self.endpoint.permission, Permission) or self.permission == "own"
        return frozenset(
            {
                *ALWAYS,
                *(WITH_A_TOKEN if with_token else ()),
                *(OF_A_COMMAND if self.endpoint.kind == "command" else ()),
                *(OF_A_PROOF if self.endpoint.step_up is not StepUp.NEVER else ()),
                *(OF_AFTER if self.waits else ()),
            }
        )

    @property
    def own_refusals(self) -> list[str]:
        """Return what it refuses beyond the general, sorted."""
        # A command's receipt is of the event that it recorded: that position is there.
        never = {ErrorCode.POSITION_UNKNOWN} if self.endpoint.kind == "command" else set()
        return sorted(code.value for code in self.said - self.general - never)

    @property
    def waits(self) -> bool:
        """Tell whether `after` in the request is a position of the log that the read model has to have reached."""
        after = self.endpoint.request.fields.get("after")
        return isinstance(after, fields.Integer) and not self.method.startswith("read_")


@cache
def offered() -> tuple[Offered, ...]:
    """Return every method of every service, sorted."""
    return tuple(each for service in SERVICES for each in _of(service))


def _of(service: str) -> Iterator[Offered]:
    offering = getattr(importlib.import_module(f"services.{service}.service"), SERVICES[service])
    for name in sorted(dir(offering)):
        member = getattr(offering, name)
        if isinstance(endpoint := getattr(member, "endpoint", None), Endpoint):
            yield Offered(service, name, endpoint, saying.words(member), saying.refusals(member))
