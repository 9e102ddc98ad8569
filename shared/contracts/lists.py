"""Requests and replies of the list of documents (docs/reports.md)."""

from collections.abc import Mapping
from typing import Any, TypeVar

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from shared.contracts.conditions import STATES
from shared.contracts.content import DOCUMENT_TYPES
from shared.contracts.fields import (
    after_field,
    answered_as_of_field,
    as_of_field,
    currency_field,
    date_field,
    decimal_field,
    next_page_field,
    optional_uuid_field,
    page_after_field,
    text_field,
    uuid_field,
)
from shared.contracts.payments import PAYMENT_STATES

_Field = TypeVar("_Field", bound=fields.Field[Any])

MAX_PAGE = 200
ORDERS = ("drafted", "issued", "number", "issue_date", "due_date", "payable", "customer_name")
DIRECTIONS = ("ascending", "descending")
_PAIRS = (("issue_from", "issue_to"), ("due_from", "due_to"))


def limit_field() -> fields.Integer:
    """Return a field for how many rows a page has at most."""
    return fields.Integer(strict=True, load_default=50, validate=validate.Range(min=1, max=MAX_PAGE))


def some_of(values: tuple[str, ...], description: str) -> fields.List[str]:
    """Return a field for one or more of these."""
    return fields.List(
        fields.String(validate=validate.OneOf(values)),
        validate=validate.Length(1, len(values)),
        metadata={"description": description},
    )


def said(field: _Field, description: str) -> _Field:
    """Return the field with what is said of it."""
    field.metadata = {**field.metadata, "description": description}
    return field


def day_field() -> fields.String:
    """Return a field for the day on which something is judged late."""
    return date_field(required=False, description="on which day it is judged what is late; left out: today (UTC)")


class ListInvoicesRequest(Schema):
    """Which documents, in which order; all filters must fit. Bounds are included.

    `number`, `customer_name` and `reference` are found exactly, case and white space aside; `reference` is any of
    BT-10, BT-11, BT-12, BT-13 and the external reference.
    """

    customer_id = optional_uuid_field()
    customer_name = said(text_field(200, required=False), "the customer's present name, exactly")
    number = said(text_field(100, required=False), "BT-1, exactly")
    reference = said(text_field(200, required=False), "BT-10, BT-11, BT-12, BT-13 or the external reference, exactly")
    states = some_of(STATES, "how far they have come")
    document_types = some_of(DOCUMENT_TYPES, "what kind they are")
    payment_states = some_of(PAYMENT_STATES, "how issued invoices stand on `day`")
    currency = currency_field(required=False)
    issue_from = date_field(required=False, description="issue date (BT-2), first day")
    issue_to = date_field(required=False, description="issue date (BT-2), last day")
    due_from = date_field(required=False, description="due date (BT-9), first day")
    due_to = date_field(required=False, description="due date (BT-9), last day")
    amount_from = said(decimal_field(12, 2, signed=True, required=False), "least payable amount (BT-115)")
    amount_to = said(decimal_field(12, 2, signed=True, required=False), "largest payable amount (BT-115)")
    day = day_field()
    sort = fields.String(
        load_default="drafted", validate=validate.OneOf(ORDERS), metadata={"description": "by what they are ordered"}
    )
    direction = fields.String(
        load_default="ascending", validate=validate.OneOf(DIRECTIONS), metadata={"description": "in which direction"}
    )
    after = after_field()
    as_of = as_of_field()
    page_after = page_after_field()
    limit = limit_field()

    @validates_schema
    def _bounds_are_in_order(self, data: Mapping[str, str], **_: object) -> None:
        for least, most in _PAIRS:
            if data.get(least, "0") > data.get(most, "9"):
                raise ValidationError("Before the first day.", most)


class InvoiceSummary(Schema):
    """One row of a list; `payment_state` and `owed` are an issued invoice's, on the request's day."""

    invoice_id = uuid_field()
    customer_id = uuid_field()
    customer_name = fields.String(required=True)
    state = fields.String(required=True)
    document_type = fields.String(required=True)
    issue_date = fields.String(required=True)
    due_date = fields.String(required=True, metadata={"description": "BT-9, or what follows from the terms"})
    currency = fields.String(required=True)
    payable = fields.String(required=True)
    number = fields.String()
    payment_state = fields.String(
        validate=validate.OneOf(PAYMENT_STATES), metadata={"description": "how it stands on the request's day"}
    )
    owed = fields.String(metadata={"description": "what is still owed, not below zero"})


class ListInvoicesReply(Schema):
    """A page, all pages as of the same position."""

    invoices = fields.List(fields.Nested(InvoiceSummary), required=True)
    as_of = answered_as_of_field()
    next_page = next_page_field()
