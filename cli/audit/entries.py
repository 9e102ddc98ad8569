"""Log entries as bytes (docs/formats.md), read back into events."""

import json
from typing import Any

from shared.eventstore.entry import FORMAT
from shared.eventstore.model import StoredEvent
from shared.eventstore.store import EntryRefused
from shared.eventstore.verification import UnreadableEvent
from shared.merkle.tree import leaf_hash

_TEXTS = ("at", "id", "key", "sealed", "stream", "tenant", "type")
_NUMBERS = ("f", "schema", "version")


def parse_entry(entry: bytes) -> dict[str, Any]:
    """Return the fields of an entry; EntryRefused unless they are those of the format, in its one spelling.

    An entry with an unknown field, a doubled one, white space or a number written otherwise is not an entry.
    """
    fields = _fields(entry)
    if json.dumps(fields, sort_keys=True, separators=(",", ":")).encode() != entry:
        raise EntryRefused("it is not in the one spelling of an entry")
    return fields


def stored_event(entry: bytes, sealed: bytes, position: int) -> StoredEvent | UnreadableEvent:
    """Return the event that an entry and a payload make together.

    That the entry's spelling is the one and that it is this payload's shows when verification makes the entry anew
    and compares the leaf.
    """
    try:
        fields = _fields(entry)
    except EntryRefused as error:
        return UnreadableEvent(position, str(error))
    return StoredEvent(
        tenant=fields["tenant"],
        stream=fields["stream"],
        version=fields["version"],
        id=fields["id"],
        type=fields["type"],
        schema=fields["schema"],
        at=fields["at"],
        key=fields["key"],
        digest=fields.get("digest"),
        sealed=sealed,
        position=position,
        leaf_hash=leaf_hash(entry),
    )


def _fields(entry: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(entry)
    except (ValueError, RecursionError):
        raise EntryRefused("it is not JSON") from None
    if not isinstance(fields, dict):
        raise EntryRefused("it is not an object")
    kinds: dict[str, type] = dict.fromkeys(_TEXTS, str) | dict.fromkeys(_NUMBERS, int)
    if "digest" in fields:
        kinds["digest"] = str
    if {name: type(value) for name, value in fields.items()} != kinds or fields["f"] != FORMAT:
        raise EntryRefused("it has not the fields of a log entry")
    return fields
