"""Requests and replies about series of numbers and their register (docs/numbering.md)."""

from marshmallow import Schema, fields, validate

from shared.contracts.content import DOCUMENT_TYPES
from shared.contracts.fields import (
    after_field,
    as_of_field,
    moment_field,
    optional_uuid_field,
    series_field,
    uuid_field,
)
from shared.contracts.log import receipt

MAX_PAGE = 500
_MOST_DIGITS = 999_999_999_999


def _year(*, required: bool = False) -> fields.Integer:
    return fields.Integer(
        required=required,
        strict=True,
        validate=validate.Range(min=1900, max=9998),
        metadata={"description": "fiscal year, of a series where each has its own numbers", "examples": [2026]},
    )


def _place() -> fields.Integer:
    return fields.Integer(required=True, metadata={"description": "where in the register, from 1"})


class SeriesSchema(Schema):
    """How documents are numbered."""

    name = series_field()
    pattern = fields.String(
        required=True,
        validate=validate.Length(min=1, max=60),
        metadata={"description": "how a number is written", "examples": ["{series}-{year}-{number:05}"]},
    )
    serves = fields.List(
        fields.String(validate=validate.OneOf(DOCUMENT_TYPES)),
        validate=validate.Length(max=len(DOCUMENT_TYPES)),
        metadata={"description": "documents that come from it unless their draft names another series"},
    )
    resets = fields.Boolean(metadata={"description": "whether each fiscal year counts from 1"})
    year_starts_in = fields.Integer(
        strict=True,
        validate=validate.Range(min=1, max=12),
        metadata={"description": "month in which the fiscal year starts"},
    )
    first = fields.Integer(
        strict=True,
        validate=validate.Range(min=1, max=_MOST_DIGITS),
        metadata={"description": "the first number, for who goes on counting where another system stopped"},
    )
    first_year = _year()


class ConfigureSeriesRequest(SeriesSchema):
    """What a series is from its next number on; what is left out is as it is usual."""


class ConfigureSeriesReply(Schema):
    """Where the log recorded it."""

    position = fields.Integer(required=True)
    receipt = receipt()


class RegisterSummary(Schema):
    """One register: of a series, or of a fiscal year of one."""

    series = series_field()
    year = _year()
    taken = fields.Integer(required=True, metadata={"description": "how many numbers it has"})


class ListSeriesRequest(Schema):
    """All; `as_of` is about the registers, series are as they number now."""

    after = after_field()
    as_of = as_of_field()


class ListSeriesReply(Schema):
    """Every series as it numbers now, and every register that has numbers."""

    series = fields.List(fields.Nested(SeriesSchema), required=True, metadata={"description": "by name"})
    registers = fields.List(
        fields.Nested(RegisterSummary), required=True, metadata={"description": "by series and fiscal year"}
    )


class NumberRegisterRequest(Schema):
    """A page of one register, of the places after `page_after`."""

    series = series_field()
    year = _year()
    page_after = fields.Integer(load_default=0, strict=True, validate=validate.Range(min=0, max=2**62))
    limit = fields.Integer(load_default=100, strict=True, validate=validate.Range(min=1, max=MAX_PAGE))
    as_of = as_of_field()


class RegisteredNumber(Schema):
    """A number and what became of it; what is about the customer is missing once they were forgotten."""

    place = _place()
    sequence = fields.Integer(required=True, metadata={"description": "the figure in the number"})
    number = fields.String(required=True)
    invoice_id = uuid_field()
    document_type = fields.String(required=True)
    issue_date = fields.String(required=True)
    taken_at = moment_field()
    state = fields.String(required=True, metadata={"description": "of the document, or `forgotten`"})
    customer_id = optional_uuid_field()
    customer_name = fields.String()
    currency = fields.String()
    payable = fields.String()
    corrected_by = fields.List(fields.String(), metadata={"description": "numbers of documents that come after it"})


class RegisterFault(Schema):
    """What must never be."""

    place = _place()
    kind = fields.String(
        required=True,
        validate=validate.OneOf(["missing", "misnumbered", "double"]),
        metadata={
            "description": "missing: no number at this place; misnumbered: not the one after the place before; "
            "double: the same text stands at another place too"
        },
    )


class NumberRegisterReply(Schema):
    """`taken`: how many numbers the log has in this register; `next_page`: the next request's `page_after`."""

    numbers = fields.List(fields.Nested(RegisteredNumber), required=True, metadata={"description": "in order"})
    taken = fields.Integer(required=True, metadata={"description": "how many numbers the log has"})
    faults = fields.List(
        fields.Nested(RegisterFault), required=True, metadata={"description": "empty, or something is very wrong"}
    )
    next_page = fields.Integer()
