"""What the contracts of all services share."""

from marshmallow import Schema, fields


class NoRequest(Schema):
    """A request that says nothing; any field in it is refused."""


class HealthReply(Schema):
    """The answer of `health`."""

    service = fields.String(required=True)
    database = fields.Boolean(required=True)
