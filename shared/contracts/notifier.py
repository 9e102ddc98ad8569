"""Requests and replies of the notifier: how the mails of a tenant fare."""

from marshmallow import Schema, fields, validate


class DeliveriesRequest(Schema):
    """Which mails to count: those to customers, or the notices to the people of the business."""

    source = fields.String(load_default="invoices", validate=validate.OneOf(["invoices", "auth"]))


class DeliveriesReply(Schema):
    """How many mails are in which state. Every event that calls for a mail is in exactly one."""

    pending = fields.Integer(required=True)
    sending = fields.Integer(required=True)
    sent = fields.Integer(required=True)
    unknown_ = fields.Integer(  # marshmallow's schemas have an `unknown` of their own
        required=True,
        attribute="unknown",
        data_key="unknown",
        metadata={"description": "the connection broke at a bad moment: perhaps delivered, never sent again by itself"},
    )
    failed = fields.Integer(required=True, metadata={"description": "refused for good"})
    not_wanted = fields.Integer(
        required=True, metadata={"description": "the customer wants nothing mailed: the business hands it over"}
    )
    dead = fields.Integer(required=True, metadata={"description": "given up after days of trying"})
