"""What the log is made of: events on their way in, events at rest, events read back.

Payloads are dicts of JSON values (strings, integers, booleans, lists, dicts; amounts are strings). At rest they are
sealed; `StoredEvent` is what PostgreSQL and a backup hold, `RecordedEvent` is what a key holder sees. These are made
once for each event that is read, so they are msgspec's structs, a tenth of the cost of a frozen dataclass
(`msgspec.structs.replace` makes changed copies), and left out of garbage collection: nothing in them leads back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
from msgspec import structs

Payload = Mapping[str, object]


class Author(msgspec.Struct, frozen=True, gc=False):
    """Who made an event happen, what they had proved by then, and where they said they were.

    It is written down beside the event's data, inside the seal: it tells where somebody was at which moment, so it is
    forgotten together with the data subject.
    """

    kind: Literal["person", "service", "anonymous"]
    """`anonymous`: somebody who has not proved yet who they are, e.g. before a login."""
    id: str = ""
    """User id (UUID) of a person, name of a service, empty for anonymous."""
    factors: tuple[str, ...] = ()
    """RFC 8176 names of the factors that were proved, e.g. `("pwd", "otp")`."""
    session: str | None = None
    """Id of the login (`login-<id>` in auth's log) that the token came from."""
    source: str | None = None
    """Where the caller said to be, e.g. a host name: a claim of the caller's, bound to the session by the token."""


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


class SealedEvent(msgspec.Struct, frozen=True, gc=False):
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


class StoredEvent(SealedEvent, frozen=True, gc=False):
    """A row of the log."""

    position: int
    """Index in the tenant's log, dense from 0, in commit order."""
    leaf_hash: bytes
    """32 bytes, RFC 6962 leaf hash of the entry, as the database computed it when it was appended."""


class RecordedEvent(msgspec.Struct, frozen=True, gc=False):
    """An opened event and its place."""

    tenant: str
    position: int
    stream: str
    version: int
    id: str
    type: str
    schema: int
    at: str
    key: str
    """Id of the DEK that sealed the payload."""
    payload: Payload
    """The event's data, in the type's current schema; empty when the key was shredded."""
    digest: str | None
    by: Author | None
    """Who made it happen; None when nobody was named, or when the key was shredded."""
    shredded: bool = False
    """True when the key was destroyed: the event's place in the log stands, what it said is gone for good."""


def recorded(
    event: SealedEvent, position: int, payload: Payload, by: Author | None, *, schema: int | None = None
) -> RecordedEvent:
    """Return the event as a key holder sees it, with its payload opened; `schema` if it was upcast to another."""
    return RecordedEvent(
        tenant=event.tenant,
        position=position,
        stream=event.stream,
        version=event.version,
        id=event.id,
        type=event.type,
        schema=event.schema if schema is None else schema,
        at=event.at,
        key=event.key,
        payload=payload,
        digest=event.digest,
        by=by,
    )


def shredded(event: SealedEvent, position: int) -> RecordedEvent:
    """Return the event as it is seen after its key was destroyed: a place in the log, in the schema it was written."""
    return structs.replace(recorded(event, position, {}, None), shredded=True)


@dataclass(frozen=True, slots=True)
class CommandId:
    """What makes a retried command the same command (ADR: idempotency)."""

    key: str
    request_hash: bytes
    """32 bytes, SHA-256 of the canonical request."""
    by: Author | None = None
    """Who asks; not part of the hash beyond the id, so that a retry after a new login is still the same command."""


@dataclass(frozen=True, slots=True)
class Appended:
    """Where a batch landed: positions `first` to `last`, both included."""

    first: int
    last: int
    replayed: bool
    """True when the command had been carried out before and nothing was written now."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a log found (`EventStore.look`)."""

    streams: Mapping[str, Sequence[StoredEvent]]
    """Each stream that was asked for, by version; none for one that does not exist."""
    versions: Mapping[str, int]
    """Of each stream that was asked for; 0 for one that does not exist."""
    earlier: Appended | None
    """Where an earlier run of the command landed."""


@dataclass(frozen=True, slots=True)
class Edge:
    """The end of a tree, which is what the receipt of its last event is made of (`EventStore.edge`)."""

    last: StoredEvent
    before: Sequence[bytes]
    """The tree before that event, as a `LogHead` tells it: the roots of its complete subtrees, largest first.

    They are the audit path of the event, read backwards: a last leaf has nothing but them beside it.
    """


@dataclass(frozen=True, slots=True)
class LogHead:
    """The state of the tenant's tree: its size and the roots of its complete subtrees, largest first."""

    tenant: str
    size: int
    frontier: Sequence[bytes]
