"""The log as auditors and backups read it over the bus: the same three queries on every service that keeps one."""

from marshmallow import Schema, fields, validate

MAX_PAGE = 500


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


class CheckpointRequest(Schema):
    """Nothing to say: the tenant comes from the token."""


class CheckpointReply(Schema):
    """The signed head of the tenant's tree (C2SP signed-note) and who signed it."""

    note = fields.String(required=True)
    verifier_key = fields.String(required=True)
    size = fields.Integer(required=True)
    root = fields.String(required=True, metadata={"description": "32 bytes, hex"})


class ExportKeysRequest(Schema):
    """An age recipient (`age1...`) to whom the tenant's keys are encrypted."""

    recipient = fields.String(required=True, validate=validate.Length(min=1, max=200))


class ExportKeysReply(Schema):
    """age ciphertext, base64, of the JSON object {key id: base64 of the DEK}."""

    keys_base64 = fields.String(required=True)
