"""What the contracts of all services share."""

from marshmallow import Schema, fields


class NoRequest(Schema):
    """A request that says nothing; any field in it is refused."""


class HaltSchema(Schema):
    """A projection that stopped at an event that it cannot apply: ids, a place and the kind of error."""

    projection = fields.String(required=True)
    tenant = fields.UUID(required=True)
    position = fields.Integer(required=True)
    kind = fields.String(required=True)
    at = fields.String(required=True)
    """Since when; RFC 3339 UTC."""


class HealthReply(Schema):
    """The answer of `health`."""

    service = fields.String(required=True)
    database = fields.Boolean(required=True)
    halted = fields.List(fields.Nested(HaltSchema), required=True)
    """Projections that do not get on, at most a hundred; empty when the database does not answer."""
