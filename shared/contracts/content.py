"""What a document says beside its number, as requests give it and replies show it.

The fields are those of EN 16931, each with its number. Amounts, quantities, prices and rates travel as decimal strings
(`"12.50"`), never as numbers: JSON numbers are floats in most languages. Dates are ISO 8601 (`"2026-11-22"`). What is
checked here is the form; which values go together is the service's to judge (`line_invalid`, `document_invalid`).
"""

from collections.abc import Mapping

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from shared.contracts.code_lists import ALLOWANCE_REASONS, CHARGE_REASONS, EXEMPTION_CODES
from shared.contracts.fields import (
    code_field,
    country_field,
    currency_field,
    date_field,
    decimal_field,
    digest_field,
    language_field,
    lines_field,
    optional_uuid_field,
    series_field,
    text_field,
    uuid_field,
)
from shared.contracts.units import UNITS

VAT_CATEGORIES = ("S", "Z", "E", "AE", "K", "G", "O", "L", "M")
DOCUMENT_TYPES = ("invoice", "prepayment_invoice", "credit_note")
_REASONS = ALLOWANCE_REASONS | CHARGE_REASONS
_MEDIA_TYPES = (
    "application/pdf",
    "image/png",
    "image/jpeg",
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.spreadsheet",
)
_MOST_ADJUSTMENTS, _MOST_OTHERS = 100, 20


def _category(*, required: bool = True) -> fields.String:
    return code_field(VAT_CATEGORIES, "Not a VAT category of EN 16931.", required=required)


def _rate(*, required: bool = True) -> fields.String:
    return decimal_field(3, 2, required=required)


class PeriodSchema(Schema):
    """From the first to the last day, both included (BG-14, BG-26)."""

    start = date_field(required=False)
    end = date_field(required=False)


class AdjustmentSchema(Schema):
    """An allowance or charge of a line (BG-27, BG-28): a fixed amount or a percentage."""

    kind = fields.String(required=True, validate=validate.OneOf(["allowance", "charge"]))
    amount = decimal_field(9, 2, required=False)
    percentage = decimal_field(3, 4, required=False)
    reason = text_field(200, required=False)
    reason_code = code_field(_REASONS, "Neither a code of UNTDID 5189 nor one of 7161.", required=False)


class DocumentAdjustmentSchema(AdjustmentSchema):
    """An allowance or charge of the whole document (BG-20, BG-21)."""

    vat_category = _category()
    vat_rate = _rate()


class LineSchema(Schema):
    """An invoice line (BG-25)."""

    name = text_field(500)
    quantity = decimal_field(9, 4, signed=True)
    unit_price = decimal_field(9, 4)
    vat_category = _category()
    vat_rate = _rate()
    item_id = uuid_field(required=False)
    item_reference = text_field(100, required=False)
    unit = code_field(UNITS, "Not a unit of UN/ECE Recommendation 20 or 21.", required=False)
    base_quantity = decimal_field(9, 4, required=False)
    description = lines_field(2000)
    note = lines_field(1000)
    adjustments = fields.List(fields.Nested(AdjustmentSchema), validate=validate.Length(max=_MOST_ADJUSTMENTS))
    period = fields.Nested(PeriodSchema)
    order_line = text_field(100, required=False)
    buyer_item_reference = text_field(100, required=False)
    standard_item_id = fields.String(validate=validate.Regexp(r"\A[0-9]{8,14}\Z", error="Not a GTIN."))
    origin_country = country_field(required=False)


_SAID = ("name", "unit_price", "vat_category", "vat_rate")


class DraftedLineSchema(LineSchema):
    """A line of a draft: one that names an item takes from it what it does not say itself."""

    needs_one_of = (_SAID, ("item_id",))
    """All of one of these have to be there, as JSON Schema's `anyOf` says it (docs/rpc.md)."""
    name = text_field(500, required=False)
    unit_price = decimal_field(9, 4, required=False)
    vat_category = _category(required=False)
    vat_rate = _rate(required=False)

    @validates_schema(skip_on_field_errors=False)
    def _says_or_takes(self, data: Mapping[str, object], **_: object) -> None:
        missing = [name for name in _SAID if name not in data]
        if missing and "item_id" not in data:
            raise ValidationError({name: ["Missing data for required field."] for name in missing})


class ExemptionSchema(Schema):
    """Why a category charges no VAT (BT-120, BT-121)."""

    category = _category()
    reason = text_field(200, required=False)
    code = code_field(EXEMPTION_CODES, "Not a VATEX code.", required=False)


class EarlyPaymentSchema(Schema):
    """A discount for paying soon; it lowers no amount."""

    days = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    percentage = _rate()


class PaymentTermsSchema(Schema):
    """When to pay (BT-20)."""

    days = fields.Integer(strict=True, validate=validate.Range(min=0))
    discounts = fields.List(fields.Nested(EarlyPaymentSchema), validate=validate.Length(max=_MOST_OTHERS))
    text = lines_field(1000)


class ExchangeRateSchema(Schema):
    """What the tax total is given in as well (BT-6), by which rate, from where."""

    currency = currency_field()
    rate = decimal_field(9, 10)
    source = text_field(100)
    day = date_field()


class DeliverySchema(Schema):
    """Where and when it was delivered (BG-13)."""

    day = date_field(required=False)
    country_code = country_field(required=False)
    name = text_field(200, required=False)
    line = text_field(200, required=False)
    city = text_field(100, required=False)
    post_code = text_field(20, required=False)


class PrecedingSchema(Schema):
    """An earlier document (BG-3); the id is null for one that was issued before the business came here."""

    invoice_id = optional_uuid_field(nullable=True)
    number = text_field(100)
    issue_date = date_field(required=False)


def media_type_field() -> fields.String:
    """Return a field for the kind of a file, one of those that BT-125 permits."""
    return code_field(_MEDIA_TYPES, "Not a media type that EN 16931 permits (BT-125).", example="application/pdf")


class AttachmentSchema(Schema):
    """A supporting document (BG-24): a file that was uploaded for the customer, and what this document calls it."""

    reference = text_field(100)
    file_name = text_field(200)
    media_type = media_type_field()
    digest = digest_field()
    description = text_field(200, required=False)


class ContentSchema(Schema):
    """A document without its number; credit notes carry positive amounts."""

    document_type = fields.String(required=True, validate=validate.OneOf(DOCUMENT_TYPES))
    customer_id = uuid_field()
    issue_date = date_field()
    currency = currency_field()
    lines = fields.List(fields.Nested(LineSchema), required=True, validate=validate.Length(min=1, max=1000))
    prices = fields.String(validate=validate.OneOf(["net", "gross"]))
    adjustments = fields.List(fields.Nested(DocumentAdjustmentSchema), validate=validate.Length(max=_MOST_ADJUSTMENTS))
    exemptions = fields.List(fields.Nested(ExemptionSchema), validate=validate.Length(max=_MOST_OTHERS))
    due_date = date_field(required=False)
    payment_terms = fields.Nested(PaymentTermsSchema)
    prepaid = decimal_field(9, 2, required=False)
    payable_rounded_to = decimal_field(9, 2, required=False)
    exchange_rate = fields.Nested(ExchangeRateSchema)
    delivery = fields.Nested(DeliverySchema)
    period = fields.Nested(PeriodSchema)
    tax_point_date = date_field(required=False)
    tax_point = fields.String(
        validate=validate.OneOf(["issue", "delivery", "payment"]),
        metadata={"description": "with what the VAT becomes due (BT-8); not beside `tax_point_date` (BT-7)"},
    )
    preceding = fields.List(fields.Nested(PrecedingSchema), validate=validate.Length(max=_MOST_OTHERS))
    buyer_reference = text_field(100, required=False)
    order_reference = text_field(100, required=False)
    contract_reference = text_field(100, required=False)
    project_reference = text_field(100, required=False)
    external_reference = text_field(100, required=False)
    note = lines_field(1000)
    language = language_field()
    attachments = fields.List(fields.Nested(AttachmentSchema), validate=validate.Length(max=_MOST_OTHERS))
    series = series_field(required=False)


class DraftedContentSchema(ContentSchema):
    """What a draft shall say; its lines may take from items."""

    lines = fields.List(fields.Nested(DraftedLineSchema), required=True, validate=validate.Length(min=1, max=1000))
