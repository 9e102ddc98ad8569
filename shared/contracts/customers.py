"""Requests and replies about customers: who they are, how to find them, what was issued to them."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from shared.contracts.fields import (
    after_field,
    as_of_field,
    currency_field,
    language_field,
    text_field,
    uuid_field,
    vat_id_field,
    version_field,
)
from shared.contracts.identifiers import buyer_reference_fault
from shared.contracts.log import receipt
from shared.contracts.parties import AddressSchema, ContactSchema, ElectronicAddressSchema, RegistrationSchema

MOST_PAYMENT_DAYS = 3650
LONGEST_CERTIFICATE = 10_000


class CustomerSchema(Schema):
    """Who receives (BG-7), and how."""

    name = text_field(200)
    email = fields.Email(required=True, validate=validate.Length(max=254))
    address = fields.Nested(AddressSchema, required=True)
    vat_id = vat_id_field(required=False)
    reference = text_field(100, required=False)
    trading_name = text_field(200, required=False)
    registration = fields.Nested(RegistrationSchema)
    electronic_address = fields.Nested(ElectronicAddressSchema)
    contact = fields.Nested(ContactSchema)
    buyer_reference = text_field(100, required=False)
    language = language_field()
    currency = currency_field(required=False)
    payment_days = fields.Integer(strict=True, validate=validate.Range(min=0, max=MOST_PAYMENT_DAYS))
    profile = fields.String(validate=validate.OneOf(["peppol", "xrechnung"]))
    delivery = fields.String(
        validate=validate.OneOf(["mail", "none"]),
        metadata={"description": "`mail`, as without it, or `none`: nothing is mailed, the business hands it over"},
    )
    encryption_key = fields.String(
        validate=validate.Length(max=200),
        metadata={"description": "an age recipient, `age1` and 58 characters: mailed files are encrypted to it"},
    )
    encryption_certificate = fields.String(
        validate=validate.Length(max=LONGEST_CERTIFICATE),
        metadata={"description": "an S/MIME certificate of this e-mail address, in PEM: mails are encrypted to it"},
    )

    @validates_schema(skip_on_field_errors=True)
    def _leitweg_id(self, data: Mapping[str, Any], **_: object) -> None:
        """German authorities route by it: a slip would send the document to nobody."""
        reference = data.get("buyer_reference")
        if reference is not None and data.get("profile") == "xrechnung" and (said := buyer_reference_fault(reference)):
            raise ValidationError(said, "buyer_reference")


class RegisterCustomerRequest(CustomerSchema):
    """A new customer."""


class RegisterCustomerReply(Schema):
    """The new customer; `version` is what `expected_version` is compared with."""

    customer_id = uuid_field()
    position = fields.Integer(required=True)
    version = fields.Integer(required=True)
    receipt = receipt()


class ChangeCustomerRequest(Schema):
    """Which customer, as it was when `expected_version` was read, and everything that it shall say instead."""

    customer_id = uuid_field()
    expected_version = version_field()
    particulars = fields.Nested(CustomerSchema, required=True)


class ChangeCustomerReply(RegisterCustomerReply):
    """The customer as it is now."""


class GetCustomerRequest(Schema):
    """Which customer."""

    customer_id = uuid_field()


class CustomerReply(Schema):
    """A customer, as the next document will say it."""

    customer_id = uuid_field()
    version = fields.Integer(required=True)
    particulars = fields.Nested(CustomerSchema, required=True)


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
    as_of = as_of_field()


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
