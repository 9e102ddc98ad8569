"""What auth tells the notifier about the mails to send: asked for by position, one mail each."""

from marshmallow import Schema, fields, validate


class NoticeRequest(Schema):
    """The position of a `NoticeDue` in auth's log of the tenant."""

    position = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))


class NoticeReply(Schema):
    """A mail: to one person, plain text."""

    recipient_name = fields.String(required=True)
    recipient_email = fields.String(required=True)
    subject = fields.String(required=True)
    text = fields.String(required=True)
