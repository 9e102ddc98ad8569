"""The store as a port: PostgreSQL and memory implement it, one contract suite runs on both."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from shared.eventstore.model import Appended, CommandId, Edge, LogHead, Look, SealedEvent, StoredEvent


class StoreError(Exception):
    """Something the store refuses."""


class VersionConflict(StoreError):
    """A stream is not at the version that the command expected: load it again and decide again."""

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        super().__init__(f"{stream} is at version {actual}, not {expected}")
        self.stream, self.expected, self.actual = stream, expected, actual


class IdempotencyConflict(StoreError):
    """The idempotency key was used before for a different request."""


class CommandRepeated(StoreError):
    """The command was carried out before, and whoever appended wanted to be the first."""


class NotRemembered(StoreError):
    """The process does not know it without asking."""


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

    def read_stream(self, tenant: str, stream: str, upto: int | None = None, after: int = 0) -> Iterator[StoredEvent]:
        """Yield one stream's events by version, in constant memory; nothing for a stream that does not exist.

        With `upto`, only those at log positions up to and including it: the stream as it was then. With `after`, only
        those of later versions.
        """
        ...

    def version(self, tenant: str, stream: str) -> int:
        """Return how many events a stream has, without reading them; 0 for a stream that does not exist."""
        ...

    def versions(self, tenant: str, streams: Collection[str]) -> Mapping[str, int]:
        """Return `version` of those of these streams that exist, in one look."""
        ...

    def look(
        self, tenant: str, streams: Collection[str], versions: Collection[str] = (), command: CommandId | None = None
    ) -> Look:
        """Return, in one look, all events of `streams`, the `version` of others, and `find_command` of a command.

        For what a command decides on: streams that are short, for they are held in memory. The command is looked for
        last, so that an earlier run that is not found had not changed what was read before. Raises IdempotencyConflict.
        """
        ...

    def edge(self, tenant: str, size: int) -> Edge | None:
        """Return the end of the tree of the log's first `size` events, in one look; None when there are fewer, or 0."""
        ...

    def read_log(
        self, tenant: str, after: int = -1, limit: int | None = None, upto: int | None = None
    ) -> Iterator[StoredEvent]:
        """Yield the tenant's events by position, from `after + 1`, at most `limit`, in constant memory.

        With `upto`, only those at positions up to and including it.
        """
        ...

    def position_at(self, tenant: str, instant: str) -> int:
        """Return the last position whose event, and every one before it, is not later than the instant; -1 if none.

        `instant` is spelled as `at` in the log entry, RFC 3339 UTC with six digits; EntryRefused when it is not.
        Positions are the order of events; moments are what a service's clock said when it sealed them, and clocks step
        back. An event that says 10:00 and stands behind one that says 10:05 belongs to the log of 10:05, not to that
        of 10:00. So what was known at an instant is always a prefix of the log, whose root a checkpoint can show, and
        a later instant never knows less.
        """
        ...

    def head(self, tenant: str) -> LogHead:
        """Return the tree's size and frontier; size 0 for a tenant without a log."""
        ...

    def full_tile(self, tenant: str, level: int, index: int) -> bytes | None:
        """Return the 256 hashes (8,192 bytes) of a full tile of the tree; None when it is not full yet.

        Level 0 holds leaf hashes; a hash of level L is the root of a full tile of level L - 1 (C2SP tlog-tiles).
        """
        ...

    def tile_roots(self, tenant: str, level: int, first: int, count: int) -> Sequence[bytes]:
        """Return the roots of the full tiles `first` to `first + count - 1` of a level, as far as they are there.

        They are hashes of the level above: what its partial tile is made of.
        """
        ...

    def leaf_hashes(self, tenant: str, first: int, count: int) -> Sequence[bytes]:
        """Return the leaf hashes of positions `first` to `first + count - 1`, as far as they are there."""
        ...

    def tenants(self) -> Sequence[str]:
        """Return the tenants that have a log, sorted."""
        ...
