"""Requests and replies of owners about the accounts of others."""

from marshmallow import Schema, fields

from shared.contracts.fields import moment_field, name_field, uuid_field
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


class RequestFactorResetRequest(UserRequest):
    """Who has lost password or every factor, and how that was checked."""

    reason = name_field()


class RequestFactorResetReply(UserChangedReply):
    """What a second owner agrees to, within seven days."""

    request_id = uuid_field()
    expires_at = moment_field()


class ApproveFactorResetRequest(UserRequest):
    """Which request to agree to."""

    request_id = uuid_field()


class ApproveFactorResetReply(UserChangedReply):
    """The new invitation, to be handed over in person."""

    invitation = fields.String(required=True)
