"""Requests and replies about items: what a business sells again and again, and at which price."""

from marshmallow import Schema, fields, validate

from shared.contracts.content import VAT_CATEGORIES
from shared.contracts.fields import (
    after_field,
    answered_as_of_field,
    as_of_field,
    code_field,
    currency_field,
    decimal_field,
    lines_field,
    next_page_field,
    page_after_field,
    text_field,
    uuid_field,
    version_field,
)
from shared.contracts.lists import limit_field
from shared.contracts.log import receipt
from shared.contracts.units import UNITS


class ItemSchema(Schema):
    """An item; its fields mean what those of a line do (BG-25)."""

    name = text_field(500)
    unit_price = decimal_field(9, 4)
    currency = currency_field()
    vat_category = code_field(VAT_CATEGORIES, "Not a VAT category of EN 16931.")
    vat_rate = decimal_field(3, 2)
    prices = fields.String(validate=validate.OneOf(["net", "gross"]))
    number = text_field(100, required=False)
    description = lines_field(2000)
    unit = code_field(UNITS, "Not a unit of UN/ECE Recommendation 20 or 21.", required=False, example="HUR")
    base_quantity = decimal_field(9, 4, required=False)


class RegisterItemRequest(ItemSchema):
    """A new item."""


class ItemReceipt(Schema):
    """The item as it is now; `version` is what `expected_version` is compared with."""

    item_id = uuid_field()
    position = fields.Integer(required=True)
    version = fields.Integer(required=True)
    receipt = receipt()


class ChangeItemRequest(Schema):
    """Which item, as it was when `expected_version` was read, and everything that it shall say instead."""

    item_id = uuid_field()
    expected_version = version_field()
    particulars = fields.Nested(ItemSchema, required=True)


class RetireItemRequest(Schema):
    """Which item."""

    item_id = uuid_field()
    expected_version = version_field(required=False)


class GetItemRequest(Schema):
    """Which item."""

    item_id = uuid_field()
    as_of = as_of_field()


class ItemReply(Schema):
    """An item as the next line takes from it."""

    item_id = uuid_field()
    version = fields.Integer(required=True)
    retired = fields.Boolean(required=True)
    particulars = fields.Nested(ItemSchema, required=True)


class ListItemsRequest(Schema):
    """A page of items in the order of their registration."""

    number = text_field(100, required=False)
    retired = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    after = after_field()
    as_of = as_of_field()
    page_after = page_after_field()
    limit = limit_field()


class ListItemsReply(Schema):
    """A page, all pages as of the same position."""

    items = fields.List(fields.Nested(ItemReply), required=True)
    as_of = answered_as_of_field()
    next_page = next_page_field()
