"""Log entries as bytes (docs/formats.md), read back into events."""

import json
from typing import Any

import msgspec

from shared.eventstore.entry import FORMAT
from shared.eventstore.event_walk import UnreadableEvent
from shared.eventstore.model import StoredEvent
from shared.eventstore.store import EntryRefused
from shared.merkle.tree import leaf_hash


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    """The fields of an entry, each of its type (JSON's true is no integer here)."""

    at: str
    f: int
    id: str
    key: str
    schema: int
    sealed: str
    stream: str
    tenant: str
    type: str
    version: int
    digest: str | msgspec.UnsetType = msgspec.UNSET


_DECODER = msgspec.json.Decoder(_Entry)


def parse_entry(entry: bytes) -> dict[str, Any]:
    """Return the fields of an entry; EntryRefused unless they are those of the format, in its one spelling.

    An entry with an unknown field, a doubled one, white space or a number written otherwise is not an entry.
    """
    fields: dict[str, Any] = msgspec.to_builtins(_read(entry))
    if json.dumps(fields, sort_keys=True, separators=(",", ":")).encode() != entry:
        raise EntryRefused("it is not in the one spelling of an entry")
    return fields


def stored_event(entry: bytes, sealed: bytes, position: int) -> StoredEvent | UnreadableEvent:
    """Return the event that an entry and a payload make together.

    That the entry's spelling is the one and that it is this payload's shows when verification makes the entry anew
    and compares the leaf.
    """
    try:
        fields = _read(entry)
    except EntryRefused as error:
        return UnreadableEvent(position, str(error))
    return StoredEvent(
        tenant=fields.tenant,
        stream=fields.stream,
        version=fields.version,
        id=fields.id,
        type=fields.type,
        schema=fields.schema,
        at=fields.at,
        key=fields.key,
        digest=None if fields.digest is msgspec.UNSET else fields.digest,
        sealed=sealed,
        position=position,
        leaf_hash=leaf_hash(entry),
    )


def _read(entry: bytes) -> _Entry:
    try:
        fields = _DECODER.decode(entry)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # Without the cause: the library's message may quote what it met.
        raise EntryRefused("it has not the fields of a log entry") from None
    if fields.f != FORMAT:
        raise EntryRefused("it is of another format")
    return fields
