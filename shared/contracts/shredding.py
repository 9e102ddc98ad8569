"""Requests and replies about forgetting a customer. Reasons are codes: they outlive the customer's data."""

from marshmallow import Schema, fields, validate

from shared.contracts.fields import digest_field, moment_field, uuid_field
from shared.contracts.log import receipt

REASONS = ("erasure_request", "retention_ended", "unlawful_processing", "registered_in_error")
"""Why a customer is forgotten; GDPR Article 17(1): (b), (c) on request, (a) no longer needed, (d) unlawful."""
OVERRIDES = ("court_order", "authority_order", "issued_in_error")
"""Why a running retention period shall not stand in the way."""
_STATES = ("none", "awaiting_approval", "expired", "rejected", "withdrawn", "shredded")


class RequestShreddingRequest(Schema):
    """Whom to forget and why. With `override` it takes a second person, whether or not a retention period runs."""

    customer_id = uuid_field()
    reason = fields.String(required=True, validate=validate.OneOf(REASONS))
    override = fields.String(validate=validate.OneOf(OVERRIDES))


class ApproveShreddingRequest(Schema):
    """Which request to agree to: the customer's last one, by its id, so that nobody agrees to what they did not see."""

    customer_id = uuid_field()
    request_id = uuid_field()
    digest = digest_field()


class WaitingShredding(Schema):
    """What a second person is shown, and agrees to by the digest of exactly this (shared/contracts/four_eyes.py)."""

    kind = fields.String(required=True)
    request_id = uuid_field()
    customer_id = uuid_field()
    reason = fields.String(required=True)
    override = fields.String(required=True)
    requested_by = fields.String(required=True, metadata={"description": "user id"})
    expires_at = moment_field()


class ListShreddingsReply(Schema):
    """What waits."""

    waiting = fields.List(fields.Nested(WaitingShredding), required=True)


class EndShreddingRequest(Schema):
    """Which request, by customer and id."""

    customer_id = uuid_field()
    request_id = uuid_field()


class EndShreddingReply(Schema):
    """Where the log recorded that it is over."""

    position = fields.Integer(required=True)
    receipt = receipt()


class ShreddingReply(Schema):
    """The request, whether it waits for a second person or was carried out, and where the log recorded that."""

    request_id = uuid_field()
    state = fields.String(required=True, validate=validate.OneOf(["awaiting_approval", "shredded"]))
    position = fields.Integer(required=True)
    receipt = receipt()


class GetShreddingRequest(Schema):
    """One customer."""

    customer_id = uuid_field()


class ShreddingStateReply(Schema):
    """How far it has come; everything but `state` is absent while nobody has asked."""

    state = fields.String(required=True, validate=validate.OneOf(_STATES))
    request_id = uuid_field(required=False)
    reason = fields.String()
    override = fields.String()
    requested_by = fields.String(metadata={"description": "user id"})
    waiting = fields.Nested(WaitingShredding)
