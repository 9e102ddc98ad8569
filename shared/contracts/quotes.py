"""Requests and replies about quotes (docs/quotes.md).

`expected_version` is the version that `get_quote` showed: when the quote changed since, the command is refused
(`concurrent_change`) instead of undoing what somebody else wrote.
"""

from collections.abc import Mapping
from decimal import Decimal

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from shared.contracts.content import ContentSchema, DraftedLineSchema
from shared.contracts.fields import (
    after_field,
    answered_as_of_field,
    as_of_field,
    date_field,
    decimal_field,
    next_page_field,
    optional_uuid_field,
    page_after_field,
    text_field,
    uuid_field,
    version_field,
)
from shared.contracts.lists import limit_field, said
from shared.contracts.log import receipt
from shared.contracts.totals import TotalsSchema

QUOTE_STATES = ("open", "expired", "accepted", "declined", "invoiced")
_HUNDRED = Decimal(100)


def _version() -> fields.Integer:
    return fields.Integer(required=True, metadata={"description": "what `expected_version` is compared with"})


def _revision() -> fields.Integer:
    return fields.Integer(required=True, metadata={"description": "from 1; the number stays"})


def _percent(*, required: bool = False) -> fields.String:
    return decimal_field(3, 2, required=required, amount_rule=_a_share)


def _a_share(percent: Decimal) -> None:
    if not 0 < percent <= _HUNDRED:
        raise ValidationError("Above zero, and 100 at most.")


class QuotedContentSchema(ContentSchema):
    """What is offered: what an invoice of it will say, as far as that is known. Its issue date is that of the offer."""

    class Meta:
        """Left out of what a draft says: it follows with the order, or is the invoice's own."""

        exclude = (
            "document_type",
            "attachments",
            "due_date",
            "tax_point_date",
            "prepaid",
            "exchange_rate",
            "preceding",
            "order_reference",
            "series",
        )


class OfferedContentSchema(QuotedContentSchema):
    """What is offered, as it is asked for: its lines may take from items."""

    lines = fields.List(fields.Nested(DraftedLineSchema), required=True, validate=validate.Length(min=1, max=1000))


class MakeQuoteRequest(Schema):
    """An offer, which gets its number at once."""

    content = fields.Nested(OfferedContentSchema, required=True)
    valid_until = date_field()
    """The last day on which it can be accepted."""


class ChangeQuoteRequest(MakeQuoteRequest):
    """What is offered instead: all of it, to the customer that the quote has."""

    quote_id = uuid_field()
    expected_version = version_field()


class OfferReceipt(Schema):
    """What is offered now, and where the log recorded it."""

    quote_id = uuid_field()
    number = fields.String(required=True)
    revision = _revision()
    version = _version()
    totals = fields.Nested(TotalsSchema, required=True)
    position = fields.Integer(required=True)
    receipt = receipt()


class ExtendQuoteRequest(Schema):
    """Until when it is valid now: later than before."""

    quote_id = uuid_field()
    valid_until = date_field()
    """The last day on which it can be accepted."""
    expected_version = version_field(required=False)


class AcceptQuoteRequest(Schema):
    """Who ordered for the customer, and when; without a day, today (UTC)."""

    quote_id = uuid_field()
    accepted_by = text_field(200)
    accepted_on = date_field(required=False)
    order_reference = text_field(100, required=False)
    """The customer's order (BT-13)."""
    expected_version = version_field(required=False)


class DeclineQuoteRequest(Schema):
    """Which quote the customer does not want, and why."""

    quote_id = uuid_field()
    reason = text_field(200)
    expected_version = version_field(required=False)


class QuoteReceipt(Schema):
    """Where the log recorded it."""

    quote_id = uuid_field()
    version = _version()
    position = fields.Integer(required=True)
    receipt = receipt()


class InvoiceQuoteRequest(Schema):
    """A deposit of so many percent; without any, the final invoice, less the deposits that were paid."""

    quote_id = uuid_field()
    deposit_percent = _percent()
    expected_version = version_field(required=False)


def _day() -> fields.String:
    return said(date_field(required=False), "on which day it is judged what is over; left out: today (UTC)")


class GetQuoteRequest(Schema):
    """Which quote."""

    quote_id = uuid_field()
    day = _day()
    as_of = as_of_field()


class QuotedInvoiceSchema(Schema):
    """An invoice that was drafted of a quote; without a percentage the final one."""

    invoice_id = uuid_field()
    deposit_percent = _percent()


class QuoteReply(Schema):
    """A quote as it is on a day: what is offered, until when, and what the customer said."""

    quote_id = uuid_field()
    number = fields.String(required=True)
    revision = _revision()
    version = _version()
    state = fields.String(required=True, validate=validate.OneOf(QUOTE_STATES))
    content = fields.Nested(QuotedContentSchema, required=True)
    totals = fields.Nested(TotalsSchema, required=True)
    valid_until = date_field()
    """The last day on which it can be accepted."""
    offered_at = fields.String(required=True)
    accepted_on = fields.String()
    accepted_by = fields.String()
    order_reference = fields.String()
    declined_because = fields.String()
    invoices = fields.List(fields.Nested(QuotedInvoiceSchema), required=True)


class ListQuotesRequest(Schema):
    """A page of quotes in the order in which they were made, of one state or customer or of all."""

    day = _day()
    after = after_field()
    as_of = as_of_field()
    page_after = page_after_field()
    limit = limit_field()
    state = fields.String(validate=validate.OneOf(QUOTE_STATES))
    customer_id = optional_uuid_field()


class QuoteSummary(Schema):
    """One row of a list."""

    quote_id = uuid_field()
    customer_id = uuid_field()
    customer_name = fields.String(required=True)
    number = fields.String(required=True)
    revision = _revision()
    state = fields.String(required=True, validate=validate.OneOf(QUOTE_STATES))
    issue_date = fields.String(required=True)
    valid_until = fields.String(required=True)
    currency = fields.String(required=True)
    payable = fields.String(required=True)


class ListQuotesReply(Schema):
    """`next_page` is the next request's `page_after`; absent on the last page. A page may have less than was asked."""

    quotes = fields.List(fields.Nested(QuoteSummary), required=True)
    as_of = answered_as_of_field()
    next_page = next_page_field()


class GetQuoteDocumentRequest(Schema):
    """The drawn quote; without a revision or a position, the latest."""

    quote_id = uuid_field()
    revision = fields.Integer(strict=True, validate=validate.Range(min=1))
    position = fields.Integer(
        strict=True,
        validate=validate.Range(min=0),
        metadata={"description": "of the event that archived the revision (`QuoteArchived`), as it was published"},
    )

    @validates_schema
    def _one_of_both(self, data: Mapping[str, object], **_: object) -> None:
        if {"revision", "position"} <= data.keys():
            raise ValidationError("Either the revision or the position.", "position")
