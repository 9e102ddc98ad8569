"""The store as a port: PostgreSQL and memory implement it, one contract suite runs on both."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from shared.eventstore.model import Appended, CommandId, LogHead, SealedEvent, StoredEvent


class StoreError(Exception):
    """Something the store refuses."""


class VersionConflict(StoreError):
    """A stream is not at the version that the command expected: load it again and decide again."""

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        super().__init__(f"{stream} is at version {actual}, not {expected}")
        self.stream, self.expected, self.actual = stream, expected, actual


class IdempotencyConflict(StoreError):
    """The idempotency key was used before for a different request."""


class EntryRefused(StoreError):
    """An event whose log entry would not be canonical (a value that is not plain ASCII of the expected form)."""


class EventStore(Protocol):
    """An append-only log per tenant."""

    def append(
        self,
        tenant: str,
        events: Sequence[SealedEvent],
        expected: Mapping[str, int],
        command: CommandId | None = None,
    ) -> Appended:
        """Append a non-empty batch over one or several streams, all or nothing.

        `expected` gives, for every stream in the batch, the version it must be at before the append (0: it must not
        exist). Raises VersionConflict, IdempotencyConflict, EntryRefused.
        """
        ...

    def find_command(self, tenant: str, command: CommandId) -> Appended | None:
        """Return where an earlier run of the same command landed; IdempotencyConflict when the request differs."""
        ...

    def read_stream(self, tenant: str, stream: str) -> Iterator[StoredEvent]:
        """Yield one stream's events by version; nothing for a stream that does not exist."""
        ...

    def version(self, tenant: str, stream: str) -> int:
        """Return how many events a stream has, without reading them; 0 for a stream that does not exist."""
        ...

    def read_log(self, tenant: str, after: int = -1, limit: int | None = None) -> Iterator[StoredEvent]:
        """Yield the tenant's events by position, from `after + 1`, at most `limit`, in constant memory."""
        ...

    def head(self, tenant: str) -> LogHead:
        """Return the tree's size and frontier; size 0 for a tenant without a log."""
        ...

    def tenants(self) -> Sequence[str]:
        """Return the tenants that have a log, sorted."""
        ...
