"""Requests and replies of the backup service. The format of what it stores is in manifest.py."""

from marshmallow import Schema, fields, validate

WITNESSED = ("auth", "invoices")
"""The logs that the witness watches, by the service that keeps them."""


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
    witness_key = fields.String(required=True, metadata={"description": "checks cosignatures; C2SP tlog-cosignature"})


class CosignRequest(Schema):
    """Which log of the tenant, by the service that keeps it."""

    log = fields.String(required=True, validate=validate.OneOf(WITNESSED))


class CosignReply(Schema):
    """The newest checkpoint, signed by the log and cosigned by the witness, and the witness's verifier key."""

    note = fields.String(required=True)
    witness_key = fields.String(required=True)
