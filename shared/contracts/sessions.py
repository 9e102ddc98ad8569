"""Requests and replies of auth about sessions. Moments are RFC 3339 in UTC."""

from marshmallow import Schema, fields

from shared.contracts.auth import TokenReply
from shared.contracts.fields import moment_field, opaque_field, optional_uuid_field, uuid_field
from shared.contracts.log import receipt


class LoginReply(TokenReply):
    """A token of five minutes, and the refresh token that is exchanged for the next one: it works once."""

    refresh_token = fields.String(required=True)
    session_id = uuid_field()
    session_ends_at = moment_field()
    """After this nothing prolongs the session."""


class RefreshSessionRequest(Schema):
    """The refresh token that the last login or refresh gave."""

    refresh_token = opaque_field(200)


class SessionSchema(Schema):
    """One session of the caller's."""

    session_id = uuid_field()
    source = fields.String(required=True, allow_none=True)
    factors = fields.List(fields.String(), required=True)
    began_at = moment_field()
    idle_until = moment_field()
    ends_at = moment_field()
    present = fields.Boolean(required=True)
    """Whether it is the session that asks."""


class ListSessionsReply(Schema):
    """The caller's sessions that last, the newest first."""

    sessions = fields.List(fields.Nested(SessionSchema), required=True)


class WhoAmIReply(Schema):
    """The caller, as auth knows them."""

    user_id = uuid_field()
    tenant = uuid_field()
    name = fields.String(required=True)
    email = fields.String(required=True)
    role = fields.String(required=True)
    """An id, where it is one of the business's own."""
    role_name = fields.String(required=True)
    factors = fields.List(fields.String(), required=True)
    session_id = uuid_field()
    ends_at = moment_field()


class EndSessionRequest(Schema):
    """Which of the caller's sessions; without an id the one that asks."""

    session_id = optional_uuid_field()


class EndSessionReply(Schema):
    """The session that is over."""

    session_id = uuid_field()


class EndSessionsOfRequest(Schema):
    """Whose sessions."""

    user_id = uuid_field()


class EndSessionsOfReply(Schema):
    """Where the log says so."""

    position = fields.Integer(required=True)
    receipt = receipt()
