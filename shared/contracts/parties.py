"""What sellers and customers have in common."""

from collections.abc import Callable, Mapping

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from shared.contracts.code_lists import ADDRESS_SCHEMES, IDENTIFIER_SCHEMES
from shared.contracts.fields import code_field, country_field, faultless, text_field
from shared.contracts.identifiers import identifier_fault

_LONGEST_EMAIL = 254
_MAILBOX = "EM"
"""The electronic address scheme of e-mail."""


class AddressSchema(Schema):
    """A postal address (BG-5, BG-8)."""

    line = text_field(200)
    line_2 = text_field(200, required=False)
    line_3 = text_field(200, required=False)
    city = text_field(100)
    post_code = text_field(20)
    subdivision = text_field(100, required=False)
    country_code = country_field()


class ElectronicAddressSchema(Schema):
    """Where a party takes electronic documents (BT-34, BT-49); check digits are judged where the scheme's are known."""

    scheme = code_field(ADDRESS_SCHEMES, "Not an EAS code.", example="0088")
    identifier = text_field(_LONGEST_EMAIL)

    @validates_schema(skip_on_field_errors=True)
    def _as_its_scheme_wants(self, data: Mapping[str, str], **_: object) -> None:
        if data["scheme"] == _MAILBOX:
            _as("identifier", validate.Email(), data["identifier"])
        else:
            _identified(data)


class RegistrationSchema(Schema):
    """A party's entry in an official register (BT-30, BT-47)."""

    identifier = text_field(100)
    scheme = code_field(IDENTIFIER_SCHEMES, "Not a code of ISO/IEC 6523.", required=False, example="0002")

    @validates_schema(skip_on_field_errors=True)
    def _as_its_scheme_wants(self, data: Mapping[str, str], **_: object) -> None:
        if "scheme" in data:
            _identified(data)


class ContactSchema(Schema):
    """Whom to ask (BG-6, BG-9)."""

    name = text_field(100, required=False)
    telephone = fields.String(
        validate=validate.Regexp(r"\A\+?[0-9][0-9 ()/.-]{2,29}\Z", error="Not a telephone number: digits, a + first."),
        metadata={"examples": ["+49 40 123456"]},
    )
    email = fields.Email(validate=validate.Length(max=_LONGEST_EMAIL))


def _identified(data: Mapping[str, str]) -> None:
    scheme = data["scheme"]
    _as("identifier", faultless(lambda identifier: identifier_fault(scheme, identifier)), data["identifier"])


def _as(field: str, rule: Callable[[str], object], value: str) -> None:
    try:
        rule(value)
    except ValidationError as refused:
        raise ValidationError(refused.messages, field) from None
