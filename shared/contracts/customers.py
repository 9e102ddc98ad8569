"""Requests and replies about customers: who they are, how to find them, what was issued to them."""

from collections.abc import Mapping

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from shared.contracts.fields import after_field, text_field, uuid_field, vat_id_field
from shared.contracts.log import receipt
from shared.contracts.parties import AddressSchema


class RegisterCustomerRequest(Schema):
    """Who receives (BG-7)."""

    name = text_field(200)
    email = fields.Email(required=True, validate=validate.Length(max=254))
    address = fields.Nested(AddressSchema, required=True)
    vat_id = vat_id_field(required=False)
    reference = text_field(100, required=False)


class RegisterCustomerReply(Schema):
    """The new customer."""

    customer_id = uuid_field()
    position = fields.Integer(required=True)
    receipt = receipt()


class FindCustomersRequest(Schema):
    """Exact search, case and white space aside; with both, both must be the same."""

    name = text_field(200, required=False)
    email = fields.Email(validate=validate.Length(max=254))
    after = after_field()

    @validates_schema
    def _something_is_asked(self, data: Mapping[str, object], **_: object) -> None:
        if not {"name", "email"} & data.keys():
            raise ValidationError("Name or e-mail is needed.", "name")


class FoundCustomer(Schema):
    """A customer who is known by that name or e-mail."""

    customer_id = uuid_field()
    name = fields.String(required=True)
    email = fields.String(required=True)


class FindCustomersReply(Schema):
    """At most a hundred."""

    customers = fields.List(fields.Nested(FoundCustomer), required=True)


class CustomerTotalsRequest(Schema):
    """One customer's sums."""

    customer_id = uuid_field()
    after = after_field()


class CurrencyTotals(Schema):
    """Sums of what was issued in one currency, credit notes counting negative."""

    currency = fields.String(required=True)
    invoices = fields.Integer(required=True)
    credit_notes = fields.Integer(required=True)
    net_total = fields.String(required=True)
    vat_total = fields.String(required=True)
    payable = fields.String(required=True)


class CustomerTotalsReply(Schema):
    """By currency."""

    customer_id = uuid_field()
    totals = fields.List(fields.Nested(CurrencyTotals), required=True)
