"""What the log is made of: events on their way in, events at rest, events read back.

Payloads are dicts of JSON values (strings, integers, booleans, lists, dicts; amounts are strings). At rest they are
sealed; `StoredEvent` is what PostgreSQL and a backup hold, `RecordedEvent` is what a key holder sees.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Payload = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event that a command decided on; it has no place in the log yet."""

    stream: str
    type: str
    schema: int
    payload: Payload
    subject: str
    """Whose DEK seals the payload: `customer-<id>`, `user-<id>` or `tenant`."""
    digest: str | None = None
    """Lower-case hex SHA-256 of an artefact that this event binds, e.g. the rendered PDF."""


@dataclass(frozen=True, slots=True)
class SealedEvent:
    """An event ready to be appended: sealed, with its id, moment and version, still without a position."""

    tenant: str
    stream: str
    version: int
    id: str
    type: str
    schema: int
    at: str
    """RFC 3339 UTC, microseconds."""
    key: str
    """Id of the DEK that sealed the payload."""
    digest: str | None
    sealed: bytes


@dataclass(frozen=True, slots=True)
class StoredEvent(SealedEvent):
    """A row of the log."""

    position: int
    """Index in the tenant's log, dense from 0, in commit order."""
    leaf_hash: bytes
    """32 bytes, RFC 6962 leaf hash of the entry, as the database computed it when it was appended."""


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An opened event and its place."""

    tenant: str
    position: int
    stream: str
    version: int
    id: str
    type: str
    schema: int
    at: str
    payload: Payload
    digest: str | None


def recorded(event: SealedEvent, position: int, payload: Payload) -> RecordedEvent:
    """Return the event as a key holder sees it, with its payload opened."""
    return RecordedEvent(
        tenant=event.tenant,
        position=position,
        stream=event.stream,
        version=event.version,
        id=event.id,
        type=event.type,
        schema=event.schema,
        at=event.at,
        payload=payload,
        digest=event.digest,
    )


@dataclass(frozen=True, slots=True)
class CommandId:
    """What makes a retried command the same command (ADR: idempotency)."""

    key: str
    request_hash: bytes
    """32 bytes, SHA-256 of the canonical request."""


@dataclass(frozen=True, slots=True)
class Appended:
    """Where a batch landed: positions `first` to `last`, both included."""

    first: int
    last: int
    replayed: bool
    """True when the command had been carried out before and nothing was written now."""


@dataclass(frozen=True, slots=True)
class LogHead:
    """The state of the tenant's tree: its size and the roots of its complete subtrees, largest first."""

    tenant: str
    size: int
    frontier: Sequence[bytes]
