"""Requests and replies about reminders, late interest and claims (docs/reminders.md)."""

from decimal import Decimal

from marshmallow import Schema, ValidationError, fields, validate

from shared.contracts.fields import (
    currency_field,
    date_field,
    decimal_field,
    lines_field,
    optional_uuid_field,
    text_field,
    uuid_field,
)
from shared.contracts.log import receipt

_MOST_LEVELS, _MOST_DAYS = 9, 365
_MOST_PERCENT = 100
MAX_PAGE = 100


def _days(least: int, description: str) -> fields.Integer:
    return fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(min=least, max=_MOST_DAYS),
        metadata={"description": description},
    )


def _percent_field(description: str, *, required: bool = False, signed: bool = False) -> fields.String:
    field = decimal_field(3, 4, required=required, signed=signed, amount_rule=_within_a_hundred)
    field.metadata = {**field.metadata, "description": description}
    return field


def _letter_field() -> fields.String:
    field = lines_field(2000)
    field.required = True
    return field


def _within_a_hundred(percent: Decimal) -> None:
    if abs(percent) > _MOST_PERCENT:
        raise ValidationError("Not within a hundred percent.")


def _amount(description: str) -> fields.String:
    return fields.String(required=True, metadata={"description": description})


class LevelTextSchema(Schema):
    """A level's words in one language, in the place of the form's own."""

    language = fields.String(required=True, validate=validate.Regexp(r"\A[a-z]{2}\Z", error="Not ISO 639-1."))
    title = text_field(80)
    text = _letter_field()


class ReminderLevelSchema(Schema):
    """One level: when, until when to pay, what for."""

    days = _days(1, "after the due date; from the second level on, after the reminder before it")
    term_days = _days(0, "to pay, from the reminder's day on; the next level waits for longer")
    fee = decimal_field(6, 2, required=False)
    interest = fields.Boolean(
        metadata={"description": "whether late interest and the compensation are claimed from this level on"}
    )
    texts = fields.List(fields.Nested(LevelTextSchema), validate=validate.Length(max=20))


class ReminderPolicySchema(Schema):
    """How a business reminds; fees, compensation and threshold are in its currency."""

    currency = currency_field()
    levels = fields.List(
        fields.Nested(ReminderLevelSchema), required=True, validate=validate.Length(min=1, max=_MOST_LEVELS)
    )
    least = decimal_field(9, 2, required=False)
    business_margin = _percent_field("percentage points over the base rate that a business owes; without, no interest")
    consumer_margin = _percent_field("the same of everybody else")
    compensation = decimal_field(6, 2, required=False)
    automatic = fields.Boolean(metadata={"description": "whether what is due is reminded of without a command"})


class ConfigureRemindersRequest(ReminderPolicySchema):
    """How the business reminds from now on; what is left out is nothing."""


class PositionReceipt(Schema):
    """Where the log recorded it."""

    position = fields.Integer(required=True)
    receipt = receipt()


class RecordBaseRateRequest(Schema):
    """The base rate of a half-year, as a central bank made it known; recorded again, the later one counts."""

    valid_from = date_field()
    percent = _percent_field("of a year; may be below zero", required=True, signed=True)
    source = text_field(200)


class GetReminderPolicyRequest(Schema):
    """The business's own."""


class BaseRateSchema(Schema):
    """The base rate of a half-year."""

    valid_from = fields.String(required=True)
    percent = fields.String(required=True)
    source = fields.String(required=True)


class ReminderPolicyReply(Schema):
    """What the business said; without a policy it reminds nobody."""

    policy = fields.Nested(ReminderPolicySchema)
    base_rates = fields.List(
        fields.Nested(BaseRateSchema), required=True, metadata={"description": "by half-year, the first one first"}
    )


class DueRemindersRequest(Schema):
    """As of which day, today (UTC) if none is named, and of which customer; a page after an earlier one."""

    day = date_field(required=False)
    customer_id = optional_uuid_field()
    page_after = fields.Integer(load_default=-1, strict=True, validate=validate.Range(min=-1, max=2**62))
    limit = fields.Integer(load_default=50, strict=True, validate=validate.Range(min=1, max=MAX_PAGE))


class DueReminderSchema(Schema):
    """An invoice whose next reminder is due."""

    invoice_id = uuid_field()
    customer_id = uuid_field()
    number = fields.String(required=True)
    level = fields.Integer(required=True)
    currency = fields.String(required=True)
    owed = _amount("on the invoice")
    due_date = fields.String(required=True)
    days_overdue = fields.Integer(required=True)


class DueRemindersReply(Schema):
    """`next_page` is the next request's `page_after`; absent on the last page."""

    reminders = fields.List(fields.Nested(DueReminderSchema), required=True)
    next_page = fields.Integer()


class RemindInvoiceRequest(Schema):
    """Of which invoice the customer is reminded, at the next level."""

    invoice_id = uuid_field()


class RemindCustomerRequest(Schema):
    """Which customer is reminded of everything that is due, at most fifty invoices at once."""

    customer_id = uuid_field()


class ReminderSchema(Schema):
    """A reminder and what it claims."""

    reminder_id = uuid_field()
    invoice_id = uuid_field()
    level = fields.Integer(required=True)
    day = fields.String(required=True)
    pay_by = fields.String(required=True)
    balance = _amount("owed on the invoice that day")
    fee = _amount("of this level")
    interest = _amount("up to that day, without what earlier reminders claimed")
    compensation = _amount("once an invoice")


class HoldSchema(Schema):
    """Why nobody is reminded of an invoice, and until which day, this one included."""

    reason = fields.String(required=True)
    until = fields.String(metadata={"description": "absent: until it is resumed"})


class RemindReply(Schema):
    """The reminders that were written. What one claims is owed under its own id."""

    reminders = fields.List(fields.Nested(ReminderSchema), required=True)
    position = fields.Integer(required=True)
    receipt = receipt()


class HoldRemindersRequest(Schema):
    """Of which invoice nobody is reminded, why, and until which day, this one included; else until it is resumed."""

    invoice_id = uuid_field()
    reason = text_field(200)
    until = date_field(required=False)


class ResumeRemindersRequest(Schema):
    """Of which invoice the customer may be reminded again."""

    invoice_id = uuid_field()


class WaiveClaimRequest(Schema):
    """Of which claim nothing more is owed, and why; a reminder's claim has its id."""

    claim_id = uuid_field()
    reason = text_field(200)


class ClaimReceipt(Schema):
    """Where the log recorded it."""

    claim_id = uuid_field()
    position = fields.Integer(required=True)
    receipt = receipt()


class GetReminderRequest(Schema):
    """Whose letter."""

    reminder_id = uuid_field()


class LateInterestRequest(Schema):
    """On which invoice, and up to which day, this one included; today (UTC) if none is named."""

    invoice_id = uuid_field()
    day = date_field(required=False)


class InterestLineSchema(Schema):
    """Days in a row on which balance and rate were the same."""

    first = fields.String(required=True)
    last = fields.String(required=True)
    days = fields.Integer(required=True)
    balance = _amount("owed at the end of each of these days")
    base_percent = fields.String(required=True)
    percent = fields.String(required=True)
    amount = _amount("balance x percent x days / 365, in hundredths")


class LateInterestReply(Schema):
    """What the law allows to be claimed; a reminder claims it, where its level says so."""

    invoice_id = uuid_field()
    currency = fields.String(required=True)
    last_day_to_pay = fields.String(required=True)
    lines = fields.List(fields.Nested(InterestLineSchema), required=True)
    interest = _amount("the lines' sum")
    claimed = _amount("by reminders so far")
