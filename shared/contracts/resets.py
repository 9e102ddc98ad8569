"""Requests and replies about inviting somebody anew who has lost password or every factor."""

from marshmallow import Schema, fields

from shared.contracts.administration import UserChangedReply, UserRequest
from shared.contracts.fields import digest_field, moment_field, name_field, uuid_field


class RequestFactorResetRequest(UserRequest):
    """Who has lost password or every factor, and how that was checked."""

    reason = name_field()


class RequestFactorResetReply(UserChangedReply):
    """What a second owner agrees to, within seven days."""

    request_id = uuid_field()
    expires_at = moment_field()


class WaitingFactorReset(Schema):
    """What a second person is shown, and agrees to by the digest of exactly this (shared/contracts/four_eyes.py)."""

    kind = fields.String(required=True)
    request_id = uuid_field()
    user_id = uuid_field()
    name = fields.String(required=True)
    email = fields.String(required=True)
    reason = fields.String(required=True)
    requested_by = uuid_field()
    expires_at = moment_field()


class ListFactorResetsReply(Schema):
    """What waits."""

    waiting = fields.List(fields.Nested(WaitingFactorReset), required=True)


class ApproveFactorResetRequest(UserRequest):
    """Which request to agree to, and the digest of what was shown of it."""

    request_id = uuid_field()
    digest = digest_field()


class ApproveFactorResetReply(UserChangedReply):
    """The new invitation, to be handed over in person."""

    invitation = fields.String(required=True)


class EndFactorResetRequest(UserRequest):
    """Which request."""

    request_id = uuid_field()
