"""The kinds of fields that several contracts use."""

import base64
import binascii
import re
from collections.abc import Callable, Collection
from datetime import date
from decimal import Decimal

from marshmallow import ValidationError, fields, validate

from shared.contracts.codes import COUNTRIES, CURRENCIES
from shared.contracts.identifiers import vat_id_fault

_UUID = r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z"
# No control characters, no half surrogates (they have no UTF-8), no marks that make a name read other than it is.
_DECEIVING = r"\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff"
_ONE_LINE = rf"\A[^\x00-\x1f{_DECEIVING}]*\Z"
_LINES = rf"\A[^\x00-\x09\x0b-\x1f{_DECEIVING}]*\Z"
# Printable ASCII, as host names and addresses are.
PRINTABLE = r"\A[\x20-\x7e]*\Z"
NO_SURROGATES = r"\A[^\ud800-\udfff]*\Z"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
EARLIEST_DAY, LATEST_DAY = "1900-01-01", "2200-12-31"
"""What a business dates; beyond, sums of days would leave the calendar of a computer."""
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_AN_ID = "019aa0e5-0000-7000-8000-00000000000c"


def name_field() -> fields.String:
    """Return a field for one line of 1 to 200 characters, not blank."""
    return text_field(200)


def text_field(longest: int, *, required: bool = True) -> fields.String:
    """Return a field for one line of text: 1 to `longest` characters, not blank, no control characters."""
    rules = [
        validate.Length(min=1, max=longest),
        validate.Regexp(_ONE_LINE, error="Control characters are not allowed."),
        validate.Regexp(r"(?s).*\S", error="Blank."),
    ]
    return fields.String(required=required, validate=rules)


def lines_field(longest: int) -> fields.String:
    """Return a field for text that may be left out, with line feeds, 1 to `longest` characters."""
    rules = [
        validate.Length(min=1, max=longest),
        validate.Regexp(_LINES, error="Control characters other than line feeds are not allowed."),
    ]
    return fields.String(validate=rules)


def code_field(
    codes: Collection[str], error: str, *, required: bool = True, example: str | None = None
) -> fields.String:
    """Return a field for one of a list of codes; the list itself stays out of the refusal."""
    said = {} if example is None else {"examples": [example]}
    return fields.String(required=required, validate=validate.OneOf(codes, error=error), metadata=said)


def decimal_field(
    digits: int,
    decimals: int,
    *,
    signed: bool = False,
    required: bool = True,
    amount_rule: Callable[[Decimal], None] | None = None,
) -> fields.String:
    """Return a field for a decimal as a string, with so many digits before and decimals after the point at most.

    `amount_rule` judges the number (ValidationError); it never sees a text that is none.
    """
    sign, below = ("-?", "") if signed else ("", ", not negative")
    pattern = rf"\A{sign}[0-9]{{1,{digits}}}(\.[0-9]{{1,{decimals}}})?\Z"
    error = f"A decimal string with up to {digits} digits and {decimals} decimals{below}."
    rules: list[Callable[[str], object]] = [validate.Regexp(pattern, error=error)]
    if amount_rule is not None:
        rules.append(_of_numbers(pattern, amount_rule))
    return fields.String(required=required, validate=rules, metadata={"examples": ["12.50"]})


def country_field(*, required: bool = True) -> fields.String:
    """Return a field for a country."""
    return code_field(COUNTRIES, "Not an ISO 3166-1 alpha-2 code.", required=required, example="DE")


def currency_field(*, required: bool = True) -> fields.String:
    """Return a field for a currency."""
    return code_field(CURRENCIES, "Not an ISO 4217 code.", required=required, example="EUR")


def series_field(*, required: bool = True) -> fields.String:
    """Return a field for the name of a series of numbers: up to ten capitals and digits."""
    rule = validate.Regexp(r"\A[A-Z0-9]{1,10}\Z", error="Not a series.")
    metadata = {"description": "name of a series of numbers", "examples": ["RE"]}
    return fields.String(required=required, validate=rule, metadata=metadata)


def vat_id_field(*, required: bool = True) -> fields.String:
    """Return a field for a VAT identifier with its country (BT-31, BT-48)."""
    said = {"examples": ["DE123456788"], "description": "check digits are judged where the country's are known"}
    return fields.String(required=required, validate=faultless(vat_id_fault), metadata=said)


def language_field() -> fields.String:
    """Return a field for a language that may be left out."""
    rule = validate.Regexp(r"\A[a-z]{2}\Z", error="Not an ISO 639-1 code.")
    return fields.String(validate=rule, metadata={"examples": ["de"]})


def faultless(fault: Callable[[str], str | None]) -> Callable[[str], None]:
    """Return a rule that refuses a text by the sentence that `fault` has for it."""

    def rule(text: str) -> None:
        if (said := fault(text)) is not None:
            raise ValidationError(said)

    return rule


def date_field(*, required: bool = True, description: str | None = None) -> fields.String:
    """Return a field for a day: ISO 8601, `2026-11-22`, between 1900 and 2200.

    A string, so that a reply says it as the request did.
    """
    said = {
        "format": "date",
        "examples": ["2026-11-22"],
        **({} if description is None else {"description": description}),
    }
    return fields.String(required=required, validate=_check_date, metadata=said)


def after_field() -> fields.Integer:
    """Return a field for a log position that an answer has to know."""
    said = {"description": "a position of the log that the answer has to know: a command's reply has it"}
    return fields.Integer(strict=True, validate=validate.Range(min=0), metadata=said)


def as_of_field() -> fields.Integer:
    """Return a field for the log position as of which to answer."""
    said = {"description": "answer as when the log ended there, at the end of a command; left out: as it is now"}
    return fields.Integer(strict=True, validate=validate.Range(min=0, max=2**62), metadata=said)


def page_after_field() -> fields.String:
    """Return a field for where a page begins: what the page before it named."""
    rule = validate.Regexp(r"\A[A-Za-z0-9_-]{1,4000}\Z", error="Not a page.")
    return fields.String(validate=rule, metadata={"description": "`next_page` of the page before"})


def next_page_field() -> fields.String:
    """Return a field for where the next page begins."""
    return fields.String(metadata={"description": "`page_after` of the next request; absent on the last page"})


def answered_as_of_field() -> fields.Integer:
    """Return a field for the log position that an answer is as of."""
    said = {"description": "as of which log position this is; -1: of an empty log"}
    return fields.Integer(required=True, metadata=said)


def version_field(*, required: bool = True) -> fields.Integer:
    """Return a field for the version of a document that somebody read: how many events it had."""
    return fields.Integer(strict=True, required=required, validate=validate.Range(min=1))


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
    rule = validate.Regexp(_UUID, error="Not a lower-case UUID.")
    return fields.String(required=required, validate=rule, metadata={"examples": [_AN_ID]})


def optional_uuid_field(*, nullable: bool = False) -> fields.String:
    """Return a field for a lower-case UUID that may be left out; `nullable`: which is the same as null."""
    rule = validate.Regexp(_UUID, error="Not a lower-case UUID.")
    said = {"examples": [_AN_ID]}
    if nullable:
        return fields.String(allow_none=True, load_default=None, validate=rule, metadata=said)
    return fields.String(validate=rule, metadata=said)


def iban_field(*, required: bool = True) -> fields.String:
    """Return a field for a bank account: an IBAN without spaces (ISO 13616)."""
    said = {"pattern": f"^{_IBAN.pattern}$", "examples": ["DE89370400440532013000"]}
    return fields.String(required=required, validate=_check_iban, metadata=said)


def digest_field() -> fields.String:
    """Return a field for a SHA-256 in lower-case hex."""
    rule = validate.Regexp(r"\A[0-9a-f]{64}\Z", error="Not a SHA-256.")
    return fields.String(required=True, validate=rule, metadata={"examples": ["0" * 64]})


def base64_field(longest: int) -> fields.String:
    """Return a field for 1 to `longest` bytes in base64 (RFC 4648, section 4); the text is what is loaded."""
    said = {"description": f"base64 of at most {longest} bytes", "examples": ["JVBERi0xLjcK"]}
    return fields.String(required=True, validate=_base64_check(longest), metadata=said)


def moment_field() -> fields.String:
    """Return a field for a moment in a reply: RFC 3339, UTC."""
    return fields.String(
        required=True, metadata={"description": "RFC 3339, UTC", "examples": ["2026-11-22T09:00:00.000000Z"]}
    )


def _of_numbers(form: str, rule: Callable[[Decimal], None]) -> Callable[[str], None]:
    """Return `rule` for texts of that form: marshmallow asks every rule of a field, also after one that refused."""

    def judge(text: str) -> None:
        if re.match(form, text) is not None:
            rule(Decimal(text))

    return judge


def _base64_check(longest: int) -> Callable[[str], None]:
    def check(text: str) -> None:
        try:
            size = len(base64.b64decode(text, validate=True))
        except (binascii.Error, ValueError):
            raise ValidationError("Not base64.") from None
        if not 0 < size <= longest:
            raise ValidationError(f"Between 1 and {longest} bytes.")

    return check


def _check_date(text: str) -> None:
    # The form too: since Python 3.11 the parser takes weeks and days without hyphens as well.
    try:
        valid = _DAY.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        valid = False
    if not valid:
        raise ValidationError("Not a valid ISO 8601 date.")
    if not EARLIEST_DAY <= text <= LATEST_DAY:
        raise ValidationError(f"Not between {EARLIEST_DAY} and {LATEST_DAY}.")


def _check_iban(iban: str) -> None:
    """ISO 13616: the rearranged number modulo 97 is 1."""
    if _IBAN.fullmatch(iban) is None:
        raise ValidationError("Not an IBAN without spaces.")
    digits = "".join(str(int(character, 36)) for character in iban[4:] + iban[:4])
    if int(digits) % 97 != 1:
        raise ValidationError("The check digits are wrong.")
