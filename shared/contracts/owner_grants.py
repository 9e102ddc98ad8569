"""Requests and replies about making somebody an owner."""

from marshmallow import Schema, fields

from shared.contracts.fields import digest_field, moment_field, uuid_field
from shared.contracts.log import receipt


class RequestOwnerGrantRequest(Schema):
    """Who shall become an owner: somebody who has enrolled."""

    user_id = uuid_field()


class ApproveOwnerGrantRequest(Schema):
    """Which request, and the digest of what was shown of it."""

    request_id = uuid_field()
    digest = digest_field()


class EndOwnerGrantRequest(Schema):
    """Which request."""

    request_id = uuid_field()


class OwnerGrantReply(Schema):
    """The request, and where the log recorded it or what became of it."""

    request_id = uuid_field()
    position = fields.Integer(required=True)
    receipt = receipt()


class WaitingOwnerGrant(Schema):
    """What a second person is shown, and agrees to by the digest of exactly this (shared/contracts/four_eyes.py)."""

    kind = fields.String(required=True)
    request_id = uuid_field()
    user_id = uuid_field()
    name = fields.String(required=True)
    email = fields.String(required=True)
    requested_by = uuid_field()
    expires_at = moment_field()


class ListOwnerGrantsReply(Schema):
    """What waits."""

    waiting = fields.List(fields.Nested(WaitingOwnerGrant), required=True)
