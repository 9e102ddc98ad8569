"""What the contracts of all services share."""

from marshmallow import Schema, fields


class NoRequest(Schema):
    """A request that says nothing; any field in it is refused."""


class StandstillSchema(Schema):
    """A projection, or the relay, that stopped at an event that it cannot get past; whose it is stays unsaid."""

    projection = fields.String(required=True, metadata={"description": "its name, or `relay`"})
    position = fields.Integer(required=True)
    kind = fields.String(required=True, metadata={"description": "the kind of error, without its text"})
    at = fields.String(required=True, metadata={"description": "since when; RFC 3339 UTC"})


class HaltSchema(StandstillSchema):
    """The same for an operator, who has to find the place."""

    tenant = fields.UUID(required=True)
    attempts = fields.Integer(required=True)
    retry_at = fields.String(required=True, metadata={"description": "when it is tried again; RFC 3339 UTC"})


class HaltsReply(Schema):
    """The answer of `halts`: at most a hundred."""

    halted = fields.List(fields.Nested(HaltSchema), required=True)


class HealthReply(Schema):
    """The answer of `health`."""

    service = fields.String(required=True)
    database = fields.Boolean(required=True)
    halted = fields.List(fields.Nested(StandstillSchema), required=True)
    """What does not get on, at most a hundred; empty when the database does not answer. Anybody may ask: no tenant."""
