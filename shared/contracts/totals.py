"""The computed amounts of a document, and how each came about. All are decimal strings with two decimals."""

from collections.abc import Mapping

from marshmallow import Schema, ValidationError, fields, validates_schema

from shared.contracts.content import DraftedContentSchema
from shared.contracts.fields import optional_uuid_field


def _amount(description: str) -> fields.String:
    return fields.String(required=True, metadata={"description": description})


class VatBreakdownSchema(Schema):
    """One VAT category and rate (BG-23)."""

    category = _amount("BT-118")
    rate = _amount("BT-119, in percent, without padding")
    taxable_amount = _amount("BT-116")
    tax_amount = _amount("BT-117")
    exemption_reason = fields.String(metadata={"description": "BT-120"})
    exemption_code = fields.String(metadata={"description": "BT-121"})


class LineAmountsSchema(Schema):
    """What was computed of one line."""

    net_price = _amount("BT-146; without padding, with as many decimals as it takes")
    adjustments = fields.List(fields.String(), required=True, metadata={"description": "BT-136, BT-141"})
    net = _amount("BT-131")
    agreed = _amount("what the customer agreed to: with gross prices the amount with VAT, else `net`")


class TotalsSchema(Schema):
    """Document totals (BG-22)."""

    lines_net = _amount("BT-106")
    allowances = _amount("BT-107")
    charges = _amount("BT-108")
    net = _amount("BT-109")
    vat = _amount("BT-110")
    gross = _amount("BT-112")
    prepaid = _amount("BT-113")
    rounding = _amount("BT-114")
    payable = _amount("BT-115")
    breakdown = fields.List(fields.Nested(VatBreakdownSchema), required=True)
    lines = fields.List(fields.Nested(LineAmountsSchema), required=True)
    adjustments = fields.List(fields.String(), required=True, metadata={"description": "BT-92, BT-99"})
    accounting_vat = fields.String(metadata={"description": "BT-111"})


class ExplainTotalsRequest(Schema):
    """A document by its id, or a content that is not drafted yet."""

    invoice_id = optional_uuid_field()
    content = fields.Nested(DraftedContentSchema)

    @validates_schema
    def _one_of_them(self, data: Mapping[str, object], **_: object) -> None:
        if len({"invoice_id", "content"} & data.keys()) != 1:
            raise ValidationError("Either an id or a content is needed.", "invoice_id")


class StepSchema(Schema):
    """One amount."""

    term = _amount("which one, e.g. `BT-131`")
    words = _amount("what it is, and of what it is made")
    figures = _amount("the computation, e.g. `3 x 9.75 = 29.25`")
    amount = _amount("in the document's currency; BT-111 in the accounting currency; BT-146 is a price")
    line = fields.Integer(metadata={"description": "of which line, from 0; absent for the document"})


class ExplainTotalsReply(Schema):
    """Every amount, each after those that it is made of."""

    currency = fields.String(required=True)
    totals = fields.Nested(TotalsSchema, required=True)
    steps = fields.List(fields.Nested(StepSchema), required=True)
