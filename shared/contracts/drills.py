"""Requests and replies of auth about phishing drills."""

from marshmallow import Schema, fields, validate

from shared.contracts.fields import PRINTABLE, opaque_field, uuid_field

_TEMPLATE = validate.Regexp(r"\A[a-z][a-z0-9_]{0,49}\Z", error="Not the name of a template.")
_LANGUAGE = validate.Regexp(r"\A[a-z]{2}\Z", error="Not an ISO 639-1 code.")
MOST_PEOPLE = 500
"""How many mails one drill sends: they are recorded together."""


class StartDrillRequest(Schema):
    """Which mail to send to whom; without `user_ids`, to everybody who is active (`too_many_people` above 500)."""

    template = fields.String(required=True, validate=_TEMPLATE)
    language = fields.String(load_default="en", validate=_LANGUAGE)
    user_ids = fields.List(uuid_field(), validate=validate.Length(min=1, max=MOST_PEOPLE))


class StartDrillReply(Schema):
    """The drill that was started."""

    drill_id = uuid_field()
    mails = fields.Integer(required=True)


class TemplateTitle(Schema):
    """A mail that can be sent."""

    template = fields.String(required=True)
    about = fields.String(required=True)
    module = fields.String(required=True)


class DrillTitle(Schema):
    """A drill that was started."""

    drill_id = uuid_field()
    template = fields.String(required=True)
    mails = fields.Integer(required=True)


class ListDrillsReply(Schema):
    """What can be sent, and what was sent, oldest first."""

    templates = fields.List(fields.Nested(TemplateTitle), required=True)
    drills = fields.List(fields.Nested(DrillTitle), required=True)


class DrillResultsRequest(Schema):
    """Which drill."""

    drill_id = uuid_field()


class MailedPerson(Schema):
    """Somebody to whom the mail went."""

    user_id = uuid_field()
    name = fields.String(required=True)
    followed = fields.Boolean(required=True)


class DrillResultsReply(Schema):
    """Who was mailed, and who followed the link."""

    drill_id = uuid_field()
    template = fields.String(required=True)
    mailed = fields.Integer(required=True)
    followed = fields.Integer(required=True)
    people = fields.List(fields.Nested(MailedPerson), required=True)


class FollowDrillLinkRequest(Schema):
    """The last part of the link in the mail."""

    link = opaque_field(200)
    source = fields.String(
        validate=[validate.Length(min=1, max=100), validate.Regexp(PRINTABLE, error="Not printable.")]
    )


class FollowDrillLinkReply(Schema):
    """The module that there is to learn from."""

    module = fields.String(required=True)
    title = fields.String(required=True)
    lesson = fields.String(required=True)
