"""What taking a snapshot needs from the outside."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import IO, Protocol

from services.backup.domain.snapshot import Table
from services.backup.domain.witness import Head
from shared.contracts.manifest import LogReach


class ObjectExists(Exception):
    """The store already holds an object of this name. It is never replaced."""


class ObjectUnknown(Exception):
    """The store holds no object of this name."""


class ObjectStore(Protocol):
    """Where backups go. There is no way to overwrite or to delete: the host that writes backups must not be able to."""

    def put(self, name: str, content: IO[bytes]) -> None:
        """Store all of `content` under a new name, completely and durably or not at all; raises ObjectExists."""
        ...

    def get(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """Open an object for reading; raises ObjectUnknown."""
        ...

    def list(self, prefix: str) -> list[str]:
        """Return the names that begin with `prefix`, sorted."""
        ...


class Sink(Protocol):
    """Something to write bytes to."""

    def write(self, data: bytes, /) -> object:
        """Take all of `data`."""
        ...


class DatabaseView(Protocol):
    """One database as it stood at one moment: everything read through a view belongs together."""

    def tables(self, schemas: Sequence[str]) -> list[Table]:
        """Return the tables in these schemas, sorted; partitions count as part of their parent."""
        ...

    def rows(self, table: Table) -> Iterator[bytes]:
        """Yield the table as CSV with a header line, in pieces of any size."""
        ...

    def logs(self) -> list[LogReach]:
        """Return how far each tenant's log reaches in this view."""
        ...


class Database(Protocol):
    """A database that can be looked at."""

    @property
    def name(self) -> str:
        """The plain name, e.g. `invoices`."""
        ...

    def view(self) -> AbstractContextManager[DatabaseView]:
        """Open a view of this moment."""
        ...


class Archive(Protocol):
    """Turns files into the bytes of an object that only the recipients can read."""

    def write(self, files: Iterator[tuple[str, Iterator[bytes]]], sink: Sink) -> None:
        """Pack, compress and encrypt files (name and content) into `sink`, in constant memory."""
        ...


class Signer(Protocol):
    """Signs manifests."""

    def sign(self, text: str) -> str:
        """Return the signed note over `text`."""
        ...


class Logs(Protocol):
    """The logs that the witness watches."""

    def growth(self, log: str, tenant: str, since: int) -> tuple[str, Sequence[bytes]]:
        """Return the signed head of a log, and the consistency proof that leads to it from the tree of `since` events.

        No proof when the log is smaller than that. PublicError when the service that keeps it refuses or is silent.
        """
        ...


class Heads(Protocol):
    """What the witness saw. Each method commits before it returns."""

    def latest(self, log: str, tenant: str) -> Head | None:
        """Return the largest head that was kept; None for a log that was never seen."""
        ...

    def keep(self, log: str, tenant: str, known: Head | None, head: Head, note: str) -> bool:
        """Add a head behind `known`; False, and nothing changed, when another one was faster."""
        ...
