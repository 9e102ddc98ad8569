"""Requests and replies about who issues, and about changing the account that customers pay into."""

from marshmallow import Schema, fields, validate

from shared.contracts.fields import (
    digest_field,
    faultless,
    iban_field,
    language_field,
    lines_field,
    moment_field,
    text_field,
    uuid_field,
    vat_id_field,
)
from shared.contracts.identifiers import bic_fault
from shared.contracts.log import receipt
from shared.contracts.parties import AddressSchema, ContactSchema, ElectronicAddressSchema, RegistrationSchema


class ConfigureSellerRequest(Schema):
    """Who issues (BG-4): all of it, but for the logo, which has a command of its own."""

    name = text_field(200)
    vat_id = vat_id_field(required=False)
    address = fields.Nested(AddressSchema, required=True)
    email = fields.Email(required=True, validate=validate.Length(max=254))
    iban = iban_field()
    bic = fields.String(validate=faultless(bic_fault), metadata={"examples": ["DEUTDEFF"]})
    account_name = text_field(100, required=False)
    trading_name = text_field(200, required=False)
    registration = fields.Nested(RegistrationSchema)
    tax_number = text_field(50, required=False)
    legal_information = lines_field(1000)
    electronic_address = fields.Nested(ElectronicAddressSchema)
    contact = fields.Nested(ContactSchema)
    language = language_field()
    colour = fields.String(
        validate=validate.Regexp(r"\A#[0-9a-f]{6}\Z", error="A colour is # and six digits 0-9 a-f."),
        metadata={"examples": ["#0b5c8f"]},
    )
    small_business = fields.Boolean(truthy={True}, falsy={False})


class SellerReply(ConfigureSellerRequest):
    """Who issues, as the next document will say it."""

    account_since = fields.String(required=True, metadata={"description": "ISO 8601 date"})
    logo = fields.String(metadata={"description": "SHA-256 of the picture on documents; absent: the name alone"})


class SellerReceipt(Schema):
    """Where the log recorded it."""

    position = fields.Integer(required=True)
    receipt = receipt()


class RequestBankAccountChangeRequest(Schema):
    """The account that customers shall pay into."""

    iban = iban_field()


class BankAccountChange(Schema):
    """What a second person is shown, and agrees to by the digest of exactly this (shared/contracts/four_eyes.py)."""

    kind = fields.String(required=True)
    request_id = uuid_field()
    seller = fields.String(required=True, metadata={"description": "name of the business"})
    old_iban = fields.String(required=True)
    new_iban = fields.String(required=True)
    requested_by = fields.String(required=True, metadata={"description": "user id"})
    expires_at = moment_field()


class BankAccountChangeReply(Schema):
    """The change that waits; nothing when none does."""

    waiting = fields.Nested(BankAccountChange)


class ApproveBankAccountChangeRequest(Schema):
    """Which request, and the digest of what was shown of it."""

    request_id = uuid_field()
    digest = digest_field()


class EndBankAccountChangeRequest(Schema):
    """Which request."""

    request_id = uuid_field()
