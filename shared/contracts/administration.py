"""Requests and replies of owners about the accounts of others."""

from marshmallow import Schema, fields

from shared.contracts.fields import name_field, uuid_field
from shared.contracts.log import receipt


class UserRequest(Schema):
    """Whose account."""

    user_id = uuid_field()


class DisableUserRequest(UserRequest):
    """Whose account, and why; the history keeps it."""

    reason = name_field()


class UserChangedReply(UserRequest):
    """Where it is recorded."""

    position = fields.Integer(required=True)
    receipt = receipt()


class LockStateReply(UserRequest):
    """Failures in a row, and until when the account is closed; it is open without that."""

    failures = fields.Integer(required=True)
    closed_until = fields.String(metadata={"description": "RFC 3339, UTC"})
