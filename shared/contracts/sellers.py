"""Requests and replies about who issues, and about changing the account that customers pay into."""

from marshmallow import Schema, fields, validate

from shared.contracts.fields import digest_field, iban_field, moment_field, text_field, uuid_field, vat_id_field
from shared.contracts.log import receipt
from shared.contracts.parties import AddressSchema


class ConfigureSellerRequest(Schema):
    """Who issues (BG-4)."""

    name = text_field(200)
    vat_id = vat_id_field()
    address = fields.Nested(AddressSchema, required=True)
    email = fields.Email(required=True, validate=validate.Length(max=254))
    iban = iban_field()


class SellerReply(Schema):
    """Who issues, as the next document will say it."""

    name = fields.String(required=True)
    vat_id = fields.String(required=True)
    address = fields.Nested(AddressSchema, required=True)
    email = fields.String(required=True)
    iban = fields.String(required=True)
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
