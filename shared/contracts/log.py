"""The log as auditors, backups and the witness read it over the bus: the same queries on every service that keeps one.

Nothing in these answers has to be believed: notes are signed, and every other hash leads to the root in one.
"""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

MAX_PAGE = 500
_LARGEST = 2**62
_MOMENT = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z\Z"


def position() -> fields.Integer:
    """Return the field of an index in the log, from 0."""
    return fields.Integer(required=True, strict=True, validate=validate.Range(min=0, max=_LARGEST))


def _optional_number(least: int) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(min=least, max=_LARGEST))


def receipt() -> fields.String:
    """Return the field of a command's receipt."""
    return fields.String(
        required=True,
        metadata={"description": "C2SP tlog-proof of the event at `position`, in the tree that ends with it"},
    )


class ReadLogRequest(Schema):
    """Which part of the tenant's log: positions after `after` (-1: from the start), at most `limit` events."""

    after = fields.Integer(load_default=-1, strict=True, validate=validate.Range(min=-1))
    limit = fields.Integer(load_default=MAX_PAGE, strict=True, validate=validate.Range(min=1, max=MAX_PAGE))


class LogEvent(Schema):
    """One stored event: the fields of its log entry, its place, and the sealed payload."""

    tenant = fields.String(required=True)
    position = fields.Integer(required=True)
    stream = fields.String(required=True)
    version = fields.Integer(required=True)
    id = fields.String(required=True)
    type = fields.String(required=True)
    schema = fields.Integer(required=True)
    at = fields.String(required=True)
    key = fields.String(required=True)
    digest = fields.String()
    sealed = fields.String(required=True, metadata={"description": "sealed payload, base64"})
    leaf_hash = fields.String(required=True, metadata={"description": "32 bytes, hex"})


class ReadLogReply(Schema):
    """A page of the log, and the size of the log when it was read."""

    events = fields.List(fields.Nested(LogEvent), required=True)
    size = fields.Integer(required=True)


class ReadStreamRequest(Schema):
    """Which part of one of the tenant's streams: versions after `after` (0: from the start), at most `limit` events."""

    stream = fields.String(required=True, validate=validate.Length(min=1, max=128))
    after = fields.Integer(load_default=0, strict=True, validate=validate.Range(min=0, max=_LARGEST))
    limit = fields.Integer(load_default=MAX_PAGE, strict=True, validate=validate.Range(min=1, max=MAX_PAGE))


class ReadStreamReply(Schema):
    """Events of one stream by version; none after the last, and for a stream that does not exist."""

    events = fields.List(fields.Nested(LogEvent), required=True)


class PositionAtRequest(Schema):
    """An instant, spelled as `at` in a log entry."""

    instant = fields.String(
        required=True,
        validate=validate.Regexp(_MOMENT, error="Not RFC 3339 UTC with six digits."),
        metadata={"examples": ["2026-11-22T09:00:00.000000Z"]},
    )


class PositionAtReply(Schema):
    """The last position whose event, and every one before it, is not later than the instant; -1 if none."""

    position = fields.Integer(required=True)


class CheckpointRequest(Schema):
    """Which tree: that of the first `size` events; without it, of all."""

    size = _optional_number(0)


class CheckpointReply(Schema):
    """The signed head of the tenant's tree (C2SP signed-note) and who signed it."""

    note = fields.String(required=True)
    verifier_key = fields.String(required=True)
    size = fields.Integer(required=True)
    root = fields.String(required=True, metadata={"description": "32 bytes, hex"})


class TileRequest(Schema):
    """Which tile (C2SP tlog-tiles): its first `width` hashes."""

    level = fields.Integer(required=True, strict=True, validate=validate.Range(min=0, max=63))
    index = position()
    width = fields.Integer(load_default=256, strict=True, validate=validate.Range(min=1, max=256))


class TileReply(Schema):
    """The hashes of a tile, 32 bytes each, one after the other."""

    hashes_base64 = fields.String(required=True)


class ProveRequest(Schema):
    """Which event, in the tree of the first `size` events; without it, of all."""

    position = position()
    size = _optional_number(1)


class ProveReply(Schema):
    """That the event is there, for whoever has the log's verifier key."""

    proof = fields.String(required=True, metadata={"description": "C2SP tlog-proof; its extra data is the log entry"})


class ConsistencyRequest(Schema):
    """Two sizes of the log, the smaller one first."""

    first = position()
    second = position()

    @validates_schema
    def check_order(self, data: dict[str, Any], **_: object) -> None:
        """Refuse a log that would shrink."""
        if data["first"] > data["second"]:
            raise ValidationError("Less than `first`.", "second")


class ConsistencyReply(Schema):
    """The RFC 6962 proof that the smaller tree is a prefix of the larger one; empty from 0, and for equal sizes."""

    hashes = fields.List(fields.String(), required=True, metadata={"description": "32 bytes each, hex"})


class GrowthRequest(Schema):
    """The size up to which the witness knows the log."""

    since = position()


class GrowthReply(Schema):
    """The signed head, and the consistency proof from `since` to it; no hashes when the log is smaller than that."""

    note = fields.String(required=True)
    hashes = fields.List(fields.String(), required=True, metadata={"description": "32 bytes each, hex"})


class ExportKeysRequest(Schema):
    """An age recipient (`age1...`) to whom keys are encrypted: those of the events `first` to `last`, or all."""

    recipient = fields.String(required=True, validate=validate.Length(min=1, max=200))
    first = _optional_number(0)
    last = _optional_number(0)

    @validates_schema
    def check_range(self, data: dict[str, Any], **_: object) -> None:
        """Refuse half a range, and one that ends before it begins."""
        if ("first" in data) != ("last" in data):
            raise ValidationError(
                "Only together with the other end of the range.", "first" if "first" in data else "last"
            )
        if "first" in data and data["first"] > data["last"]:
            raise ValidationError("Less than `first`.", "last")


class ExportKeysReply(Schema):
    """age ciphertext, base64, of the JSON object {key id: base64 of the DEK}."""

    keys_base64 = fields.String(required=True)


class ExportKeysOfRequest(Schema):
    """An age recipient (`age1...`) to whom the keys of single events are encrypted, each apart."""

    recipient = fields.String(required=True, validate=validate.Length(min=1, max=200))
    positions = fields.List(position(), required=True, validate=validate.Length(min=1, max=1000))


class KeysOfEvent(ExportKeysReply):
    """The keys of one event."""

    position = position()


class ExportKeysOfReply(Schema):
    """As asked for, in that order."""

    keys = fields.List(fields.Nested(KeysOfEvent), required=True)
