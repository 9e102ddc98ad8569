"""The kinds of fields that several contracts use."""

import re

from marshmallow import ValidationError, fields, validate

_UUID = r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z"
# No control characters, no half surrogates (they have no UTF-8), no marks that make a name read other than it is.
_ONE_LINE = r"\A[^\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]*\Z"
# Printable ASCII, as host names and addresses are.
PRINTABLE = r"\A[\x20-\x7e]*\Z"
NO_SURROGATES = r"\A[^\ud800-\udfff]*\Z"
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")


def name_field() -> fields.String:
    """Return a field for one line of 1 to 200 characters, not blank."""
    rules = [
        validate.Length(min=1, max=200),
        validate.Regexp(_ONE_LINE, error="Control characters are not allowed."),
        validate.Regexp(r"(?s).*\S", error="Blank."),
    ]
    return fields.String(required=True, validate=rules)


def email_field() -> fields.Email:
    """Return a field for an e-mail address of at most 254 characters."""
    rules = [validate.Length(max=254), validate.Regexp(_ONE_LINE, error="Control characters are not allowed.")]
    return fields.Email(required=True, validate=rules)


def password_field() -> fields.String:
    """Return a field for a password as it is typed; it is never dumped."""
    rules = [validate.Length(max=1000), validate.Regexp(NO_SURROGATES, error="Not valid text.")]
    return fields.String(required=True, validate=rules, load_only=True)


def opaque_field(longest: int) -> fields.String:
    """Return a field for a bearer string that only its maker understands."""
    return fields.String(required=True, validate=validate.Length(min=1, max=longest))


def uuid_field(*, required: bool = True) -> fields.String:
    """Return a field for a lower-case UUID."""
    return fields.String(required=required, validate=validate.Regexp(_UUID, error="Not a lower-case UUID."))


def optional_uuid_field() -> fields.String:
    """Return a field for a lower-case UUID that may be left out."""
    return fields.String(validate=validate.Regexp(_UUID, error="Not a lower-case UUID."))


def iban_field() -> fields.String:
    """Return a field for a bank account: an IBAN without spaces (ISO 13616)."""
    return fields.String(required=True, validate=_check_iban)


def digest_field() -> fields.String:
    """Return a field for a SHA-256 in lower-case hex."""
    return fields.String(required=True, validate=validate.Regexp(r"\A[0-9a-f]{64}\Z", error="Not a SHA-256."))


def moment_field() -> fields.String:
    """Return a field for a moment in a reply: RFC 3339, UTC."""
    return fields.String(required=True, metadata={"description": "RFC 3339, UTC"})


def _check_iban(iban: str) -> None:
    """ISO 13616: the rearranged number modulo 97 is 1."""
    if _IBAN.fullmatch(iban) is None:
        raise ValidationError("Not an IBAN without spaces.")
    digits = "".join(str(int(character, 36)) for character in iban[4:] + iban[:4])
    if int(digits) % 97 != 1:
        raise ValidationError("The check digits are wrong.")
