"""Requests and replies about recurring plans."""

from collections.abc import Mapping

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from shared.contracts.content import ContentSchema, DraftedContentSchema
from shared.contracts.fields import (
    after_field,
    answered_as_of_field,
    as_of_field,
    date_field,
    next_page_field,
    optional_uuid_field,
    page_after_field,
    text_field,
    uuid_field,
)
from shared.contracts.lists import limit_field
from shared.contracts.log import receipt

PLAN_STATES = ("running", "paused", "ended")
INTERVALS = ("day", "week", "month", "quarter", "year")
_MOST = 1000


class ScheduleSchema(Schema):
    """When it is due: every so many intervals from `first` on, until a day or so many times, or without end."""

    first = date_field()
    interval = fields.String(required=True, validate=validate.OneOf(INTERVALS))
    every = fields.Integer(
        strict=True, validate=validate.Range(min=1, max=_MOST), metadata={"description": "so many intervals; else 1"}
    )
    until = date_field(required=False)
    times = fields.Integer(
        strict=True, validate=validate.Range(min=1, max=_MOST), metadata={"description": "how often at most"}
    )

    @validates_schema
    def _ends_after_it_begins(self, data: Mapping[str, str], **_: object) -> None:
        if data.get("until", data["first"]) < data["first"]:
            raise ValidationError("Before the first day.", "until")


class MakePlanRequest(Schema):
    """A document that is written again and again, each with the day it is due as its issue date."""

    content = fields.Nested(DraftedContentSchema, required=True)
    schedule = fields.Nested(ScheduleSchema, required=True)
    issue = fields.Boolean(metadata={"description": "issue each at once; else it waits as a draft"})


class PlanReceipt(Schema):
    """Where the log recorded it."""

    plan_id = uuid_field()
    position = fields.Integer(required=True)
    receipt = receipt()


class EndPlanRequest(Schema):
    """Which plan, and why."""

    plan_id = uuid_field()
    reason = text_field(200)


class ResumePlanRequest(Schema):
    """Which plan, and from which day on; what was due before it is left out."""

    plan_id = uuid_field()
    day = date_field()


class GetPlanRequest(Schema):
    """Which plan."""

    plan_id = uuid_field()
    as_of = as_of_field()


class PlanReply(Schema):
    """A plan and how far it is."""

    plan_id = uuid_field()
    state = fields.String(required=True, validate=validate.OneOf(PLAN_STATES))
    content = fields.Nested(ContentSchema, required=True)
    schedule = fields.Nested(ScheduleSchema, required=True)
    issue = fields.Boolean(required=True)
    next_day = fields.String(metadata={"description": "ISO 8601 date; absent when nothing more is due"})
    latest = uuid_field(required=False)
    paused_because = fields.String()


class ListPlansRequest(Schema):
    """A page of plans in the order in which they were made, of one state or customer or of all."""

    state = fields.String(validate=validate.OneOf(PLAN_STATES))
    customer_id = optional_uuid_field()
    after = after_field()
    as_of = as_of_field()
    page_after = page_after_field()
    limit = limit_field()


class PlanSummary(Schema):
    """One row of a list."""

    plan_id = uuid_field()
    customer_id = uuid_field()
    customer_name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(PLAN_STATES))
    schedule = fields.Nested(ScheduleSchema, required=True)
    issue = fields.Boolean(required=True, metadata={"description": "whether each is issued at once"})
    currency = fields.String(required=True)
    payable = fields.String(required=True, metadata={"description": "of each document"})
    next_day = fields.String(metadata={"description": "ISO 8601 date; absent when nothing more is due"})


class ListPlansReply(Schema):
    """A page, all pages as of the same position; one of a state may have less than was asked."""

    plans = fields.List(fields.Nested(PlanSummary), required=True)
    as_of = answered_as_of_field()
    next_page = next_page_field()
