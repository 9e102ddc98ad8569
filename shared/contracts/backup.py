"""Requests and replies of the backup service. The format of what it stores is in manifest.py."""

from marshmallow import Schema, fields


class SnapshotReply(Schema):
    """A snapshot that was taken: its signed manifest is stored, so it is complete."""

    backup_id = fields.String(required=True)
    objects = fields.Integer(required=True)
    bytes = fields.Integer(required=True, metadata={"description": "of all objects, as stored"})


class SnapshotSummary(SnapshotReply):
    """A snapshot in a list."""

    created_at = fields.String(required=True, metadata={"description": "RFC 3339 UTC, microseconds"})


class SnapshotsReply(Schema):
    """Snapshots that this service took, newest first, and the key that checks their manifests."""

    snapshots = fields.List(fields.Nested(SnapshotSummary), required=True)
    verifier_key = fields.String(required=True, metadata={"description": "name+key id+key, C2SP signed-note"})
